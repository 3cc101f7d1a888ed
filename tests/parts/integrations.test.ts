import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { createIntegrations } from '../../local/engine/integrations/integrations.ts';
import { s3Objects } from '../../local/engine/integrations/s3-objects.ts';
import { type Ministack, ministackPart, startMinistack } from '../../local/stack/parts/ministack.ts';
import type { Json } from '../../local/stepfunctions/json.ts';
import { aDistributedMap } from '../builders/a-distributed-map.ts';
import { aFolder, anEngine } from '../builders/an-engine.ts';
import { spawnEngineProcess } from '../builders/an-engine-process.ts';

/** Task states of papilio's engine against services that others wrote. */
let stack: Ministack | undefined;

beforeAll(async () => {
  ministackPart.install();
  stack = await startMinistack();
}, 300_000);
afterAll(() => stack?.stop());

const url = (): string => stack?.url ?? '';
const roleArn = 'arn:aws:iam::111111111111:role/r';
const Started = z.object({ executionArn: z.string() });
const Created = z.object({ stateMachineArn: z.string() });
const Ended = z.looseObject({ status: z.string(), output: z.string().optional(), error: z.string().optional() });

/** Has one task done, and tells its result, or the error that it failed with. */
const doer = async () => {
  const engine = await anEngine({ services: (asking) => createIntegrations({ url: url() }, asking) });
  let machines = 0;
  return async (resource: string, Parameters: Json) => {
    const Do = { Type: 'Task', Resource: `arn:aws:states:::${resource}`, Parameters, End: true };
    const definition = JSON.stringify({ StartAt: 'Do', States: { Do } });
    const input = { name: `m${++machines}`, definition, roleArn };
    const { stateMachineArn } = Created.parse(await engine.call('sfn', 'CreateStateMachine', input));
    const { executionArn } = Started.parse(await engine.call('sfn', 'StartExecution', { stateMachineArn }));
    const describe = async () => Ended.parse(await engine.call('sfn', 'DescribeExecution', { executionArn }));
    await expect.poll(async () => (await describe()).status, { timeout: 20_000 }).not.toBe('RUNNING');
    const { output, error } = await describe();
    return output === undefined ? error : JSON.parse(output);
  };
};

test('DynamoDB: items are written under conditions, read, counted, queried and deleted', async () => {
  const does = await doer();
  const TableName = 'runs';
  await does('aws-sdk:dynamodb:createTable', {
    TableName,
    AttributeDefinitions: [
      { AttributeName: 'run', AttributeType: 'N' },
      { AttributeName: 'stf', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'run', KeyType: 'HASH' },
      { AttributeName: 'stf', KeyType: 'RANGE' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  });
  const Key = { run: { N: '7' }, stf: { S: 'a' } };
  const Item = { ...Key, raw: { B: 'AAEC' }, isDone: { BOOL: false }, tags: { SS: ['x'] }, count: { N: '1' } };
  const put = { TableName, Item, ConditionExpression: 'attribute_not_exists(stf)' };
  expect(await does('dynamodb:putItem', put)).toMatchObject({ SdkHttpMetadata: { HttpStatusCode: 200 } });
  expect(await does('dynamodb:putItem', put)).toBe('DynamoDB.ConditionalCheckFailedException');
  expect(await does('aws-sdk:dynamodb:putItem', put)).toBe('DynamoDb.ConditionalCheckFailedException');
  expect(await does('dynamodb:getItem', { TableName, Key })).toMatchObject({ Item });
  const count = { UpdateExpression: 'ADD #c :one', ExpressionAttributeNames: { '#c': 'count' } };
  const values = { ExpressionAttributeValues: { ':one': { N: '1' } }, ReturnValues: 'UPDATED_NEW' };
  expect(await does('dynamodb:updateItem', { TableName, Key, ...count, ...values })).toMatchObject({
    Attributes: { count: { N: '2' } },
  });
  const query = { KeyConditionExpression: 'run = :r', ExpressionAttributeValues: { ':r': { N: '7' } } };
  expect(await does('aws-sdk:dynamodb:query', { TableName, ...query })).toMatchObject({
    Count: 1,
    Items: [{ ...Key, isDone: { Bool: false }, tags: { Ss: ['x'] }, count: { N: '2' } }],
  });
  const writes = ['b', 'c'].map((stf) => ({ PutRequest: { Item: { run: { N: '7' }, stf: { S: stf } } } }));
  await does('aws-sdk:dynamodb:batchWriteItem', { RequestItems: { runs: writes } });
  expect(await does('dynamodb:deleteItem', { TableName, Key, ReturnValues: 'ALL_OLD' })).toMatchObject({
    Attributes: { stf: { S: 'a' } },
  });
  expect(await does('aws-sdk:dynamodb:query', { TableName, ...query })).toMatchObject({ Count: 2 });
  expect(await does('dynamodb:getItem', { TableName: 'nowhere', Key })).toBe('DynamoDB.ResourceNotFoundException');
});

test('S3: objects are written, listed, looked at, copied, read and deleted', async () => {
  const does = await doer();
  const Bucket = 'papilio';
  await does('aws-sdk:s3:createBucket', { Bucket });
  const Key = 'runs/7/1 of 2.json';
  expect(await does('aws-sdk:s3:putObject', { Bucket, Key, Body: { run: 7 }, Metadata: { by: 'us' } })).toMatchObject({
    ETag: expect.any(String),
  });
  expect(await does('aws-sdk:s3:getObject', { Bucket, Key })).toMatchObject({
    Body: '{"run":7}',
    ContentLength: 9,
    Metadata: { by: 'us' },
    LastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
  });
  const copy = { Bucket, Key: 'copy', CopySource: `${Bucket}/${encodeURIComponent(Key)}` };
  expect(await does('aws-sdk:s3:copyObject', copy)).toMatchObject({ CopyObjectResult: { ETag: expect.any(String) } });
  expect(await does('aws-sdk:s3:headObject', { Bucket, Key: 'copy' })).toMatchObject({ ContentLength: 9 });
  const listing = await does('aws-sdk:s3:listObjectsV2', { Bucket });
  expect(listing).toMatchObject({ KeyCount: 2, Contents: [{ Key: 'copy', Size: 9 }, { Key }] });
  expect(await does('aws-sdk:s3:deleteObject', { Bucket, Key })).toEqual(expect.any(Object));
  expect(await does('aws-sdk:s3:getObject', { Bucket, Key })).toBe('S3.NoSuchKeyException');
  expect(await does('aws-sdk:s3:headObject', { Bucket, Key })).toBe('S3.NoSuchKeyException');
  expect(await does('aws-sdk:s3:listObjectsV2', { Bucket: 'nowhere' })).toBe('S3.NoSuchBucketException');
  const Body = 'x'.repeat(140_000);
  for (const part of ['1', '2']) await does('aws-sdk:s3:putObject', { Bucket, Key: `large/${part}`, Body });
  expect(await does('aws-sdk:s3:getObject', { Bucket, Key: 'large/1' })).toMatchObject({ ContentLength: 140_002 });
});

test('S3: a distributed Map reads its items from a listing, and its results are written', async () => {
  const does = await doer();
  const Bucket = 'maps';
  await does('aws-sdk:s3:createBucket', { Bucket });
  const keys = ['in/a', 'in/b +&=é', 'in/c'];
  for (const Key of keys) await does('aws-sdk:s3:putObject', { Bucket, Key, Body: Key });
  const engine = await anEngine({ objects: s3Objects(url(), {}, 'us-east-1') });
  const definition = aDistributedMap(
    { Type: 'Pass', Parameters: { 'key.$': '$.Key' }, End: true },
    {
      ItemReader: { Resource: 'arn:aws:states:::s3:listObjectsV2', Parameters: { Bucket, Prefix: 'in/' } },
      ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket, Prefix: 'out' } },
    },
  );
  const machine = { name: 'm', definition: JSON.stringify(definition), roleArn };
  const { stateMachineArn } = Created.parse(await engine.call('sfn', 'CreateStateMachine', machine));
  const { executionArn } = Started.parse(await engine.call('sfn', 'StartExecution', { stateMachineArn }));
  const describe = async () => Ended.parse(await engine.call('sfn', 'DescribeExecution', { executionArn }));
  await expect.poll(async () => (await describe()).status, { timeout: 20_000 }).toBe('SUCCEEDED');
  const { ResultWriterDetails } = JSON.parse((await describe()).output ?? '{}');
  const manifest = JSON.parse((await does('aws-sdk:s3:getObject', ResultWriterDetails)).Body);
  const [{ Key }] = manifest.ResultFiles.SUCCEEDED;
  const results: { Output: string }[] = JSON.parse((await does('aws-sdk:s3:getObject', { Bucket, Key })).Body);
  expect(results.map(({ Output }) => JSON.parse(Output).key).sort()).toEqual(keys);
});

test('SNS: a message comes to a queue that subscribes, EventBridge: events are taken one by one', async () => {
  const does = await doer();
  const { TopicArn } = await does('aws-sdk:sns:createTopic', { Name: 'ended' });
  const options = {
    endpoint: url(),
    region: 'us-east-1',
    credentials: { accessKeyId: '111111111111', secretAccessKey: 'any' },
  };
  const sqs = new SQSClient(options);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'ended' }));
  const subscription = { TopicArn, Protocol: 'sqs', Endpoint: 'arn:aws:sqs:us-east-1:111111111111:ended' };
  await new SNSClient(options).send(new SubscribeCommand(subscription));
  const published = await does('sns:publish', { TopicArn, Message: { run: 7 }, Subject: 'run' });
  expect(published).toMatchObject({ MessageId: expect.any(String) });
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10 }));
  expect(JSON.parse(Messages[0]?.Body ?? '{}')).toMatchObject({ Message: '{"run":7}', Subject: 'run' });
  expect(await does('sns:publish', { TopicArn: `${TopicArn}s`, Message: 'm' })).toBe('SNS.NotFoundException');
  const entry = { Source: 'papilio', DetailType: 'run ended', Detail: { run: 7 } };
  expect(await does('events:putEvents', { Entries: [entry] })).toMatchObject({
    FailedEntryCount: 0,
    Entries: [{ EventId: expect.any(String) }],
  });
});

test('an engine finds services by the names that AWS gives them in its environment', async () => {
  const folder = await aFolder();
  const env = { AWS_ENDPOINT_URL_DYNAMODB: url(), AWS_ACCESS_KEY_ID: '222222222222', AWS_SECRET_ACCESS_KEY: 'any' };
  const engine = spawnEngineProcess({ folder, env });
  onTestFinished(() => engine.kill());
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const sfn = new SFNClient({ endpoint: await engine.ready, region: 'us-east-1', credentials });
  const outcome = async (name: string, Resource: string, Parameters: object) => {
    const Do = { Type: 'Task', Resource: `arn:aws:states:::${Resource}`, Parameters, End: true };
    const definition = JSON.stringify({ StartAt: 'Do', States: { Do } });
    const { stateMachineArn } = await sfn.send(new CreateStateMachineCommand({ name, definition, roleArn }));
    const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn }));
    const describe = () => sfn.send(new DescribeExecutionCommand({ executionArn }));
    await expect.poll(async () => (await describe()).status, { timeout: 20_000 }).not.toBe('RUNNING');
    return describe();
  };
  // The key names an account there, which has no tables of the other tests.
  expect(await outcome('tables', 'aws-sdk:dynamodb:listTables', {})).toMatchObject({ output: '{"TableNames":[]}' });
  expect(await outcome('topics', 'sns:publish', { TopicArn: 'arn', Message: 'm' })).toMatchObject({
    error: 'SNS.SdkClientException',
    cause: expect.stringContaining('AWS_ENDPOINT_URL_SNS'),
  });
});
