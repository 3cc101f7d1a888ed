import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createSfnMachines } from '../../functions/adapters/machines/sfn.ts';
import { queueUrl } from '../../functions/adapters/queues/sqs.ts';
import type { Plane } from '../../functions/catalog.ts';
import { onStepFunctions } from '../contract/machines-on-sfn.ts';
import { machinesSuite, type OpenMachines } from '../contract/machines-suite.ts';
import { awsOf, badWeather, emulators, lasting, startedEmulators } from './aws-emulators.ts';

/** The state machines of a plane on Step Functions as others have written it, over the wire. */
const running = startedEmulators();
const machine = 'process-stf';

/** Regions in turn, so that each test has executions of its own: names are used once a machine. */
const regions = [
  ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1', 'sa-east-1', 'af-south-1', 'ap-east-1'],
  ...['ap-south-1', 'ap-southeast-1', 'ap-southeast-2', 'ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3'],
  ...['eu-central-1', 'eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-north-1', 'eu-south-1', 'me-south-1'],
] as const;
const planes: readonly Plane[] = ['work', 'archive'];
const places = emulators.map(
  (name) => [name, planes.flatMap((plane) => regions.map((region) => ({ plane, region })))] as const,
);
const nextPlace = new Map(places.map(([name, all]) => [name, all.values()]));

const openAt = async (name: (typeof emulators)[number], answerWithinMs = 5_000) => {
  const emulator = running.get(name);
  const place = nextPlace.get(name)?.next().value;
  if (emulator === undefined || place === undefined) throw new RangeError(`${name} runs, and has room`);
  const { url, proxy } = emulator;
  const { plane, region } = place;
  const aws = awsOf(url, plane, region);
  const [sqs, sfn] = [new SQSClient({ ...aws, useQueueUrlAsEndpoint: false }), new SFNClient(aws)];
  onTestFinished(() => {
    sqs.destroy();
    sfn.destroy();
  });
  const machinesAt = (endpoint: string) =>
    createSfnMachines({ ...awsOf(endpoint, plane, region), answerWithinMs }, plane, region);
  const direct = machinesAt(url);
  const away = async () => machinesAt('http://127.0.0.1:1');
  const tokens = queueUrl('tokens', plane, url);
  const isUnstoppable = name === 'LocalStack';
  const given = await onStepFunctions({ sqs, sfn, machines: direct, away, plane, region, tokens, isUnstoppable });
  const opened: OpenMachines = {
    ...given,
    end: async (execution) => {
      await given.end(execution);
      // An emulator ends it a moment after it has said so.
      await expect.poll(() => direct.endOf(given.idOf(execution)), { timeout: 90_000 }).toBeDefined();
    },
  };
  onTestFinished(() => proxy.steer());
  return { opened, proxy, through: machinesAt(proxy.url) };
};

machinesSuite('Step Functions of ministack', async () => (await openAt('ministack')).opened);
// It takes a second answer of a token for a moment, and nothing comes of it; one that waits for a token it does not stop.
machinesSuite('Step Functions of LocalStack', async () => (await openAt('LocalStack')).opened, {
  repeated: ['answered', 'gone'],
  stopped: { status: 'FAILED', error: 'papilio.stopped', cause: 'anna: why' },
});

describe.each(emulators)('state machines of %s', (name) => {
  const open = async (answerWithinMs?: number) => {
    const found = await openAt(name, answerWithinMs);
    found.proxy.asked.length = 0;
    return found;
  };

  test('in bad weather: what was acknowledged was started, once, and a token is answered once', async () => {
    const { through, opened, proxy } = await open();
    const tokens: string[] = [];
    for (let at = 0; at < 10; at++) tokens.push(await opened.aToken());
    proxy.steer(badWeather(0.2, 9));
    const names = Array.from({ length: 30 }, (_, at) => `stf-${at}-p1`);
    const starts = await Promise.allSettled(names.map((one, at) => through.start(machine, one, { at })));
    const answers = await Promise.allSettled(tokens.map((token, at) => through.succeed(token, { at })));
    proxy.steer();
    for (const [at, one] of names.entries()) {
      const input = await opened.inputOf(machine, one);
      const isAcknowledged = starts[at]?.status === 'fulfilled';
      expect([{ at }, isAcknowledged ? { at } : undefined]).toContainEqual(input);
    }
    const succeeded = async (): Promise<number[]> => {
      const ends = await Promise.all(tokens.map((_, at) => opened.machines.endOf(opened.idOf(`token-${at + 1}`))));
      return tokens.flatMap((_, at) => (ends[at]?.status === 'SUCCEEDED' ? [at] : []));
    };
    const answered = tokens.flatMap((_, at) => (answers[at]?.status === 'fulfilled' ? [at] : []));
    await expect.poll(succeeded, { timeout: 90_000 }).toEqual(expect.arrayContaining(answered));
    expect(starts.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(20);
  });

  test.each(lasting)(
    'a service that %s ends in plane-unavailable, after a bounded number of tries',
    async (_, fault, tries) => {
      const { through, opened, proxy } = await open(200);
      proxy.steer(() => fault);
      const isAway = { code: 'plane-unavailable', name: 'Transient' };
      await expect(through.start(machine, 'a', {})).rejects.toMatchObject(isAway);
      expect(proxy.asked).toEqual(Array.from({ length: tries }, () => 'StartExecution'));
      await expect(through.succeed('t', {})).rejects.toMatchObject(isAway);
      await expect(through.endOf(opened.idOf('a'))).rejects.toMatchObject(isAway);
      expect(proxy.asked).toHaveLength(3 * tries);
    },
  );
});
