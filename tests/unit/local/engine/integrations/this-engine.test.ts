import { expect, test } from 'vitest';
import * as z from 'zod';
import { type AskingEngine, createIntegrations } from '../../../../../local/engine/integrations/integrations.ts';
import { AwsError } from '../../../../../local/engine/part.ts';
import type { Json } from '../../../../../local/stepfunctions/json.ts';
import { aServiceEndpoint, json } from '../../../../builders/an-aws-endpoint.ts';
import { account, aFolder, anEngine } from '../../../../builders/an-engine.ts';

type Engine = Awaited<ReturnType<typeof anEngine>>;

const Arn = z.object({ stateMachineArn: z.string().optional(), executionArn: z.string().optional() });
const Ended = z.looseObject({ status: z.string(), output: z.string().optional(), error: z.string().optional() });
const roleArn = 'arn:aws:iam::111111111111:role/r';
let machines = 0;

const create = async (engine: Engine, state: object): Promise<string> => {
  const definition = JSON.stringify({ StartAt: 'Do', States: { Do: { ...state, End: true } } });
  const input = { name: `m${++machines}`, definition, roleArn };
  return Arn.parse(await engine.call('sfn', 'CreateStateMachine', input)).stateMachineArn ?? '';
};

const start = async (engine: Engine, stateMachineArn: string, input: Json = {}): Promise<string> =>
  Arn.parse(await engine.call('sfn', 'StartExecution', { stateMachineArn, input: JSON.stringify(input) }))
    .executionArn ?? '';

const ended = async (engine: Engine, executionArn: string) => {
  const describe = async () => Ended.parse(await engine.call('sfn', 'DescribeExecution', { executionArn }));
  await expect.poll(async () => (await describe()).status).not.toBe('RUNNING');
  return describe();
};

/** What comes of one task. */
const does = async (engine: Engine, action: string, Parameters: Json) => {
  const state = { Type: 'Task', Resource: `arn:aws:states:::aws-sdk:${action}`, Parameters };
  const { output, ...rest } = await ended(engine, await start(engine, await create(engine, state)));
  return { ...rest, output: output === undefined ? undefined : JSON.parse(output) };
};

const url = (name: string, owner = account) => `http://127.0.0.1/${owner}/${name}`;

test('queues of the engine itself: batches, attributes, receipts', async () => {
  const engine = await anEngine();
  expect(await does(engine, 'sqs:createQueue', { QueueName: 'q', Attributes: { VisibilityTimeout: 5 } })).toMatchObject(
    {
      output: { QueueUrl: url('q') },
    },
  );
  const entries = ['a', { b: 1 }].map((MessageBody, at) => ({ Id: `${at}`, MessageBody }));
  expect(await does(engine, 'sqs:sendMessageBatch', { QueueUrl: url('q'), Entries: entries })).toMatchObject({
    output: { Successful: [{ Id: '0', Md5OfMessageBody: '0cc175b9c0f1b6a831c399e269772661' }, { Id: '1' }] },
  });
  const { output } = await does(engine, 'sqs:receiveMessage', { QueueUrl: url('q'), MaxNumberOfMessages: 10 });
  expect(output.Messages).toMatchObject([{ Body: 'a' }, { Body: '{"b":1}' }]);
  const ReceiptHandle = output.Messages[0].ReceiptHandle;
  expect(await does(engine, 'sqs:deleteMessage', { QueueUrl: url('q'), ReceiptHandle })).toMatchObject({ output: {} });
  expect(engine.stats().queues).toMatchObject({ q: { inFlight: 1 } });
});

test('machines of the engine itself: described, started, listed, and told in its words', async () => {
  const engine = await anEngine();
  const stateMachineArn = await create(engine, { Type: 'Pass' });
  const started = await does(engine, 'sfn:startExecution', { StateMachineArn: stateMachineArn, Input: { a: 1 } });
  expect(started.output).toEqual({ ExecutionArn: expect.any(String), StartDate: expect.stringMatching(/^\d{4}-.*Z$/) });
  const ExecutionArn = started.output.ExecutionArn;
  await ended(engine, ExecutionArn);
  expect(await does(engine, 'sfn:describeExecution', { ExecutionArn })).toMatchObject({
    output: { Status: 'SUCCEEDED', Input: '{"a":1}', Output: '{"a":1}', StateMachineArn: stateMachineArn },
  });
  expect((await does(engine, 'sfn:getExecutionHistory', { ExecutionArn, MaxResults: 1 })).output.Events).toMatchObject([
    { Type: 'ExecutionStarted', Id: 1, ExecutionStartedEventDetails: { Input: '{"a":1}' } },
  ]);
});

test('an express machine is run to its end, and its output told', async () => {
  const engine = await anEngine();
  const definition = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Pass', End: true } } });
  const input = { name: 'quick', type: 'EXPRESS', definition, roleArn };
  const StateMachineArn = Arn.parse(await engine.call('sfn', 'CreateStateMachine', input)).stateMachineArn ?? '';
  const { output } = await does(engine, 'sfn:startSyncExecution', { StateMachineArn, Input: { a: 1 } });
  expect(output).toMatchObject({ Status: 'SUCCEEDED', Output: '{"a":1}', BillingDetails: expect.any(Object) });
});

// Measured on AWS: localstack, test_aws_sdk_task_service.snapshot.json, test_sfn_send_task_outcome_with_no_such_token
test('what the engine refuses fails the task with AWS’s name and words', async () => {
  const engine = await anEngine();
  const input = { TaskToken: 'NoSuchTaskToken', Output: {} };
  expect(await does(engine, 'sfn:sendTaskSuccess', input)).toMatchObject({
    status: 'FAILED',
    error: 'Sfn.InvalidTokenException',
    cause: expect.stringMatching(
      /^Invalid Token: 'Invalid token' \(Service: Sfn, Status Code: 400, Request ID: [-0-9a-f]{36}\)$/,
    ),
  });
  expect(await does(engine, 'sqs:getQueueUrl', { QueueName: 'nowhere' })).toMatchObject({
    error: 'Sqs.QueueDoesNotExistException',
  });
});

test('a task answers the token of another one', async () => {
  const engine = await anEngine();
  await engine.call('sqs', 'CreateQueue', { QueueName: 'ask' });
  const ask = await create(engine, {
    Type: 'Task',
    Resource: 'arn:aws:states:::aws-sdk:sqs:sendMessage.waitForTaskToken',
    Parameters: { QueueUrl: url('ask'), MessageBody: { 'token.$': '$$.Task.Token' } },
  });
  const waiting = await start(engine, ask);
  await expect.poll(() => engine.stats().queues).toMatchObject({ ask: { ready: 1 } });
  const { output } = await does(engine, 'sqs:receiveMessage', { QueueUrl: url('ask') });
  const { token } = JSON.parse(output.Messages[0].Body);
  expect(await does(engine, 'sfn:sendTaskSuccess', { TaskToken: token, Output: { is: 'good' } })).toMatchObject({
    output: {},
  });
  expect(await ended(engine, waiting)).toMatchObject({ status: 'SUCCEEDED', output: '{"is":"good"}' });
});

test('functions by the SDK: what they throw is an answer', async () => {
  const engine = await anEngine({
    invoke: async ({ functionName, payload }) =>
      functionName === 'echo'
        ? { ok: true, payload }
        : {
            ok: false,
            errorType: functionName === 'broken' ? 'Broken' : 'Lambda.TooManyRequestsException',
            errorMessage: 'no',
          },
  });
  const FunctionName = 'arn:aws:lambda:us-east-1:111111111111:function:echo:1';
  expect(await does(engine, 'lambda:invoke', { FunctionName, Payload: { a: 1 } })).toMatchObject({
    output: { StatusCode: 200, Payload: '{"a":1}', ExecutedVersion: '$LATEST' },
  });
  expect(await does(engine, 'lambda:invoke', { FunctionName: 'broken' })).toMatchObject({
    output: { StatusCode: 200, FunctionError: 'Unhandled', Payload: '{"errorMessage":"no","errorType":"Broken"}' },
  });
  expect(await does(engine, 'lambda:invoke', { FunctionName: 'busy' })).toMatchObject({
    error: 'Lambda.TooManyRequestsException',
  });
});

test('a call that addresses another account goes to its engine', async () => {
  const asked: unknown[] = [];
  const remote = async (...call: unknown[]) => {
    asked.push(call.slice(0, 4));
    return { MessageId: 'm1', MD5OfMessageBody: '0cc175b9c0f1b6a831c399e269772661' };
  };
  const engine = await anEngine({ remote });
  const input = { QueueUrl: url('q', '222222222222'), MessageBody: 'a' };
  expect(await does(engine, 'sqs:sendMessage', input)).toMatchObject({ output: { MessageId: 'm1' } });
  expect(asked).toEqual([['222222222222', 'sqs', 'SendMessage', input]]);
});

/** Integrations of an engine whose calls the test answers. */
const integrationsOf = (call: AskingEngine['call']) =>
  createIntegrations({}, { account, region: 'us-east-1', call, invoke: async () => ({ ok: true, payload: null }) });

test('while the engine cannot write, a call has not failed', async () => {
  const full = new AwsError('ServiceUnavailable', 'no space', 503);
  const integrations = integrationsOf(async () => Promise.reject(full));
  const { signal } = new AbortController();
  const request = { service: 'sqs', action: 'SendMessage', input: { QueueUrl: url('q'), MessageBody: 'a' } };
  await expect(integrations({ ...request, invocationId: 'arn/7', signal })).rejects.toBe(full);
});

test('a peer that is away has not answered', async () => {
  const integrations = integrationsOf(async () => Promise.reject(new Error('the engine at sock does not answer')));
  const { signal } = new AbortController();
  const request = { service: 'sqs', action: 'SendMessage', input: { QueueUrl: url('q'), MessageBody: 'a' } };
  expect(await integrations({ ...request, invocationId: 'arn/7', signal })).toEqual({
    ok: false,
    error: 'SdkClientException',
    cause: 'Unable to execute HTTP request: the engine at sock does not answer',
  });
});

test('a start without a name that is repeated is one start, also when what it started has ended', async () => {
  const names: unknown[] = [];
  const startDate = 1.5;
  const integrations = integrationsOf(async (_service, operation, input) => {
    names.push(Object.entries(input ?? {}).find(([key]) => key === 'name' || key === 'executionArn')?.[1]);
    if (operation === 'DescribeExecution') return { startDate };
    if (names.length > 1) throw new AwsError('ExecutionAlreadyExists', 'Execution Already Exists');
    return { executionArn: 'first', startDate };
  });
  const { signal } = new AbortController();
  const stateMachineArn = 'arn:aws:states:us-east-1:111111111111:stateMachine:m';
  const input = { StateMachineArn: stateMachineArn };
  const request = { service: 'sfn', action: 'StartExecution', input, invocationId: 'arn/7', signal, isSdk: true };
  const StartDate = '1970-01-01T00:00:01.500Z';
  expect(await integrations(request)).toEqual({ ok: true, output: { ExecutionArn: 'first', StartDate } });
  const executionArn = `arn:aws:states:us-east-1:111111111111:execution:m:${names[0]}`;
  expect(await integrations(request)).toEqual({ ok: true, output: { ExecutionArn: executionArn, StartDate } });
  expect(names).toEqual([names[0], names[0], executionArn]);
});

test('a call in flight is made again after a restart, with the token of the first time', async () => {
  let isUp = false;
  const endpoint = await aServiceEndpoint(() => (isUp ? json({}) : undefined));
  const folder = await aFolder();
  const services = (asking: AskingEngine) => createIntegrations({ url: endpoint.url }, asking);
  const first = await anEngine({ folder, services });
  const Resource = 'arn:aws:states:::aws-sdk:dynamodb:transactWriteItems';
  const machine = await create(first, { Type: 'Task', Resource, Parameters: { TransactItems: [] } });
  const executionArn = await start(first, machine);
  await expect.poll(() => endpoint.asked.length).toBe(1);
  await first.close();
  isUp = true;
  const second = await anEngine({ folder, services });
  expect(await ended(second, executionArn)).toMatchObject({ status: 'SUCCEEDED' });
  const tokens = endpoint.asked.map(({ body }) => JSON.parse(body).ClientRequestToken);
  expect(tokens).toEqual([tokens[0], tokens[0]]);
});
