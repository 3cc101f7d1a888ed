import { expect, test } from 'vitest';
import { aDistributedMap, mapRunOf } from '../../../../builders/a-distributed-map.ts';
import { expectSameAfterRestart } from '../../../../builders/a-restart.ts';
import { aStatesPart, functionArn, type TestStates } from '../../../../builders/a-states-part.ts';

const call = { Type: 'Task', Resource: functionArn('f') };

type MapRunStates = TestStates & { readonly arn: string; readonly mapRunArn: string };

/** A map run of ten items, of which one is at work; no failure is tolerated but one in ten. */
const aMapRun = async (fields: object = { MaxConcurrency: 1, ToleratedFailureCount: 1 }): Promise<MapRunStates> => {
  const states = aStatesPart();
  const arn = await states.run(aDistributedMap(call, fields), [...Array(10).keys()]);
  return { ...states, arn, mapRunArn: await mapRunOf(states, arn) };
};

const update = (states: MapRunStates, limits: object): Promise<Record<string, unknown>> =>
  states.call('UpdateMapRun', { mapRunArn: states.mapRunArn, ...limits });

test('api: UpdateMapRun.mapRunArn accept: that of a map run at work', async () => {
  expect(await update(await aMapRun(), {})).toEqual({});
});

test.each([
  ['nothing', undefined, 'ValidationException'],
  ['any text', 'x', 'InvalidArn'],
  ['one that is not there', 'arn:aws:states:us-east-1:111111111111:mapRun:m/each:none', 'ResourceNotFound'],
])('api: UpdateMapRun.mapRunArn refuse: %s', async (_what, mapRunArn, code) => {
  await expect((await aMapRun()).call('UpdateMapRun', { mapRunArn })).rejects.toMatchObject({ code });
});

test('api: UpdateMapRun.mapRunArn refuse: one that has ended', async () => {
  const states = await aMapRun();
  await states.call('StopExecution', { executionArn: states.arn });
  await expect(update(states, { maxConcurrency: 2 })).rejects.toMatchObject({ code: 'ValidationException' });
});

test('api: UpdateMapRun.mapRunArn effect: this map run has the new limits, also after a restart', async () => {
  const states = await aMapRun();
  await update(states, { maxConcurrency: 3, toleratedFailureCount: 4, toleratedFailurePercentage: 5.5 });
  expect(await states.call('DescribeMapRun', { mapRunArn: states.mapRunArn })).toMatchObject({
    maxConcurrency: 3,
    toleratedFailureCount: 4,
    toleratedFailurePercentage: 5.5,
  });
  for (let cut = 0; cut < 8; cut++) await expectSameAfterRestart(states, states.arn, cut);
});

const LIMITS: Readonly<Record<string, { readonly good: readonly number[]; readonly bad: readonly unknown[] }>> = {
  maxConcurrency: { good: [0, 1, 10_000], bad: [-1, 1.5, '1'] },
  toleratedFailureCount: { good: [0, 1, 1_000_000], bad: [-1, 1.5, '1'] },
  toleratedFailurePercentage: { good: [0, 33.3, 100], bad: [-1, 100.1, '1'] },
};

test.each(Object.entries(LIMITS).flatMap(([member, { good }]) => good.map((value) => [member, value])))(
  'api: UpdateMapRun.%s accept: %j',
  async (member, value) => {
    expect(await update(await aMapRun(), { [String(member)]: value })).toEqual({});
  },
);

test.each(Object.entries(LIMITS).flatMap(([member, { bad }]) => bad.map((value) => [member, value])))(
  'api: UpdateMapRun.%s refuse: %j',
  async (member, value) => {
    const answer = update(await aMapRun(), { [String(member)]: value });
    await expect(answer).rejects.toMatchObject({ code: 'ValidationException' });
  },
);

test('api: UpdateMapRun.maxConcurrency effect: more children start at once', async () => {
  const states = await aMapRun();
  expect(states.invocations).toHaveLength(1);
  await update(states, { maxConcurrency: 4 });
  await states.settle();
  expect(states.invocations).toHaveLength(4);
});

const failures = async (states: MapRunStates, count: number): Promise<unknown> => {
  for (let at = 0; at < count; at++) {
    states.invocations.shift()?.fail('Broken');
    await states.settle();
  }
  return (await states.describe(states.arn)).status;
};

test('api: UpdateMapRun.toleratedFailureCount effect: so many failures do not end the map run', async () => {
  expect(await failures(await aMapRun(), 2)).toBe('FAILED');
  const states = await aMapRun();
  await update(states, { toleratedFailureCount: 2 });
  expect(await failures(states, 2)).toBe('RUNNING');
  expect(await failures(states, 1)).toBe('FAILED');
});

test('api: UpdateMapRun.toleratedFailureCount effect: a lower one ends the map run at once', async () => {
  const states = await aMapRun({ MaxConcurrency: 1, ToleratedFailureCount: 5 });
  expect(await failures(states, 3)).toBe('RUNNING');
  await update(states, { toleratedFailureCount: 2 });
  await states.settle();
  expect(await states.describe(states.arn)).toMatchObject({ status: 'FAILED' });
});

test('api: UpdateMapRun.toleratedFailurePercentage effect: of all items so many may fail', async () => {
  const states = await aMapRun({ MaxConcurrency: 1, ToleratedFailurePercentage: 10 });
  await update(states, { toleratedFailurePercentage: 30 });
  expect(await failures(states, 3)).toBe('RUNNING');
  expect(await failures(states, 1)).toBe('FAILED');
});
