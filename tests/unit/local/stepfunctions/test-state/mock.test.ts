import { expect, test } from 'vitest';
import { testState } from '../../../../builders/a-state-test.ts';
import { aStatesPart, machineOf } from '../../../../builders/a-states-part.ts';

// https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html: "Mocking service integrations", "Testing Map
// and Parallel states", "Testing retry and error handling". Messages are those of AWS in LocalStack's recorded snapshots.

const debug = { inspectionLevel: 'DEBUG' };
const invoke = {
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: 'f', 'Payload.$': '$' },
  End: true,
};
const errorOutput = { error: 'Lambda.TooManyRequestsException', cause: 'Rate exceeded' };
const failing = { mock: { errorOutput } };

test('a mocked result is the raw result of the task; nothing is called', async () => {
  const states = aStatesPart();
  const result = { Payload: { statusCode: 200 } };
  const definition = { ...invoke, ResultSelector: { 'code.$': '$.Payload.statusCode' }, ResultPath: '$.r' };
  expect(await testState(states, definition, { input: { key: 1 }, result, ...debug })).toEqual({
    status: 'SUCCEEDED',
    output: { key: 1, r: { code: 200 } },
    seen: {
      input: { key: 1 },
      afterInputPath: { key: 1 },
      afterParameters: { FunctionName: 'f', Payload: { key: 1 } },
      result,
      afterResultSelector: { code: 200 },
      afterResultPath: { key: 1, r: { code: 200 } },
    },
  });
  expect(states.invocations).toEqual([]);
});

test('a mocked error that nobody handles', async () => {
  expect(await testState(aStatesPart(), invoke, failing)).toEqual({ status: 'FAILED', ...errorOutput });
});

test('a mocked error that is caught: where it goes, with what, and by which Catch', async () => {
  const Catch = [
    { ErrorEquals: ['Other'], Next: 'No' },
    { ErrorEquals: [errorOutput.error], ResultPath: '$.error', Next: 'HandleThrottling' },
  ];
  const definition = { ...invoke, Catch };
  expect(await testState(aStatesPart(), definition, { input: { data: 'value' }, ...failing, ...debug })).toMatchObject({
    status: 'CAUGHT_ERROR',
    nextState: 'HandleThrottling',
    ...errorOutput,
    output: { data: 'value', error: { Error: errorOutput.error, Cause: errorOutput.cause } },
    seen: { errorDetails: { catchIndex: 1 } },
  });
});

const Retry = [
  { ErrorEquals: ['Other'] },
  { ErrorEquals: [errorOutput.error], IntervalSeconds: 2, MaxAttempts: 3, BackoffRate: 2 },
];

// The page's own example: a backoff of 4 seconds, 2 × 2.0^1, at retrierRetryCount 1.
test.each([
  [0, 2],
  [1, 4],
  [2, 8],
])('at attempt %i a matching Retry waits %i s', async (retrierRetryCount, seconds) => {
  const request = { ...failing, ...debug, stateConfiguration: { retrierRetryCount } };
  expect(await testState(aStatesPart(), { ...invoke, Retry }, request)).toMatchObject({
    status: 'RETRIABLE',
    ...errorOutput,
    seen: { errorDetails: { retryIndex: 1, retryBackoffIntervalSeconds: seconds } },
  });
});

test('when its retries are used up, an error is caught, or fails', async () => {
  const request = { ...failing, stateConfiguration: { retrierRetryCount: 3 } };
  const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Mend' }];
  expect(await testState(aStatesPart(), { ...invoke, Retry, Catch }, request)).toMatchObject({
    status: 'CAUGHT_ERROR',
    nextState: 'Mend',
  });
  expect(await testState(aStatesPart(), { ...invoke, Retry }, request)).toMatchObject({ status: 'FAILED' });
});

test('an asynchronous task is tested by its mock, with the token that the context gives', async () => {
  const definition = {
    Type: 'Task',
    Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
    Parameters: { QueueUrl: 'q', MessageBody: { 'token.$': '$$.Task.Token' } },
    ResultPath: '$.SQS',
    Next: 'Then',
  };
  const context = JSON.stringify({ Task: { Token: 'abcd123' } });
  expect(await testState(aStatesPart(), definition, { input: {}, result: { ok: 1 }, context, ...debug })).toMatchObject(
    {
      status: 'SUCCEEDED',
      nextState: 'Then',
      output: { SQS: { ok: 1 } },
      seen: { afterParameters: { QueueUrl: 'q', MessageBody: { token: 'abcd123' } } },
    },
  );
});

const processor = machineOf({ Do: { Type: 'Pass', End: true } });
const map = {
  Type: 'Map',
  ItemsPath: '$.items',
  ItemSelector: { 'value.$': '$$.Map.Item.Value', 'index.$': '$$.Map.Item.Index', 'k.$': '$.k' },
  ItemProcessor: processor,
  ResultPath: '$.out',
  End: true,
};

test('a Map: its items, what its selector makes of each, and its output, without running one', async () => {
  const input = { items: ['a', 'b'], k: 7 };
  const definition = { ...map, MaxConcurrency: 3, ToleratedFailurePercentage: 50 };
  expect(await testState(aStatesPart(), definition, { input, result: [10, 20, 30], ...debug })).toEqual({
    status: 'SUCCEEDED',
    output: { ...input, out: [10, 20, 30] },
    seen: {
      input,
      afterInputPath: input,
      afterItemsPath: ['a', 'b'],
      afterItemSelector: [
        { value: 'a', index: 0, k: 7 },
        { value: 'b', index: 1, k: 7 },
      ],
      afterResultSelector: [10, 20, 30],
      afterResultPath: { ...input, out: [10, 20, 30] },
      maxConcurrency: 3,
      toleratedFailurePercentage: 50,
    },
  });
});

test('a Map whose items are none fails as it would', async () => {
  expect(await testState(aStatesPart(), map, { input: { items: 1 }, result: [], ...debug })).toEqual({
    status: 'FAILED',
    error: 'States.Runtime',
    cause: expect.stringMatching(/^Reference path "\$\.items" must point to array/),
    seen: { input: { items: 1 }, afterInputPath: { items: 1 } },
  });
});

test.each([
  ['count below', { ToleratedFailureCount: 1 }, 1, 'SUCCEEDED'],
  ['count above', { ToleratedFailureCount: 1 }, 2, 'CAUGHT_ERROR'],
  ['percentage below', { ToleratedFailurePercentage: 67 }, 2, 'SUCCEEDED'],
  ['percentage above', { ToleratedFailurePercentage: 66 }, 2, 'CAUGHT_ERROR'],
  // As AWS does, LocalStack's snapshot `test_map_state_failure_count[INFO-BASE_MAP_STATE]`.
  ['nothing tolerated, nothing asked', {}, 3, 'SUCCEEDED'],
])('failed items of a Map, %s the threshold', async (_what, limit, mapIterationFailureCount, status) => {
  const Catch = [{ ErrorEquals: ['States.ExceedToleratedFailureThreshold'], ResultPath: '$.e', Next: 'Mend' }];
  const definition = { ...map, ItemSelector: undefined, ...limit, Catch };
  const stateConfiguration = { mapIterationFailureCount };
  const input = { items: [1, 2, 3] };
  const told = await testState(aStatesPart(), definition, { input, result: [0, 0, 1], stateConfiguration });
  expect(told.status).toBe(status);
  if (status === 'CAUGHT_ERROR') {
    expect(told.cause).toBe('The specified tolerated failure threshold was exceeded');
  }
});

test('a mocked error of a Map goes before its threshold', async () => {
  const definition = { ...map, ItemSelector: undefined, ToleratedFailureCount: 0 };
  const stateConfiguration = { mapIterationFailureCount: 1, errorCausedByState: 'Do' };
  expect(
    await testState(aStatesPart(), definition, { input: { items: [1] }, ...failing, stateConfiguration }),
  ).toMatchObject({ status: 'FAILED', error: errorOutput.error });
});

test('a Parallel state: a result for each of its branches', async () => {
  const definition = { Type: 'Parallel', Branches: [processor, machineOf({ Too: { Type: 'Succeed' } })], Next: 'Then' };
  const told = await testState(aStatesPart(), definition, { input: { a: 1 }, result: ['x', 'y'], ...debug });
  expect(told).toMatchObject({ status: 'SUCCEEDED', nextState: 'Then', output: ['x', 'y'] });
});
