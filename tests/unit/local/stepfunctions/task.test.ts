import { expect, test } from 'vitest';
import { AwsError } from '../../../../local/engine/part.ts';
import { aStatesPart, functionArn, machineOf } from '../../../builders/a-states-part.ts';

const task = (fields: object) => machineOf({ Work: { Type: 'Task', ...fields, End: true } });
const plain = (fields: object = {}) => task({ Resource: functionArn('double'), ...fields });
const invoke = (fields: object = {}) =>
  task({
    Resource: 'arn:aws:states:::lambda:invoke',
    Parameters: { FunctionName: functionArn('double'), 'Payload.$': '$' },
    ...fields,
  });

test('a function ARN gets the input and gives the bare result', async () => {
  const states = aStatesPart();
  const arn = await states.run(plain(), { a: 1 });
  expect(states.invocations).toMatchObject([{ functionName: 'double', payload: { a: 1 } }]);
  states.invocations[0]?.succeed({ b: 2 });
  await states.settle();
  expect(await states.output(arn)).toEqual({ b: 2 });
  expect((await states.history(arn)).map(({ id, previousEventId, type }) => [id, previousEventId, type])).toEqual([
    [1, 0, 'ExecutionStarted'],
    [2, 0, 'TaskStateEntered'],
    [3, 2, 'LambdaFunctionScheduled'],
    [4, 3, 'LambdaFunctionStarted'],
    [5, 4, 'LambdaFunctionSucceeded'],
    [6, 5, 'TaskStateExited'],
    [7, 6, 'ExecutionSucceeded'],
  ]);
});

test("lambda:invoke gives the result in Lambda's envelope", async () => {
  const states = aStatesPart();
  const arn = await states.run(
    invoke({ ResultSelector: { 'r.$': '$.Payload.b', 's.$': '$.StatusCode' }, ResultPath: '$.x' }),
    { a: 1 },
  );
  states.invocations[0]?.succeed({ b: 2 });
  await states.settle();
  expect(await states.output(arn)).toEqual({ a: 1, x: { r: 2, s: 200 } });
  const events = await states.history(arn);
  expect(events.map(({ type }) => type)).toEqual([
    'ExecutionStarted',
    'TaskStateEntered',
    'TaskScheduled',
    'TaskStarted',
    'TaskSucceeded',
    'TaskStateExited',
    'ExecutionSucceeded',
  ]);
  expect(events[2]).toMatchObject({
    taskScheduledEventDetails: {
      resourceType: 'lambda',
      resource: 'invoke',
      region: 'us-east-1',
      parameters: JSON.stringify({ FunctionName: functionArn('double'), Payload: { a: 1 } }),
    },
  });
});

test('a function that fails fails the task with its error type', async () => {
  const states = aStatesPart();
  const arn = await states.run(plain());
  states.invocations[0]?.fail('SiteFault', 'no such site');
  await states.settle();
  expect(await states.describe(arn)).toMatchObject({
    status: 'FAILED',
    error: 'SiteFault',
    cause: '{"errorMessage":"no such site","errorType":"SiteFault"}',
  });
});

test('a result that is no JSON fails the task', async () => {
  const states = aStatesPart();
  const arn = await states.run(plain());
  states.invocations[0]?.succeed({ n: 1n });
  await states.settle();
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', error: 'Runtime.MarshalError' });
});

test('a result over the size limit fails the task', async () => {
  const states = aStatesPart();
  const arn = await states.run(plain());
  states.invocations[0]?.succeed('é'.repeat(131_072));
  await states.settle();
  expect(await states.describe(arn)).toMatchObject({
    status: 'FAILED',
    error: 'States.DataLimitExceeded',
    cause:
      "The state/task 'arn:aws:lambda:us-east-1:111111111111:function:double' returned a result with a size exceeding the maximum number of bytes service limit.",
  });
});

test('a function cannot change what the execution holds', async () => {
  const states = aStatesPart();
  const arn = await states.run(plain({ ResultPath: '$.r' }), { list: [1] });
  const { payload } = states.invocations[0] ?? {};
  Object.assign(payload ?? {}, { list: 'changed' });
  const result = { n: 1 };
  states.invocations[0]?.succeed(result);
  await states.settle();
  result.n = 2;
  expect(await states.output(arn)).toEqual({ list: [1], r: { n: 1 } });
});

test('a time limit ends the task and aborts the call', async () => {
  const states = aStatesPart();
  const arn = await states.run(plain({ TimeoutSecondsPath: '$.t' }), { t: 5 });
  await states.clock.advance(5000);
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  expect(states.invocations[0]?.signal.aborted).toBe(true);
  states.invocations[0]?.succeed('too late');
  await states.settle();
  expect((await states.history(arn)).map(({ type }) => type).slice(-2)).toEqual([
    'LambdaFunctionTimedOut',
    'ExecutionFailed',
  ]);
});

test('a call in hand is repeated after a restart under the same invocation id', async () => {
  const before = aStatesPart();
  const arn = await before.run(plain(), { a: 1 });
  before.part.close();
  const after = aStatesPart({ journal: before.journal, clock: before.clock });
  await after.settle();
  expect(after.invocations.map(({ invocationId, payload }) => ({ invocationId, payload }))).toEqual(
    before.invocations.map(({ invocationId }) => ({ invocationId, payload: { a: 1 } })),
  );
  after.invocations[0]?.succeed(1);
  await after.settle();
  expect(await after.output(arn)).toBe(1);
});

test('a stopped execution aborts its call and stays stopped', async () => {
  const states = aStatesPart();
  const arn = await states.run(plain());
  await states.call('StopExecution', { executionArn: arn, error: 'Operator', cause: 'enough' });
  states.invocations[0]?.succeed(1);
  await states.settle();
  expect(states.invocations[0]?.signal.aborted).toBe(true);
  expect(await states.describe(arn)).toMatchObject({ status: 'ABORTED', error: 'Operator', cause: 'enough' });
});

test('sqs:sendMessage sends a value as its text', async () => {
  const states = aStatesPart();
  const arn = await states.run(
    task({
      Resource: 'arn:aws:states:::sqs:sendMessage',
      Parameters: { QueueUrl: 'http://q', 'MessageBody.$': '$' },
      ResultSelector: { 'id.$': '$.MessageId' },
    }),
    { a: 1 },
  );
  expect(states.sent).toEqual([{ QueueUrl: 'http://q', MessageBody: '{"a":1}' }]);
  expect(await states.output(arn)).toEqual({ id: 'm1' });
});

test('a queue that cannot write now is asked again, which is no fault of the execution', async () => {
  let isFull = true;
  const states = aStatesPart({
    sendMessage: async () => {
      if (isFull) throw new AwsError('ServiceUnavailable', 'no space', 503);
      return { MessageId: 'm2' };
    },
  });
  const parameters = { QueueUrl: 'q', MessageBody: 'b' };
  const arn = await states.run(task({ Resource: 'arn:aws:states:::sqs:sendMessage', Parameters: parameters }));
  await states.clock.advance(5000);
  expect(await states.describe(arn)).toMatchObject({ status: 'RUNNING' });
  isFull = false;
  await states.clock.advance(1000);
  await states.settle();
  expect(await states.output(arn)).toMatchObject({ MessageId: 'm2' });
});

test("a queue's refusal fails the task under the service's name", async () => {
  const refuse = async () => Promise.reject(new AwsError('QueueDoesNotExist', 'no such queue'));
  const states = aStatesPart({ sendMessage: refuse });
  const parameters = { QueueUrl: 'q', MessageBody: 'b' };
  const arn = await states.run(task({ Resource: 'arn:aws:states:::sqs:sendMessage', Parameters: parameters }));
  expect(await states.describe(arn)).toMatchObject({
    error: 'SQS.QueueDoesNotExistException',
    cause: expect.stringMatching(
      /^no such queue \(Service: AmazonSQS; Status Code: 400; Error Code: AWS\.SimpleQueueService\.NonExistentQueue; Request ID: [-0-9a-f]{36}; Proxy: null\)$/,
    ),
  });
});
