import { expect, test } from 'vitest';
import { aFailed, aRunning, proveExecutionArn, type RunningStates } from '../../../../builders/an-execution.ts';
import { modelProblems } from '../../../../builders/api-model.ts';

proveExecutionArn('DescribeExecution', aRunning);

const describe = (states: RunningStates, more: object = {}): Promise<Record<string, unknown>> =>
  states.call('DescribeExecution', { executionArn: states.arn, ...more });

test('api: DescribeExecution.executionArn effect: all that is known of this execution while it runs', async () => {
  const states = await aRunning();
  const described = await describe(states);
  expect(modelProblems('DescribeExecutionOutput', described)).toEqual([]);
  expect(described).toEqual({
    executionArn: states.arn,
    stateMachineArn: states.machineArn,
    name: 'e',
    status: 'RUNNING',
    startDate: states.clock.nowMs() / 1000,
    input: '{"a":1}',
    inputDetails: { included: true },
    redriveCount: 0,
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: 'Execution is RUNNING and cannot be redriven',
  });
});

test('api: DescribeExecution.executionArn effect: its end, by output or by error and cause', async () => {
  const states = await aRunning();
  states.invocations[0]?.succeed([1]);
  await states.settle();
  expect(await describe(states)).toMatchObject({ output: '[1]', outputDetails: { included: true } });
  expect(await describe(await aFailed())).toMatchObject({
    status: 'FAILED',
    error: 'Broken',
    cause: expect.stringContaining('why'),
    stopDate: states.clock.nowMs() / 1000,
    redriveStatus: 'REDRIVABLE',
  });
});

test('api: DescribeExecution.executionArn effect: a redriven one has neither its former end nor its error', async () => {
  const states = await aFailed();
  await states.call('RedriveExecution', { executionArn: states.arn });
  const described = await describe(states);
  expect(described).toMatchObject({ status: 'RUNNING', redriveCount: 1, redriveDate: states.clock.nowMs() / 1000 });
  for (const field of ['stopDate', 'error', 'cause', 'output']) expect(described).not.toHaveProperty(field);
});

test.each(['ALL_DATA', 'METADATA_ONLY'])('api: DescribeExecution.includedData accept: %s', async (includedData) => {
  await expect(describe(await aRunning(), { includedData })).resolves.toBeDefined();
});

test.each(['', 'all_data', 1])('api: DescribeExecution.includedData refuse: %j', async (includedData) => {
  await expect(describe(await aRunning(), { includedData })).rejects.toMatchObject({ code: 'ValidationException' });
});

test('api: DescribeExecution.includedData effect: METADATA_ONLY leaves out what the execution worked on', async () => {
  const states = await aFailed();
  const all = await describe(states, { includedData: 'ALL_DATA' });
  expect(all).toEqual(await describe(states));
  const { input, inputDetails, error, cause, ...rest } = all;
  expect([input, inputDetails, error, cause]).not.toContain(undefined);
  expect(await describe(states, { includedData: 'METADATA_ONLY' })).toEqual(rest);
});
