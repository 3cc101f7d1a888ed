import { expect, test } from 'vitest';
import { aDistributedMap, mapRunOf } from '../../../../builders/a-distributed-map.ts';
import { type AList, provePaging } from '../../../../builders/a-list.ts';
import { aStatesPart, functionArn } from '../../../../builders/a-states-part.ts';
import { oneTask } from '../../../../builders/an-execution.ts';
import { modelProblems } from '../../../../builders/api-model.ts';

const withExecutions = async (count: number): Promise<AList & { readonly stateMachineArn: string }> => {
  const states = aStatesPart();
  const stateMachineArn = await states.create(oneTask, 'm');
  for (let at = 0; at < count; at++) await states.start(stateMachineArn, {}, `e${at}`);
  await states.settle();
  return { states, stateMachineArn, input: { stateMachineArn }, add: () => states.start(stateMachineArn) };
};

provePaging('ListExecutions', withExecutions);

const namesOf = ({ executions }: Record<string, unknown>): unknown[] =>
  [executions].flat().map((each) => Object(each).name);

test('api: ListExecutions.nextToken refuse: one of another list', async () => {
  const { states, stateMachineArn } = await withExecutions(3);
  const { nextToken } = await states.call('ListExecutions', { stateMachineArn, maxResults: 1 });
  const other = { stateMachineArn, statusFilter: 'RUNNING', nextToken };
  await expect(states.call('ListExecutions', other)).rejects.toMatchObject({ code: 'InvalidToken' });
});

test('api: ListExecutions.stateMachineArn accept: that of a machine', async () => {
  const { states, stateMachineArn } = await withExecutions(1);
  await expect(states.call('ListExecutions', { stateMachineArn })).resolves.toHaveProperty('executions');
});

const machine = (name: string): string => `arn:aws:states:us-east-1:111111111111:stateMachine:${name}`;

test.each([
  ['nothing, without a map run', undefined, 'ValidationException'],
  ['an empty text', '', 'ValidationException'],
  ['more than 256 characters', machine('x'.repeat(256)), 'ValidationException'],
  ['any text', 'x', 'InvalidArn'],
  ['one that is not there', machine('none'), 'StateMachineDoesNotExist'],
])('api: ListExecutions.stateMachineArn refuse: %s', async (_what, stateMachineArn, code) => {
  const { states } = await withExecutions(1);
  await expect(states.call('ListExecutions', { stateMachineArn })).rejects.toMatchObject({ code });
});

test('api: ListExecutions.stateMachineArn effect: the executions of this machine, the latest first', async () => {
  const { states, stateMachineArn } = await withExecutions(3);
  await states.start(await states.create(oneTask, 'other'));
  const page = await states.call('ListExecutions', { stateMachineArn });
  expect(modelProblems('ListExecutionsOutput', page)).toEqual([]);
  expect(namesOf(page)).toEqual(['e2', 'e1', 'e0']);
  expect([page.executions].flat()[0]).toEqual({
    executionArn: 'arn:aws:states:us-east-1:111111111111:execution:m:e2',
    stateMachineArn,
    name: 'e2',
    status: 'RUNNING',
    startDate: states.clock.nowMs() / 1000,
    redriveCount: 0,
  });
});

const STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];

test.each(STATUSES)('api: ListExecutions.statusFilter accept: %s', async (statusFilter) => {
  const { states, stateMachineArn } = await withExecutions(1);
  await expect(states.call('ListExecutions', { stateMachineArn, statusFilter })).resolves.toHaveProperty('executions');
});

test.each(['', 'running', 'PENDING_REDRIVE'])(
  'api: ListExecutions.statusFilter refuse: %j of a machine',
  async (statusFilter) => {
    const { states, stateMachineArn } = await withExecutions(1);
    await expect(states.call('ListExecutions', { stateMachineArn, statusFilter })).rejects.toMatchObject({
      code: 'ValidationException',
    });
  },
);

test('api: ListExecutions.statusFilter effect: only executions of this status', async () => {
  const { states, stateMachineArn } = await withExecutions(3);
  states.invocations[0]?.succeed(1);
  states.invocations[1]?.fail('Broken');
  await states.settle();
  const of = async (statusFilter: string): Promise<unknown[]> =>
    namesOf(await states.call('ListExecutions', { stateMachineArn, statusFilter }));
  expect(await Promise.all(STATUSES.map(of))).toEqual([['e2'], ['e0'], ['e1'], [], []]);
});

/** A map run whose three children have failed. */
const withFailed = async () => {
  const states = aStatesPart();
  const call = { Type: 'Task', Resource: functionArn('f') };
  const arn = await states.run(aDistributedMap(call, { MaxConcurrency: 1, ToleratedFailureCount: 2 }), [0, 1, 2]);
  for (let next = states.invocations.shift(); next; next = states.invocations.shift()) {
    next.fail('Broken');
    await states.settle();
  }
  return { states, arn, mapRunArn: await mapRunOf(states, arn) };
};

test('api: ListExecutions.mapRunArn accept: that of a map run', async () => {
  const { states, mapRunArn } = await withFailed();
  await expect(states.call('ListExecutions', { mapRunArn })).resolves.toHaveProperty('executions');
});

test.each([
  ['an empty text', '', 'ValidationException'],
  ['more than 2000 characters', `arn:${'x'.repeat(2000)}`, 'ValidationException'],
  ['any text', 'x', 'InvalidArn'],
  ['one that is not there', 'arn:aws:states:us-east-1:111111111111:mapRun:m/each:none', 'ResourceNotFound'],
])('api: ListExecutions.mapRunArn refuse: %s', async (_what, mapRunArn, code) => {
  const { states } = await withFailed();
  await expect(states.call('ListExecutions', { mapRunArn })).rejects.toMatchObject({ code });
});

test('api: ListExecutions.mapRunArn refuse: together with a machine', async () => {
  const { states, arn, mapRunArn } = await withFailed();
  const { stateMachineArn } = await states.describe(arn);
  await expect(states.call('ListExecutions', { mapRunArn, stateMachineArn })).rejects.toMatchObject({
    code: 'ValidationException',
  });
});

test('api: ListExecutions.mapRunArn effect: its children, each with how many items it has', async () => {
  const { states, mapRunArn } = await withFailed();
  const { executions } = await states.call('ListExecutions', { mapRunArn, maxResults: 2 });
  expect(executions).toMatchObject([
    { mapRunArn, itemCount: 1, status: 'FAILED' },
    { mapRunArn, itemCount: 1 },
  ]);
});

test.each(['REDRIVEN', 'NOT_REDRIVEN'])('api: ListExecutions.redriveFilter accept: %s', async (redriveFilter) => {
  const { states, mapRunArn } = await withFailed();
  await expect(states.call('ListExecutions', { mapRunArn, redriveFilter })).resolves.toHaveProperty('executions');
});

test.each(['', 'redriven'])('api: ListExecutions.redriveFilter refuse: %j', async (redriveFilter) => {
  const { states, mapRunArn } = await withFailed();
  await expect(states.call('ListExecutions', { mapRunArn, redriveFilter })).rejects.toMatchObject({
    code: 'ValidationException',
  });
});

test('api: ListExecutions.redriveFilter refuse: of a machine', async () => {
  const { states, stateMachineArn } = await withExecutions(1);
  const input = { stateMachineArn, redriveFilter: 'REDRIVEN' };
  await expect(states.call('ListExecutions', input)).rejects.toMatchObject({ code: 'ValidationException' });
});

test('api: ListExecutions.redriveFilter effect: only children that were redriven, or only the others', async () => {
  const { states, arn, mapRunArn } = await withFailed();
  await states.call('RedriveExecution', { executionArn: arn });
  await states.settle();
  const count = async (filters: object): Promise<number> =>
    namesOf(await states.call('ListExecutions', { mapRunArn, ...filters })).length;
  expect(await count({ redriveFilter: 'REDRIVEN' })).toBe(1);
  expect(await count({ redriveFilter: 'NOT_REDRIVEN' })).toBe(2);
  expect(await count({ statusFilter: 'PENDING_REDRIVE' })).toBe(2);
});
