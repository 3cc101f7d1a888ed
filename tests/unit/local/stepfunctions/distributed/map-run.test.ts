import { expect, test } from 'vitest';
import { aStatesPart, functionArn, machineOf, type TestStates } from '../../../../builders/a-states-part.ts';

const pass = { Type: 'Pass' };
const call = { Type: 'Task', Resource: functionArn('f') };

/** A machine with one distributed Map whose children have one state. */
const distributed = (state: object, fields: object = {}, executionType = 'STANDARD') =>
  machineOf({
    Each: {
      Type: 'Map',
      Label: 'each',
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: executionType },
        StartAt: 'One',
        States: { One: { ...state, End: true } },
      },
      ...fields,
      End: true,
    },
  });

const runOf = async (states: TestStates, executionArn: string): Promise<string> => {
  const { mapRuns } = await states.call('ListMapRuns', { executionArn });
  return Array.isArray(mapRuns) ? mapRuns[0]?.mapRunArn : '';
};

test('each item is an execution of its own; their outputs are the result', async () => {
  const states = aStatesPart();
  const arn = await states.run(distributed(pass), [3, { a: 1 }, null]);
  expect(await states.output(arn)).toEqual([3, { a: 1 }, null]);
});

test('the history tells of the map run, not of its items', async () => {
  const states = aStatesPart();
  const arn = await states.run(distributed(pass), [1, 2]);
  const events = await states.history(arn);
  expect(events.map(({ type, previousEventId }) => [type, previousEventId])).toEqual([
    ['ExecutionStarted', 0],
    ['MapStateEntered', 0],
    ['MapStateStarted', 2],
    ['MapRunStarted', 3],
    ['MapRunSucceeded', 4],
    ['MapStateSucceeded', 5],
    ['MapStateExited', 6],
    ['ExecutionSucceeded', 7],
  ]);
  expect(events[2]).toMatchObject({ mapStateStartedEventDetails: { length: 2 } });
  expect(events[3]).toMatchObject({ mapRunStartedEventDetails: { mapRunArn: await runOf(states, arn) } });
});

// https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html
test('its children are listed under the map run, with how many items each has', async () => {
  const states = aStatesPart();
  const arn = await states.run(distributed(call, { ItemBatcher: { MaxItemsPerBatch: 2 } }), [1, 2, 3]);
  const mapRunArn = await runOf(states, arn);
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
  const arn = await states.run(distributed(call, fields), [1, 2, 3, 4, 5, 6, 7]);
  const mapRunArn = await runOf(states, arn);
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
