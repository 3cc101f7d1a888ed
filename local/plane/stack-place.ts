import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { answeringWithin, emulatorAnswersWithinMs } from '#lib/answering-within';
import { embedded } from '#lib/deps';
import { accounts, inboxes, type Plane } from '../../functions/catalog.ts';
import { AwsError } from '../engine/part.ts';
import { ensureFunctions } from '../stack/ministack-functions.ts';
import type { StackFile } from '../stack/stack-file.ts';
import { awsConfigOf, sqsConfigOf } from '../stack/stack-file.ts';
import { createInPlaneRunner } from './in-plane-runner.ts';
import { localFacility } from './local-facility.ts';
import type { Engineering, Place, PlaceOptions } from './place.ts';
import { queuesOf } from './queues.ts';
import { openStackDoor } from './stack-door.ts';
import { openStackFunctions } from './stack-functions.ts';
import { type OpenStack, openStackBuckets, openStackStore, stackAccess } from './stack-keeping.ts';
import { isRemembered, watchStackMemory } from './stack-memory.ts';
import { minioService } from './stack-question.ts';
import { createStackReport } from './stack-report.ts';

const sharedQueues: ReadonlySet<string> = new Set(Object.values(inboxes));

/** The plane's socket has no AWS protocol of its own to speak: the services have their endpoints. */
const noEngine = ({ endpoints }: StackFile): Engineering => ({
  call: async () => {
    throw new AwsError('InvalidAddress', `This plane works on a stack: ask ${endpoints.sqs}.`, 404);
  },
  pages: {},
});

/** A receive waits for 20 s by itself; what has not answered long after that has stopped. */
const longestPollMs = 40_000;

/** Clients of a stack's SQS, one an account: AWS lets no other read a queue without a policy. */
const queueClients = (stack: StackFile, plane: Plane) => {
  const clientFor = (account: string) =>
    new SQSClient({ maxAttempts: 3, requestHandler: answeringWithin(longestPollMs), ...sqsConfigOf(stack, account) });
  const own = clientFor(accounts[plane]);
  const shared = plane === 'archive' ? own : clientFor(accounts.archive);
  return { own, for: (queue: string) => (sharedQueues.has(queue) ? shared : own), all: new Set([own, shared]) };
};

/** A place on a stack: Step Functions, SQS and DynamoDB of an emulator, objects in MinIO. @throws store-unavailable */
export const openStackPlace = async (options: PlaceOptions, stack: OpenStack): Promise<Place> => {
  const { plane, catalog, machines, config, clock, log: logger, invoke } = options;
  const [baseUrl, machineArn] = await Promise.all([embedded.queueUrl(), embedded.machineArn()]);
  const { store, log } = await openStackStore(stack, plane, { clock, isOwner: true });
  const { archive, outputs, close: closeBuckets } = await openStackBuckets(stack, clock);
  const clients = queueClients(stack, plane);
  const sfn = new SFNClient({
    maxAttempts: 3,
    requestHandler: answeringWithin(emulatorAnswersWithinMs),
    ...awsConfigOf(stack, accounts[plane], 'sfn'),
  });
  const queueUrl: Place['queueUrl'] = (queue, of) => baseUrl(queue, of, stack.endpoints.sqs);
  if (stack.kind === 'ministack') await ensureFunctions(stack, plane);
  const inPlane = createInPlaneRunner({ plane, catalog, invoke, clock });
  const functions = await openStackFunctions(stack, { plane, catalog, config, clock, inPlane });
  const door = await openStackDoor(stack, { plane, catalog, runner: functions.runner, clock, log: logger });
  const queues = queuesOf(plane, catalog, [localFacility]);
  const marked = { sqs: clients.own, url: queueUrl(queues[0] ?? '', plane), path: `${plane}/stack-memory.json` };
  const own = Object.entries(machines).filter(([, owner]) => owner === plane);
  return {
    store,
    log,
    archive,
    outputs,
    aws: stackAccess(stack, plane),
    sfn,
    sqs: clients.own,
    sqsFor: clients.for,
    queueUrl,
    seal: stack.seal,
    engineering: noEngine(stack),
    callFor: functions.call,
    refuseCalls: door.refuse,
    watch: async (heal, isChanged) => {
      const furnish = stack.kind === 'ministack' ? () => ensureFunctions(stack, plane) : async () => undefined;
      return watchStackMemory({
        ...marked,
        clock,
        log: logger,
        heal: () => furnish().then(heal),
        isChanged,
      });
    },
    report: createStackReport({
      sqs: clients.own,
      sfn,
      queues,
      queueUrl: (queue) => queueUrl(queue, plane),
      isRemembered: (within) => isRemembered(marked, within),
      machineArns: own.map(([name]) => machineArn(name, plane, stack.region)),
      services: [
        { what: 'records', endpoint: stack.endpoints.dynamodb, ask: () => log.head() },
        minioService(stack.endpoints.s3),
      ],
      clock,
      about: { stack: stack.kind, endpoint: stack.endpoints.sfn },
    }),
    close: async () => {
      await functions.close();
      await door.close();
      for (const client of clients.all) client.destroy();
      sfn.destroy();
      closeBuckets();
      await store.close();
    },
  };
};
