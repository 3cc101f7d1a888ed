import { expect, test } from 'vitest';
import type { CallService, ServiceAnswer } from '../../../../../local/stepfunctions/host.ts';
import { aStatesPart } from '../../../../builders/a-states-part.ts';
import { type Asked, answering, serviceTask as task } from '../../../../builders/an-integration-task.ts';

// Failures are those of AWS, as LocalStack's snapshots recorded them:
// tests/aws/services/stepfunctions/v2/error_handling/test_{aws_sdk,task_service_dynamodb}.snapshot.json

const Key = { id: { S: 'i1' } };
const TableName = 'runs';
const http = { status: 400, requestId: 'r1' };

test.each<[resource: string, answer: Extract<ServiceAnswer, { ok: false }>, error: string, cause: string]>([
  [
    'dynamodb:getItem',
    { ok: false, error: 'ResourceNotFoundException', cause: 'Requested resource not found', http },
    'DynamoDB.ResourceNotFoundException',
    'Requested resource not found (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ResourceNotFoundException; Request ID: r1; Proxy: null)',
  ],
  [
    'dynamodb:getItem',
    { ok: false, error: 'ValidationException', cause: 'no', isModelled: false, http },
    'DynamoDB.AmazonDynamoDBException',
    'no (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ValidationException; Request ID: r1; Proxy: null)',
  ],
  [
    'aws-sdk:dynamodb:getItem',
    { ok: false, error: 'ValidationException', cause: 'no', isModelled: false, http },
    'DynamoDb.DynamoDbException',
    'no (Service: DynamoDb, Status Code: 400, Request ID: r1)',
  ],
  [
    'aws-sdk:dynamodb:getItem',
    { ok: false, error: 'ThrottlingException', cause: 'slowly', http },
    'DynamoDb.ThrottlingException',
    'slowly (Service: DynamoDb, Status Code: 400, Request ID: r1)',
  ],
  [
    'aws-sdk:s3:listObjects',
    {
      ...{ ok: false, error: 'NoSuchBucket', cause: 'The specified bucket does not exist' },
      http: { status: 404, requestId: 'r1', extendedRequestId: 'x1' },
    },
    'S3.NoSuchBucketException',
    'The specified bucket does not exist (Service: S3, Status Code: 404, Request ID: r1, Extended Request ID: x1)',
  ],
  [
    'sns:publish',
    { ok: false, error: 'InvalidParameter', cause: 'no', http },
    'SNS.InvalidParameterException',
    'no (Service: AmazonSNS; Status Code: 400; Error Code: InvalidParameter; Request ID: r1; Proxy: null)',
  ],
  [
    'aws-sdk:sns:publish',
    { ok: false, error: 'SdkClientException', cause: 'Unable to execute HTTP request: nobody' },
    'Sns.SdkClientException',
    'Unable to execute HTTP request: nobody',
  ],
  ['events:putEvents', { ok: false, error: 'States.Runtime', cause: 'as it is' }, 'States.Runtime', 'as it is'],
])('%s fails as %j', async (resource, answer, error, cause) => {
  const { states } = answering(answer);
  const parameters = { TableName, Key, Message: 'm', Entries: [], Bucket: 'b' };
  const taken: Record<string, object> = {
    'dynamodb:getItem': { TableName, Key },
    'sns:publish': { Message: 'm' },
    'events:putEvents': { Entries: [] },
  };
  const arn = await states.run(task(resource, taken[resource] ?? parameters));
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', error, cause });
});

test.each([
  ['dynamodb:getItem', { TableName, Key, Item: {} }, 'The field "Item" is not supported by Step Functions'],
  [
    'sqs:sendMessage',
    { QueueUrl: 'q', MessageBody: 'b', Body: 1 },
    'The field "Body" is not supported by Step Functions',
  ],
  ['states:startExecution', { StateMachineArn: 'a', x: 1 }, 'The field "x" is not supported by Step Functions'],
])('%s with %j fails before anything is scheduled', async (resource, parameters, said) => {
  const { asked, states } = answering({ ok: true, output: {} });
  const arn = await states.run(task(resource, parameters));
  expect(await states.describe(arn)).toMatchObject({
    error: 'States.Runtime',
    cause: `An error occurred while executing the state 'Do' (entered at the event id #2). The Parameters '${JSON.stringify(parameters)}' could not be used to start the Task: [${said}]`,
  });
  expect([asked, states.sent]).toEqual([[], []]);
});

test.each([
  ['dynamodb:putItem', 'Item', { TableName }],
  ['sns:publish', 'Message', {}],
  ['events:putEvents', 'Entries', {}],
])('%s without %s is no definition', async (resource, field, parameters) => {
  await expect(aStatesPart().create(task(resource, parameters))).rejects.toMatchObject({
    message: expect.stringContaining(`The field '${field}' is required but was missing`),
  });
});

test('a failure that Retry names is tried again, each try under a name of its own', async () => {
  const asked: Asked[] = [];
  const states = aStatesPart({
    callService: async (request) => {
      asked.push(request);
      if (asked.length === 2) return { ok: true, output: {} };
      return { ok: false, error: 'ProvisionedThroughputExceededException', cause: 'slowly', http };
    },
  });
  const Retry = [{ ErrorEquals: ['DynamoDB.ProvisionedThroughputExceededException'], IntervalSeconds: 1 }];
  const arn = await states.run(task('dynamodb:getItem', { TableName, Key }, { Retry }));
  await states.clock.advance(1000);
  await states.settle();
  expect(await states.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
  expect(asked[0]?.invocationId).not.toBe(asked[1]?.invocationId);
});

const inFlight = async () => {
  const asked: Asked[] = [];
  const never: CallService = (request) => {
    asked.push(request);
    return new Promise(() => undefined);
  };
  const callService: CallService = async (request) => {
    asked.push(request);
    return { ok: true, output: {} };
  };
  const before = aStatesPart({ callService: never });
  const arn = await before.run(task('aws-sdk:dynamodb:query', { TableName }));
  before.part.close();
  return { before, arn, asked, callService };
};

test('a call in flight is made again after a restart, as the same try', async () => {
  const { before, arn, asked, callService } = await inFlight();
  const after = aStatesPart({ journal: before.journal, callService });
  await after.settle();
  expect(await after.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
  const told = asked.map(({ signal: _signal, ...request }) => request);
  expect(told).toEqual([told[0], told[0]]);
});

test('a snapshot keeps a call in flight', async () => {
  const { before, arn, asked, callService } = await inFlight();
  const after = aStatesPart({ journal: before.journal, isFolded: false, callService });
  for (const item of before.part.items()) after.part.restore(JSON.parse(JSON.stringify(item)));
  after.part.resume();
  await after.settle();
  expect(await after.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
  expect(asked.map(({ isSdk, invocationId }) => [isSdk, invocationId])).toEqual([
    [true, asked[0]?.invocationId],
    [true, asked[0]?.invocationId],
  ]);
});

test('what is too large for a service is not sent', async () => {
  const { asked, states } = answering({ ok: true, output: {} });
  const more = { 'a.$': '$.text', 'b.$': '$.text' };
  const arn = await states.run(task('aws-sdk:dynamodb:putItem', more), { text: 'x'.repeat(200_000) });
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  expect(asked).toEqual([]);
});

test('an execution by the name of a forgotten one asks under names of its own', async () => {
  const asked: Asked[] = [];
  const callService: CallService = async (request) => {
    asked.push(request);
    return { ok: true, output: {} };
  };
  const states = aStatesPart({ callService, limits: { finishedExecutions: 1 } });
  const machine = await states.create(task('aws-sdk:dynamodb:query', { TableName }));
  for (const name of ['same', 'other', 'same']) {
    await states.start(machine, {}, name);
    await states.settle();
    await states.clock.advance(1);
  }
  expect(new Set(asked.map(({ invocationId }) => invocationId)).size).toBe(3);
});

test('nobody waits for a call of an execution that was stopped', async () => {
  const asked: Asked[] = [];
  const callService: CallService = (request) => {
    asked.push(request);
    return new Promise(() => undefined);
  };
  const states = aStatesPart({ callService });
  const executionArn = await states.run(task('aws-sdk:dynamodb:query', { TableName }));
  await states.call('StopExecution', { executionArn });
  await states.settle();
  expect(asked[0]?.signal.aborted).toBe(true);
});
