import { expect, test } from 'vitest';
import { aDistributedMap, mapRunOf } from '../../../../builders/a-distributed-map.ts';
import { aStatesPart, functionArn } from '../../../../builders/a-states-part.ts';

const pass = { Type: 'Pass' };
const machineWith = (fields: object): object => {
  const map = aDistributedMap(call, { ItemsPath: '$.items', ...fields });
  const states = 'States' in map && typeof map.States === 'object' ? map.States : {};
  return { ...map, States: { ...states, After: { Type: 'Pass', End: true } } };
};
const call = { Type: 'Task', Resource: functionArn('f') };

test('each item is an execution of its own; their outputs are the result', async () => {
  const states = aStatesPart();
  const arn = await states.run(aDistributedMap(pass), [3, { a: 1 }, null]);
  expect(await states.output(arn)).toEqual([3, { a: 1 }, null]);
});

test('the history tells of the map run, not of its items', async () => {
  const states = aStatesPart();
  const arn = await states.run(aDistributedMap(pass), [1, 2]);
  const events = await states.history(arn);
  expect(events.map(({ type, previousEventId }) => [type, previousEventId])).toEqual([
    ['ExecutionStarted', 0],
    ['MapStateEntered', 0],
    ['MapStateStarted', 2],
    ['MapRunStarted', 3],
    ['MapRunSucceeded', 4],
    ['MapStateSucceeded', 5],
    ['MapStateExited', 5],
    ['ExecutionSucceeded', 7],
  ]);
  expect(events[2]).toMatchObject({ mapStateStartedEventDetails: { length: 2 } });
  expect(events[3]).toMatchObject({ mapRunStartedEventDetails: { mapRunArn: await mapRunOf(states, arn) } });
});

// https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html
test('its children are listed under the map run, with how many items each has', async () => {
  const states = aStatesPart();
  const arn = await states.run(aDistributedMap(call, { ItemBatcher: { MaxItemsPerBatch: 2 } }), [1, 2, 3]);
  const mapRunArn = await mapRunOf(states, arn);
  const listed = await states.call('ListExecutions', { mapRunArn, statusFilter: 'RUNNING' });
  expect(listed.executions).toMatchObject([
    { mapRunArn, itemCount: 1, status: 'RUNNING' },
    { mapRunArn, itemCount: 2, status: 'RUNNING', stateMachineArn: expect.stringMatching(/:stateMachine:m1\/each$/) },
  ]);
  const { stateMachineArn } = await states.describe(arn);
  const parents = await states.call('ListExecutions', { stateMachineArn });
  expect(parents.executions).toMatchObject([{ executionArn: arn }]);
  await expect(states.call('ListExecutions', { stateMachineArn, mapRunArn })).rejects.toThrow('Exactly one');
});

// https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeMapRun.html
test('items and children are counted by their state', async () => {
  const states = aStatesPart();
  const fields = { MaxConcurrency: 2, ToleratedFailureCount: 9, ItemBatcher: { MaxItemsPerBatch: 2 } };
  const arn = await states.run(aDistributedMap(call, fields), [1, 2, 3, 4, 5, 6, 7]);
  const mapRunArn = await mapRunOf(states, arn);
  states.invocations[0]?.fail('Broken');
  await states.settle();
  expect(await states.call('DescribeMapRun', { mapRunArn })).toMatchObject({
    executionArn: arn,
    mapRunArn,
    status: 'RUNNING',
    maxConcurrency: 2,
    toleratedFailureCount: 9,
    toleratedFailurePercentage: 0,
    itemCounts: { pending: 1, running: 4, failed: 2, total: 7, succeeded: 0, resultsWritten: 0 },
    executionCounts: { pending: 0, running: 2, failed: 1, total: 3 },
  });
  for (const at of [1, 2, 3]) {
    states.invocations[at]?.succeed(at);
    await states.settle();
  }
  expect(await states.call('DescribeMapRun', { mapRunArn })).toMatchObject({
    status: 'SUCCEEDED',
    itemCounts: { pending: 0, running: 0, failed: 2, succeeded: 5, total: 7 },
    executionCounts: { failed: 1, succeeded: 3, total: 4 },
    stopDate: expect.any(Number),
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/maprun-fail-threshold.html
test.each([
  ['no failure by default', {}, 0],
  ['a number of items', { ToleratedFailureCount: 2 }, 2],
  ['a share of the items', { ToleratedFailurePercentage: 50 }, 2],
  ['a share of the items by path', { ToleratedFailurePercentagePath: '$.share', ItemsPath: '$.items' }, 2],
  ['a number by path', { ToleratedFailureCountPath: '$.count', ItemsPath: '$.items' }, 1],
  ['both, the lower of which counts', { ToleratedFailureCount: 1, ToleratedFailurePercentage: 100 }, 1],
])('tolerates %s', async (_what, fields, most) => {
  const outcome = async (failures: number) => {
    const states = aStatesPart();
    const items = [1, 2, 3, 4];
    const input = 'ItemsPath' in fields ? { items, share: 50, count: 1 } : items;
    const arn = await states.run(aDistributedMap(call, fields), input);
    for (const [at, invocation] of states.invocations.entries()) {
      if (at < failures) invocation.fail('Broken', 'b');
      else invocation.succeed(at);
    }
    await states.settle();
    return states.describe(arn);
  };
  expect(await outcome(most)).toMatchObject({ status: 'SUCCEEDED' });
  expect(await outcome(most + 1)).toMatchObject({
    status: 'FAILED',
    error: 'States.ExceedToleratedFailureThreshold',
    cause: 'The specified tolerated failure threshold was exceeded',
  });
});

test('a tolerated failure stands in the result with all that is known of it', async () => {
  const states = aStatesPart();
  const arn = await states.run(aDistributedMap(call, { ToleratedFailureCount: 1 }), [1, 2]);
  states.invocations[0]?.fail('Broken', 'b');
  states.invocations[1]?.succeed('fine');
  await states.settle();
  expect(await states.output(arn)).toMatchObject([{ Error: 'Broken', Input: '1', Status: 'FAILED' }, 'fine']);
});

test('a map run that fails aborts its children, then says so in the history', async () => {
  const states = aStatesPart();
  const arn = await states.run(aDistributedMap(call), [1, 2, 3]);
  states.invocations[1]?.fail('Broken');
  await states.settle();
  const mapRunArn = await mapRunOf(states, arn);
  expect(states.invocations.map(({ signal }) => signal.aborted)).toEqual([true, false, true]);
  expect(await states.call('DescribeMapRun', { mapRunArn })).toMatchObject({
    status: 'FAILED',
    itemCounts: { aborted: 2, failed: 1, running: 0 },
  });
  expect((await states.history(arn)).slice(-3)).toMatchObject([
    { type: 'MapRunFailed', mapRunFailedEventDetails: { error: 'States.ExceedToleratedFailureThreshold' } },
    { type: 'MapStateFailed' },
    { type: 'ExecutionFailed' },
  ]);
});

test('Retry begins another map run, Catch takes its error', async () => {
  const states = aStatesPart();
  const arn = await states.run(
    machineWith({
      Retry: [{ ErrorEquals: ['States.ExceedToleratedFailureThreshold'], MaxAttempts: 1 }],
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'After' }],
    }),
    { items: [1] },
  );
  states.invocations[0]?.fail('Broken');
  await states.settle();
  await states.clock.advance(1000);
  await states.settle();
  states.invocations[1]?.fail('Broken');
  await states.settle();
  expect(await states.output(arn)).toMatchObject({ error: { Error: 'States.ExceedToleratedFailureThreshold' } });
  const { mapRuns } = await states.call('ListMapRuns', { executionArn: arn });
  expect(mapRuns).toHaveLength(2);
});

test('a stopped execution aborts its map run and the children', async () => {
  const states = aStatesPart();
  const arn = await states.run(aDistributedMap(call), [1, 2]);
  const mapRunArn = await mapRunOf(states, arn);
  await states.call('StopExecution', { executionArn: arn });
  await states.settle();
  expect(await states.call('DescribeMapRun', { mapRunArn })).toMatchObject({
    status: 'ABORTED',
    executionCounts: { aborted: 2, running: 0, total: 2 },
  });
  expect(states.part.stats().running).toBe(0);
});

test('one child can be stopped, and counts as aborted, not as failed', async () => {
  const states = aStatesPart();
  const arn = await states.run(aDistributedMap(call), [1, 2]);
  const mapRunArn = await mapRunOf(states, arn);
  const { executions } = await states.call('ListExecutions', { mapRunArn });
  const [last] = Array.isArray(executions) ? executions : [];
  await states.call('StopExecution', { executionArn: last.executionArn, error: 'Mine' });
  states.invocations[0]?.succeed(1);
  await states.settle();
  expect(await states.output(arn)).toMatchObject([1, { Status: 'ABORTED', Error: 'Mine' }]);
  expect(await states.describe(last.executionArn)).toMatchObject({ mapRunArn, status: 'ABORTED', input: '2' });
  expect((await states.history(last.executionArn)).map(({ type }) => type)).toContain('ExecutionAborted');
});

// https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateMapRun.html
test('UpdateMapRun lets more children start', async () => {
  const states = aStatesPart();
  const arn = await states.run(aDistributedMap(call, { MaxConcurrency: 1 }), [1, 2, 3]);
  const mapRunArn = await mapRunOf(states, arn);
  expect(states.invocations).toHaveLength(1);
  await states.call('UpdateMapRun', { mapRunArn, maxConcurrency: 2, toleratedFailurePercentage: 40 });
  await states.settle();
  expect(states.invocations).toHaveLength(2);
  expect(await states.call('DescribeMapRun', { mapRunArn })).toMatchObject({
    maxConcurrency: 2,
    toleratedFailurePercentage: 40,
  });
  for (const at of [0, 1, 2]) {
    states.invocations[at]?.succeed(at);
    await states.settle();
  }
  await expect(states.call('UpdateMapRun', { mapRunArn, maxConcurrency: 3 })).rejects.toMatchObject({
    code: 'ValidationException',
  });
});

test('map runs that are not there, and what is no ARN, are told apart', async () => {
  const states = aStatesPart();
  const mapRunArn = 'arn:aws:states:us-east-1:111111111111:mapRun:m1/each:none';
  await expect(states.call('DescribeMapRun', { mapRunArn })).rejects.toMatchObject({ code: 'ResourceNotFound' });
  await expect(states.call('UpdateMapRun', { mapRunArn: 'x' })).rejects.toMatchObject({ code: 'InvalidArn' });
});

test('a branch that fails aborts the map run of its neighbour', async () => {
  const states = aStatesPart();
  const map = aDistributedMap(call);
  const definition = {
    StartAt: 'Both',
    States: {
      Both: {
        Type: 'Parallel',
        Branches: [map, { StartAt: 'Other', States: { Other: { ...call, Resource: functionArn('g'), End: true } } }],
        End: true,
      },
    },
  };
  const arn = await states.run(definition, [1]);
  states.invocations.find(({ functionName }) => functionName.endsWith('g'))?.fail('Broken');
  await states.settle();
  const types = (await states.history(arn)).map(({ type }) => type);
  expect(types.slice(types.indexOf('LambdaFunctionFailed'))).toEqual([
    ...['LambdaFunctionFailed', 'MapRunAborted', 'MapStateAborted', 'ParallelStateFailed', 'ExecutionFailed'],
  ]);
  expect(await states.call('DescribeMapRun', { mapRunArn: await mapRunOf(states, arn) })).toMatchObject({
    status: 'ABORTED',
    executionCounts: { aborted: 1 },
  });
});

// https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachineForExecution.html
test('the machine of a child is the one of its Map', async () => {
  const states = aStatesPart();
  const arn = await states.run(aDistributedMap(call), [1]);
  const mapRunArn = await mapRunOf(states, arn);
  const { executions } = await states.call('ListExecutions', { mapRunArn });
  const [child] = Array.isArray(executions) ? executions : [];
  const described = await states.call('DescribeStateMachineForExecution', { executionArn: child.executionArn });
  expect(described).toMatchObject({
    mapRunArn,
    label: 'each',
    name: 'm1/each',
    stateMachineArn: expect.stringMatching(/:stateMachine:m1\/each$/),
  });
});
