import { describe, expect, test } from 'vitest';
import type { ServiceAnswer } from '../../../../../local/stepfunctions/host.ts';
import { testRole, testState } from '../../../../builders/a-state-test.ts';
import { aStatesPart } from '../../../../builders/a-states-part.ts';
import { answering, serviceTask as task } from '../../../../builders/an-integration-task.ts';

// Histories and failures are those of AWS, as LocalStack's snapshots recorded them:
// tests/aws/services/stepfunctions/v2/{services,error_handling}/test_*_task_service*.snapshot.json

const did = async (answer: ServiceAnswer, resource: string, parameters: object, input: object = {}) => {
  const { asked, states } = answering(answer);
  const arn = await states.run(task(resource, parameters), input);
  const [request] = asked;
  return { request, arn, described: await states.describe(arn), events: await states.history(arn), states };
};

const Key = { id: { S: 'i1' } };
const TableName = 'runs';

describe('dynamodb', () => {
  test.each([
    ['getItem', 'GetItem', { TableName, Key }],
    ['putItem', 'PutItem', { TableName, Item: Key }],
    ['updateItem', 'UpdateItem', { TableName, Key, UpdateExpression: 'SET a = :a' }],
    ['deleteItem', 'DeleteItem', { TableName, Key }],
  ])('%s asks for %s, and tells of the answer', async (resource, action, parameters) => {
    const { request, described, events } = await did(
      { ok: true, output: { Item: Key } },
      `dynamodb:${resource}`,
      parameters,
    );
    expect(request).toMatchObject({ service: 'dynamodb', action, input: parameters, isSdk: undefined });
    expect(JSON.parse(String(described.output))).toEqual({
      Item: Key,
      SdkHttpMetadata: expect.objectContaining({ HttpStatusCode: 200 }),
      SdkResponseMetadata: { RequestId: expect.any(String) },
    });
    expect(events.map(({ type }) => type)).toEqual([
      ...['ExecutionStarted', 'TaskStateEntered', 'TaskScheduled', 'TaskStarted', 'TaskSucceeded'],
      ...['TaskStateExited', 'ExecutionSucceeded'],
    ]);
    expect(events[2]).toMatchObject({
      taskScheduledEventDetails: {
        ...{ resourceType: 'dynamodb', resource, region: 'us-east-1' },
        parameters: JSON.stringify(parameters),
      },
    });
  });
});

describe('sns', () => {
  const TopicArn = 'arn:aws:sns:us-east-1:111111111111:runs';

  test.each([
    ['ended', 'ended'],
    [{ run: 7 }, '{"run":7}'],
    [7, '7'],
  ])('the message %j is published as %s', async (Message, text) => {
    const { request, events } = await did({ ok: true, output: { MessageId: 'm1' } }, 'sns:publish', {
      TopicArn,
      Message,
    });
    expect(request).toMatchObject({ service: 'sns', action: 'Publish', input: { TopicArn, Message: text } });
    expect(events[2]).toMatchObject({
      taskScheduledEventDetails: { resourceType: 'sns', parameters: JSON.stringify({ TopicArn, Message }) },
    });
  });

  test('a published token is answered', async () => {
    const parameters = { TopicArn, Message: { 'token.$': '$$.Task.Token' } };
    const { request, arn, events, states } = await did(
      { ok: true, output: { MessageId: 'm1' } },
      'sns:publish.waitForTaskToken',
      parameters,
    );
    expect(events.at(-1)).toMatchObject({
      type: 'TaskSubmitted',
      taskSubmittedEventDetails: { resourceType: 'sns', resource: 'publish.waitForTaskToken' },
    });
    const input = request?.input;
    const message = typeof input === 'object' && input !== null && 'Message' in input ? String(input.Message) : '';
    await states.call('SendTaskSuccess', { taskToken: JSON.parse(message).token, output: '{"is":"good"}' });
    await states.settle();
    expect(await states.output(arn)).toEqual({ is: 'good' });
  });
});

describe('events', () => {
  const entry = { Source: 'some.source', DetailType: 'type' };
  const Entries = [
    { ...entry, Detail: '{"Message":"0"}' },
    { ...entry, Detail: { Message: '1' }, Resources: ['a'] },
  ];

  test('every event names the machine and the execution, behind what it names itself', async () => {
    const output = { Entries: [{ EventId: '1' }, { EventId: '2' }], FailedEntryCount: 0 };
    const { request, arn, described } = await did({ ok: true, output }, 'events:putEvents', { Entries });
    const own = [arn.replace(/:execution:(m\d+):.*$/, ':stateMachine:$1'), arn];
    expect(request).toMatchObject({
      service: 'eventbridge',
      action: 'PutEvents',
      input: {
        Entries: [
          { ...entry, Detail: '{"Message":"0"}', Resources: own },
          { ...entry, Detail: '{"Message":"1"}', Resources: ['a', ...own] },
        ],
      },
    });
    expect(JSON.parse(String(described.output))).toEqual(output);
  });

  test('an event that is not taken fails the task', async () => {
    const output = {
      Entries: [{ ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' }],
      FailedEntryCount: 1,
    };
    const optimised = await did({ ok: true, output }, 'events:putEvents', { Entries });
    expect(optimised.described).toMatchObject({ error: 'EventBridge.FailedEntry', cause: JSON.stringify(output) });
    const sdk = await did({ ok: true, output }, 'aws-sdk:eventbridge:putEvents', { Entries });
    expect(sdk.described).toMatchObject({ status: 'SUCCEEDED', output: JSON.stringify(output) });
    expect(sdk.request?.input).toEqual({ Entries });
  });
});

describe('aws-sdk', () => {
  test('asks as the definition says, and gives the bare answer', async () => {
    const parameters = { TableName, KeyConditionExpression: 'id = :id' };
    const output = { Items: [], Count: 0 };
    const { request, described, events } = await did({ ok: true, output }, 'aws-sdk:dynamodb:query', parameters);
    expect(request).toMatchObject({ service: 'dynamodb', action: 'Query', input: parameters, isSdk: true });
    expect(JSON.parse(String(described.output))).toEqual(output);
    expect(events[2]).toMatchObject({
      taskScheduledEventDetails: { resourceType: 'aws-sdk:dynamodb', resource: 'query' },
    });
  });

  test('what is no object cannot be asked', async () => {
    const { asked, states } = answering({ ok: true, output: {} });
    const Do = {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:dynamodb:query',
      Arguments: "{% 'text' %}",
      End: true,
    };
    const arn = await states.run({ QueryLanguage: 'JSONata', ...task('', {}), States: { Do } });
    await expect.poll(async () => (await states.describe(arn)).status).toBe('FAILED');
    expect(await states.describe(arn)).toMatchObject({ error: 'States.Runtime' });
    expect(asked).toEqual([]);
  });

  test('an answer that is too large for a state fails the task', async () => {
    const { described } = await did({ ok: true, output: 'x'.repeat(262_144) }, 'aws-sdk:s3:getObject', {
      Bucket: 'b',
      Key: 'k',
    });
    expect(described).toMatchObject({
      error: 'States.DataLimitExceeded',
      cause:
        "The state/task 'aws-sdk:s3' returned a result with a size exceeding the maximum number of bytes service limit.",
    });
  });

  test.each([
    'aws-sdk:dynamodb:nothing',
    'aws-sdk:dynamodb:GetItem',
    'aws-sdk:s3:selectObjectContent',
    'aws-sdk:sqs:sendMessage.sync',
    'aws-sdk:ec2:describeInstances',
    'dynamodb:query',
    'dynamodb:getItem.waitForTaskToken',
    'events:putRule',
    'sns:subscribe',
  ])('a machine that asks for %s is refused', async (resource) => {
    const states = aStatesPart();
    await expect(states.create(task(resource, {}))).rejects.toMatchObject({
      code: 'InvalidDefinition',
      message: expect.stringContaining(`The resource provided arn:aws:states:::${resource} is not`),
    });
  });
});

describe('TestState', () => {
  const tested = (
    states: ReturnType<typeof aStatesPart>,
    resource: string,
    Parameters: object,
    more: Record<string, unknown> = {},
  ) => testState(states, { Type: 'Task', Resource: `arn:aws:states:::${resource}`, Parameters, End: true }, more);

  test('has a call really done, and tells its failure', async () => {
    const { states } = answering({ ok: true, output: { Items: [] } });
    expect(await tested(states, 'aws-sdk:dynamodb:query', { TableName }, { roleArn: testRole })).toMatchObject({
      status: 'SUCCEEDED',
      output: { Items: [] },
    });
    const { states: refusing } = answering({ ok: false, error: 'ResourceNotFoundException', cause: 'no' });
    expect(await tested(refusing, 'dynamodb:getItem', { TableName, Key }, { roleArn: testRole })).toMatchObject({
      status: 'FAILED',
      error: 'DynamoDB.ResourceNotFoundException',
    });
  });

  test.each([
    ['dynamodb:getItem', { TableName, Key }, { Item: 'text' }, "Field 'Item' must be an object"],
    ['sns:publish', { Message: 'm' }, { MessageId: 1 }, "Field 'MessageId' must be a string"],
    ['events:putEvents', { Entries: [] }, { FailedEntryCount: '1' }, "Field 'FailedEntryCount' must be a number"],
  ])('compares what a mocked %s answers with its API model', async (resource, parameters, result, said) => {
    await expect(tested(aStatesPart(), resource, parameters, { result })).rejects.toMatchObject({
      message: `Mock result schema validation error: ${said}`,
    });
  });
});
