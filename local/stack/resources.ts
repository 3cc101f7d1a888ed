import { DynamoDBClient, paginateListTables } from '@aws-sdk/client-dynamodb';
import { GetObjectLockConfigurationCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { paginateListStateMachines, SFNClient } from '@aws-sdk/client-sfn';
import { paginateListQueues, SQSClient } from '@aws-sdk/client-sqs';
import { cloud, embedded } from '#lib/deps';
import { isNamed } from '#lib/is-named';
import { systemClock } from '#lib/system-clock';
import { type BucketNoun, bucketName, bucketNouns, isLockedBucket } from '#schema/bucket';
import { storeTableNames } from '#schema/store-table';
import { accounts, catalog, machines, type Plane, planes } from '../../functions/catalog.ts';
import { localFacility } from '../plane/local-facility.ts';
import { ensureMachines } from '../plane/machines.ts';
import { addressable, ensureQueues, queuesOf } from '../plane/queues.ts';
import { ensureFunctions, functionNamesIn, functionsOf } from './ministack-functions.ts';
import { awsConfigOf, type StackFile, s3ConfigOf, sqsConfigOf } from './stack-file.ts';

const machinesFolder = new URL('../../statemachines/', import.meta.url);

const tablesOf = ({ instance, wing }: StackFile, plane: Plane) => storeTableNames({ instance, wing, plane });

/** For how long S3 itself keeps an archived STF as it was put: an administrator may end that, and nobody else. */
const archiveRetention = { mode: 'GOVERNANCE', days: 3650 } as const;

const retentionIn = async (client: S3Client, Bucket: string): Promise<unknown> => {
  try {
    const found = await client.send(new GetObjectLockConfigurationCommand({ Bucket }));
    return found.ObjectLockConfiguration?.Rule?.DefaultRetention;
  } catch (thrown) {
    if (isNamed(thrown, 'ObjectLockConfigurationNotFoundError')) return undefined;
    throw thrown;
  }
};

/** Buckets that are not there, and an archive that locks nothing: it is of an earlier papilio. */
const lackingBuckets = async (stack: StackFile): Promise<readonly BucketNoun[]> => {
  const client = new S3Client(s3ConfigOf(stack));
  try {
    const { Buckets = [] } = await client.send(new ListBucketsCommand({}));
    const names = new Set(Buckets.map(({ Name = '' }) => Name));
    const lacking = bucketNouns.filter((noun) => !names.has(bucketName(stack, noun)));
    const archive = bucketName(stack, 'archive');
    const isOpen = names.has(archive) && (await retentionIn(client, archive)) === undefined;
    return isOpen ? [...lacking, 'archive'] : lacking;
  } finally {
    client.destroy();
  }
};

const ensureBuckets = async (stack: StackFile): Promise<void> => {
  const create = await cloud.minioBucket();
  for (const noun of await lackingBuckets(stack)) {
    const lock = isLockedBucket(noun) ? { retention: archiveRetention } : {};
    await create(s3ConfigOf(stack), { bucket: bucketName(stack, noun), ...lock });
  }
};

const ensureTables = async (stack: StackFile, plane: Plane): Promise<void> => {
  const open = await cloud.dynamoStore();
  const aws = awsConfigOf(stack, accounts[plane], 'dynamodb');
  const { store } = await open({ aws, tables: tablesOf(stack, plane), clock: systemClock, createTables: true });
  await store.close();
};

/** Opens the clients of a plane for a piece of work. */
const withClients = async <T>(
  stack: StackFile,
  plane: Plane,
  work: (clients: { readonly sqs: SQSClient; readonly sfn: SFNClient }) => Promise<T>,
): Promise<T> => {
  const sqs = new SQSClient(sqsConfigOf(stack, accounts[plane]));
  const sfn = new SFNClient(awsConfigOf(stack, accounts[plane], 'sfn'));
  try {
    return await work({ sqs, sfn });
  } finally {
    sqs.destroy();
    sfn.destroy();
  }
};

const ensureQueuesAndMachines = (stack: StackFile, plane: Plane): Promise<void> =>
  withClients(stack, plane, async ({ sqs, sfn }) => {
    const { region, endpoints } = stack;
    const names = queuesOf(plane, catalog, [localFacility]);
    await ensureQueues(sqs, plane, region, names);
    const [queueUrl, machineArn] = await Promise.all([embedded.queueUrl(), embedded.machineArn()]);
    await ensureMachines(sfn, machinesFolder, {
      plane,
      region,
      catalog,
      machines,
      queues: addressable(plane, catalog, names),
      queueUrl: (queue, owner) => queueUrl(queue, owner, endpoints.sqs),
      machineArn,
    });
  });

/** Brings buckets, tables, queues and state machines of a stack to what the catalogue says. What is there stays as it is. */
export const ensureResources = async (stack: StackFile): Promise<void> => {
  await ensureBuckets(stack);
  for (const plane of planes) {
    await ensureTables(stack, plane);
    if (stack.kind === 'ministack') await ensureFunctions(stack, plane);
    await ensureQueuesAndMachines(stack, plane);
  }
};

const lacking = (kind: string, wanted: readonly string[], found: ReadonlySet<string>): string[] =>
  wanted.filter((name) => !found.has(name)).map((name) => `${kind} ${name}`);

const queueNamesIn = async (client: SQSClient): Promise<Set<string>> => {
  const names = new Set<string>();
  for await (const { QueueUrls = [] } of paginateListQueues({ client, pageSize: 1000 }, {}))
    for (const url of QueueUrls) names.add(url.slice(url.lastIndexOf('/') + 1));
  return names;
};

const machineNamesIn = async (client: SFNClient): Promise<Set<string>> => {
  const names = new Set<string>();
  for await (const page of paginateListStateMachines({ client, pageSize: 1000 }, {}))
    for (const { name = '' } of page.stateMachines ?? []) names.add(name);
  return names;
};

const missingOfPlane = (stack: StackFile, plane: Plane): Promise<string[]> =>
  withClients(stack, plane, async ({ sqs, sfn }) => {
    const queues = queuesOf(plane, catalog, [localFacility]).flatMap((name) => [name, `${name}-dlq`]);
    const own = Object.entries(machines).flatMap(([name, owner]) => (owner === plane ? [name] : []));
    const functions = stack.kind === 'ministack' ? await functionNamesIn(stack, plane) : undefined;
    return [
      ...lacking('queue', queues, await queueNamesIn(sqs)),
      ...lacking('state machine', own, await machineNamesIn(sfn)),
      ...(functions === undefined ? [] : lacking('function', functionsOf(plane), functions)),
    ];
  });

const missingTables = async (stack: StackFile, plane: Plane): Promise<string[]> => {
  const client = new DynamoDBClient(awsConfigOf(stack, accounts[plane], 'dynamodb'));
  const names = new Set<string>();
  try {
    for await (const { TableNames = [] } of paginateListTables({ client }, {}))
      for (const name of TableNames) names.add(name);
    return lacking('table', Object.values(tablesOf(stack, plane)), names);
  } finally {
    client.destroy();
  }
};

/** What a stack should have and does not, in words such as `queue broker`: its emulator began anew, or was never furnished. */
export const missingResources = async (stack: StackFile): Promise<readonly string[]> => {
  const missing = (await lackingBuckets(stack)).map((noun) => `bucket ${bucketName(stack, noun)}`);
  for (const plane of planes)
    missing.push(...(await missingTables(stack, plane)), ...(await missingOfPlane(stack, plane)));
  return missing;
};
