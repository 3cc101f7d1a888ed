import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateQueueCommand, DeleteQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { silentLog } from '#lib/log';
import { queueUrl } from '../../../../functions/adapters/queues/sqs.ts';
import { isRemembered, watchStackMemory } from '../../../../local/plane/stack-memory.ts';
import { aPlaneEngine } from '../../../builders/a-plane-engine.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';

/** A plane's queue, and how often it was healed; `fail` has the next healing fail. */
const aWatchedPlane = async (log = silentLog) => {
  const { aws } = await aPlaneEngine('work');
  const sqs = new SQSClient(aws);
  const folder = mkdtempSync(join(tmpdir(), 'papilio-memory-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const url = queueUrl('broker', 'work');
  const create = () => sqs.send(new CreateQueueCommand({ QueueName: 'broker' }));
  await create();
  const state = { healed: 0, fail: false, changed: false };
  const heal = async () => {
    if (state.fail) throw new Error('not yet');
    await create();
    state.healed += 1;
    state.changed = false;
  };
  const clock = fakeClock();
  const options = {
    sqs,
    url,
    path: join(folder, 'memory.json'),
    clock,
    log,
    heal,
    isChanged: async () => state.changed,
  };
  return {
    ...options,
    state,
    lose: () => sqs.send(new DeleteQueueCommand({ QueueUrl: url })),
    watch: async () => {
      const end = await watchStackMemory(options);
      onTestFinished(end);
      return end;
    },
    /** Turns to the next look and waits for what it comes to. */
    nextLook: async () => {
      await clock.advance(5_000);
      await clock.whenTimers(1);
    },
  };
};

test('a stack that is new to a plane is marked, and nothing is healed', async () => {
  const plane = await aWatchedPlane();
  expect(await isRemembered(plane)).toBe(false);
  await plane.watch();
  expect(plane.state.healed).toBe(0);
  expect(await isRemembered(plane)).toBe(true);
});

test('a stack that stays is never healed, over a restart of the plane too', async () => {
  const plane = await aWatchedPlane();
  const end = await plane.watch();
  await plane.nextLook();
  await end();
  await plane.watch();
  expect(plane.state.healed).toBe(0);
});

test('a queue that is gone is noticed at the next look, and healed once', async () => {
  const plane = await aWatchedPlane();
  await plane.watch();
  await plane.lose();
  expect(await isRemembered(plane)).toBe(false);
  await plane.nextLook();
  expect(plane.state.healed).toBe(1);
  expect(await isRemembered(plane)).toBe(true);
  await plane.nextLook();
  expect(plane.state.healed).toBe(1);
});

test('what could not be healed is not remembered, and is healed at a later look', async () => {
  const plane = await aWatchedPlane();
  await plane.watch();
  await plane.lose();
  plane.state.fail = true;
  await plane.nextLook();
  expect(await isRemembered(plane)).toBe(false);
  plane.state.fail = false;
  await plane.nextLook();
  expect(plane.state.healed).toBe(1);
  expect(await isRemembered(plane)).toBe(true);
});

test('why it is not healed yet is said, once for a reason', async () => {
  const said: unknown[] = [];
  const plane = await aWatchedPlane({ ...silentLog, warn: (facts) => void said.push(facts) });
  await plane.watch();
  await plane.lose();
  plane.state.fail = true;
  for (let looks = 0; looks < 3; looks++) await plane.nextLook();
  expect(said).toEqual([{ reason: 'Error: not yet' }]);
});

test('what was lost while the plane did not run is healed as it begins', async () => {
  const plane = await aWatchedPlane();
  await (await plane.watch())();
  await plane.lose();
  await plane.watch();
  expect(plane.state.healed).toBe(1);
});

test('what somebody has changed is healed at the next look', async () => {
  const plane = await aWatchedPlane();
  await plane.watch();
  plane.state.changed = true;
  await plane.nextLook();
  expect(plane.state.healed).toBe(1);
  await plane.nextLook();
  expect(plane.state.healed).toBe(1);
});

test('what an earlier papilio sent had no seal: it is sent again, once', async () => {
  const plane = await aWatchedPlane();
  const end = await plane.watch();
  await end();
  const { mark } = JSON.parse(readFileSync(plane.path, 'utf8'));
  writeFileSync(plane.path, JSON.stringify({ mark }));
  expect(await isRemembered(plane)).toBe(false);
  await plane.watch();
  expect(plane.state.healed).toBe(1);
  expect(await isRemembered(plane)).toBe(true);
});
