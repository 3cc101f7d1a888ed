import { expect, test } from 'vitest';
import { aStatesPart, functionArn, machineOf } from '../../../builders/a-states-part.ts';

const waiting = machineOf({ Hold: { Type: 'Wait', Seconds: 10, End: true } });
const roleArn = 'arn:aws:iam::111111111111:role/r';
const code = (name: string) => ({ code: name });

test('creating the same machine again is harmless, another one of its name is refused', async () => {
  const states = aStatesPart();
  const first = await states.create(waiting, 'm');
  expect(await states.create(waiting, 'm')).toBe(first);
  await expect(states.create(machineOf({ A: { Type: 'Succeed' } }), 'm')).rejects.toMatchObject(
    code('StateMachineAlreadyExists'),
  );
});

test.each(['', 'a b', 'a/b', 'x'.repeat(81), 'a\u0000'])('%j is no name', async (name) => {
  const states = aStatesPart();
  await expect(states.create(waiting, name)).rejects.toMatchObject(code('InvalidName'));
});

test('a running execution keeps the definition that it started with', async () => {
  const states = aStatesPart();
  const machine = await states.create(waiting, 'm');
  const arn = await states.start(machine, { a: 1 });
  const before = await states.call('DescribeStateMachine', { stateMachineArn: machine });
  await states.clock.advance(1_000);
  const definition = JSON.stringify(machineOf({ Other: { Type: 'Pass', Result: 'new', End: true } }));
  await states.call('UpdateStateMachine', { stateMachineArn: machine, definition });
  await states.clock.advance(10_000);
  expect(await states.output(arn)).toEqual({ a: 1 });
  expect(await states.output(await states.start(machine))).toBe('new');
  const described = await states.call('DescribeStateMachineForExecution', { executionArn: arn });
  expect(described).toMatchObject({ definition: JSON.stringify(waiting), updateDate: before.creationDate });
  expect(described.revisionId).toBeUndefined();
  expect(await states.call('DescribeStateMachine', { stateMachineArn: machine })).toMatchObject({
    definition,
    status: 'ACTIVE',
    roleArn,
  });
});

test('a start is idempotent by name while it runs with the same input', async () => {
  const states = aStatesPart();
  const machine = await states.create(waiting, 'm');
  const first = await states.start(machine, { a: 1 }, 'one');
  expect(await states.start(machine, { a: 1 }, 'one')).toBe(first);
  await expect(states.start(machine, { a: 2 }, 'one')).rejects.toMatchObject(code('ExecutionAlreadyExists'));
  await states.clock.advance(10_000);
  await expect(states.start(machine, { a: 1 }, 'one')).rejects.toMatchObject(code('ExecutionAlreadyExists'));
});

test.each([
  ['no JSON', '{', 'InvalidExecutionInput'],
  ['too deep', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, 'InvalidExecutionInput'],
  ['too large', JSON.stringify('é'.repeat(131_072)), 'InvalidExecutionInput'],
])('input that is %s is refused', async (_what, input, name) => {
  const states = aStatesPart();
  const stateMachineArn = await states.create(waiting);
  await expect(states.call('StartExecution', { stateMachineArn, input })).rejects.toMatchObject(code(name));
});

test.each([
  [
    'StartExecution',
    { stateMachineArn: 'arn:aws:states:us-east-1:111111111111:stateMachine:none' },
    'StateMachineDoesNotExist',
  ],
  ['StartExecution', { stateMachineArn: 'none' }, 'InvalidArn'],
  ['StartExecution', {}, 'ValidationException'],
  ['StartExecution', null, 'ValidationException'],
  [
    'DescribeExecution',
    { executionArn: 'arn:aws:states:us-east-1:111111111111:execution:m:x' },
    'ExecutionDoesNotExist',
  ],
  ['StopExecution', { executionArn: 'x' }, 'InvalidArn'],
  ['GetExecutionHistory', { executionArn: 'arn:aws:states:us-east-1:2:execution:m:x' }, 'ExecutionDoesNotExist'],
  ['CreateStateMachine', { name: 'm', definition: '{}', roleArn }, 'InvalidDefinition'],
])('%s of %j is %s', async (operation, input, name) => {
  const states = aStatesPart();
  await expect(states.part.operations[operation]?.(input)).rejects.toMatchObject(code(name));
});

test('lists are paged, newest first, and filtered', async () => {
  const states = aStatesPart();
  const stateMachineArn = await states.create(waiting, 'm');
  for (let at = 0; at < 5; at++) await states.start(stateMachineArn, {}, `e${at}`);
  await states.call('StopExecution', { executionArn: await states.start(stateMachineArn, {}, 'stopped') });
  const first = await states.call('ListExecutions', { stateMachineArn, maxResults: 4 });
  const second = await states.call('ListExecutions', { stateMachineArn, maxResults: 4, nextToken: first.nextToken });
  const names = [first, second].flatMap(({ executions }) =>
    Array.isArray(executions) ? executions.map(({ name }) => name) : [],
  );
  expect(names).toEqual(['stopped', 'e4', 'e3', 'e2', 'e1', 'e0']);
  expect(second.nextToken).toBeUndefined();
  const stopped = await states.call('ListExecutions', { stateMachineArn, statusFilter: 'ABORTED' });
  expect(stopped.executions).toMatchObject([{ name: 'stopped' }]);
  await expect(states.call('ListExecutions', { stateMachineArn, nextToken: 'x' })).rejects.toMatchObject(
    code('InvalidToken'),
  );
});

test('a history is read forwards, backwards, in pages and without its data', async () => {
  const states = aStatesPart();
  const executionArn = await states.run(machineOf({ A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Succeed' } }), {
    a: 1,
  });
  const all = await states.history(executionArn);
  expect(all).toHaveLength(6);
  const back = await states.call('GetExecutionHistory', { executionArn, reverseOrder: true });
  expect(back.events).toEqual([...all].reverse());
  const page = await states.call('GetExecutionHistory', { executionArn, maxResults: 4 });
  const rest = await states.call('GetExecutionHistory', { executionArn, maxResults: 4, nextToken: page.nextToken });
  expect([page.events, rest.events].flat()).toEqual(all);
  const bare = await states.call('GetExecutionHistory', { executionArn, includeExecutionData: false });
  expect(JSON.stringify(bare.events)).not.toContain('\\"a\\"');
});

test('a deleted machine takes no starts; its executions end and its name can be used again', async () => {
  const states = aStatesPart();
  const stateMachineArn = await states.create(waiting, 'm');
  const arn = await states.start(stateMachineArn, {}, 'one');
  await states.call('DeleteStateMachine', { stateMachineArn });
  expect(await states.call('DescribeStateMachine', { stateMachineArn })).toMatchObject({ status: 'DELETING' });
  await expect(states.start(stateMachineArn)).rejects.toMatchObject(code('StateMachineDeleting'));
  await expect(states.create(waiting, 'm')).rejects.toMatchObject(code('StateMachineDeleting'));
  await states.clock.advance(10_000);
  expect(await states.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
  await expect(states.call('DescribeStateMachine', { stateMachineArn })).rejects.toMatchObject(
    code('StateMachineDoesNotExist'),
  );
  await states.create(waiting, 'm');
  await expect(states.start(stateMachineArn, {}, 'one')).rejects.toMatchObject(code('ExecutionAlreadyExists'));
});

test('tags are set, listed and taken off', async () => {
  const states = aStatesPart();
  const resourceArn = await states.create(waiting);
  await states.call('TagResource', {
    resourceArn,
    tags: [
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ],
  });
  await states.call('UntagResource', { resourceArn, tagKeys: ['a'] });
  expect(await states.call('ListTagsForResource', { resourceArn })).toEqual({ tags: [{ key: 'b', value: '2' }] });
});

test('the oldest finished executions are forgotten beyond the limit, never a running one', async () => {
  const states = aStatesPart({ limits: { finishedExecutions: 10 } });
  const held = await states.run(machineOf({ Work: { Type: 'Task', Resource: functionArn('f'), End: true } }));
  const machine = await states.create(machineOf({ A: { Type: 'Succeed' } }));
  const arns: string[] = [];
  for (let at = 0; at < 30; at++) arns.push(await states.start(machine));
  expect(states.part.stats().known).toBeLessThanOrEqual(12);
  expect(await states.describe(held)).toMatchObject({ status: 'RUNNING' });
  await expect(states.describe(arns[0] ?? '')).rejects.toMatchObject(code('ExecutionDoesNotExist'));
  expect(await states.describe(arns[29] ?? '')).toMatchObject({ status: 'SUCCEEDED' });
});

test('a definition is validated without being created', async () => {
  const states = aStatesPart();
  expect(await states.call('ValidateStateMachineDefinition', { definition: '{}' })).toMatchObject({ result: 'FAIL' });
  expect(await states.call('ValidateStateMachineDefinition', { definition: JSON.stringify(waiting) })).toMatchObject({
    result: 'OK',
  });
});
