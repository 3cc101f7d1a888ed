import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createIntegrations } from '../../../../../local/engine/integrations/integrations.ts';
import type { CallService } from '../../../../../local/stepfunctions/host.ts';
import type { Json } from '../../../../../local/stepfunctions/json.ts';
import { type Answer, type Asked, aServiceEndpoint, json, xml } from '../../../../builders/an-aws-endpoint.ts';

const engine = {
  account: '111111111111',
  region: 'us-east-1',
  call: async () => Promise.reject(new Error('nothing is asked of the engine here')),
  invoke: async () => ({ ok: false, errorType: 'NoFunction', errorMessage: '' }) as const,
};

type Ask = (service: string, action: string, input: Json, isSdk?: boolean) => ReturnType<CallService>;

const asking = (services: CallService): Ask => {
  const { signal } = new AbortController();
  return (service, action, input, isSdk = true) =>
    services({ service, action, input, isSdk, invocationId: 'arn/7', signal });
};

const answered = async (answer: (asked: Asked) => Answer | undefined) => {
  const endpoint = await aServiceEndpoint(answer);
  return { ...endpoint, ask: asking(createIntegrations({ url: endpoint.url }, engine)) };
};

const item = { id: { S: 'i1' }, is: { BOOL: true }, none: { NULL: true }, many: { SS: ['a'] }, raw: { B: 'AAEC' } };

describe('DynamoDB', () => {
  test('an item is written and read in the words of DynamoDB, or in those of AWS’s Java SDK', async () => {
    const { ask, asked } = await answered(() => json({ Item: item }));
    const input = { TableName: 'runs', Key: { id: { S: 'i1' } } };
    expect(await ask('dynamodb', 'GetItem', input, false)).toEqual({ ok: true, output: { Item: item } });
    const { BOOL, ...words } = { ...item.is, Item: { id: { S: 'i1' }, is: { Bool: true }, none: { Nul: true } } };
    expect(BOOL).toBe(true);
    expect(await ask('dynamodb', 'GetItem', input)).toEqual({
      ok: true,
      output: { Item: { ...words.Item, many: { Ss: ['a'] }, raw: { B: 'AAEC' } } },
    });
    await ask('dynamodb', 'PutItem', { TableName: 'runs', Item: { ...item, none: { Nul: true }, is: { Bool: true } } });
    expect(asked.map(({ target, body }) => [target, JSON.parse(body)])).toEqual([
      ['DynamoDB_20120810.GetItem', input],
      ['DynamoDB_20120810.GetItem', input],
      ['DynamoDB_20120810.PutItem', { TableName: 'runs', Item: item }],
    ]);
  });

  test('requests are signed for the region and with the key that the environment names', async () => {
    const { url, asked } = await aServiceEndpoint(() => json({}));
    const endpoints = { urls: { dynamodb: url }, region: 'eu-west-1', accessKeyId: 'KEY', secretAccessKey: 'secret' };
    await asking(createIntegrations(endpoints, engine))('dynamodb', 'ListTables', {});
    expect(asked[0]?.headers.authorization).toMatch(/Credential=KEY\/\d{8}\/eu-west-1\/dynamodb\/aws4_request/);
  });

  test.each([
    ['ConditionalCheckFailedException', 400, true],
    ['ProvisionedThroughputExceededException', 400, true],
    ['ThrottlingException', 400, true],
    // The API model does not have it; a state machine sees the service's name alone.
    ['ValidationException', 400, false],
    ['InternalServerError', 500, true],
  ])('%s with status %d is asked for once and told by its name', async (name, status, isModelled) => {
    const { ask, asked } = await answered(() => json({ __type: `com.amazonaws#${name}`, message: 'no' }, status));
    expect(await ask('dynamodb', 'PutItem', { TableName: 't', Item: item })).toEqual({
      ok: false,
      error: name,
      cause: 'no',
      isModelled,
      http: { status, requestId: 'request-1' },
    });
    expect(asked).toHaveLength(1);
  });

  test('what asks for a token gets the one of the try', async () => {
    const { ask, asked } = await answered(() => json({}));
    await ask('dynamodb', 'TransactWriteItems', { TransactItems: [] });
    await ask('dynamodb', 'TransactWriteItems', { TransactItems: [] });
    await ask('dynamodb', 'TransactWriteItems', { TransactItems: [], ClientRequestToken: 'mine' });
    const [first, second, third] = asked.map(({ body }) => JSON.parse(body).ClientRequestToken);
    expect(first).toMatch(/^[-0-9a-f]{36}$/);
    expect(second).toBe(first);
    expect(third).toBe('mine');
  });

  test.each([
    [{ tableName: 't' }, 'The field "tableName" is not supported by Step Functions'],
    [{ Table: 't' }, 'The field "Table" is not supported by Step Functions'],
    [{ Limit: 'ten' }, `The value '"ten"' is not a number`],
    [{ TableName: 't', Key: 'id' }, `The value '"id"' is not an object`],
    [{ TableName: 't', AttributesToGet: 1 }, "The value '1' is not a list"],
    [{ TableName: 't', Key: { id: { X: 1 } } }, 'The field "X" is not supported by Step Functions'],
  ])('%j is not sent', async (input, said) => {
    const { ask, asked } = await answered(() => json({}));
    const answer = await ask('dynamodb', 'Limit' in input ? 'Query' : 'GetItem', input);
    expect(answer).toMatchObject({ ok: false, error: 'States.Runtime', cause: expect.stringContaining(said) });
    expect(asked).toEqual([]);
  });
});

test('whatever is asked for, the task has an answer', async () => {
  const { ask } = await answered(() => json({}));
  const names = [
    'TableName',
    'Key',
    'Item',
    'Expected',
    'Limit',
    'ExclusiveStartKey',
    'AttributesToGet',
    'S',
    'M',
    'L',
  ];
  const { value: input } = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.jsonValue({ maxDepth: 1 }).map((value): Json => JSON.parse(JSON.stringify(value))),
      fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 4 }),
      fc.array(tie('value'), { maxLength: 3 }),
    ),
  }));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('GetItem', 'PutItem', 'Query'), input, async (action, value) => {
      const answer = await ask('dynamodb', action, { TableName: 't', Key: value, Item: value, Limit: value });
      expect(answer.ok || /^States\.Runtime$/.test(answer.error)).toBe(true);
    }),
    { numRuns: 100 },
  );
});

describe('S3', () => {
  const at = { Bucket: 'b', Key: 'runs/1 of 2.json' };

  test('an object is read as text, with what its headers say', async () => {
    const headers = { etag: '"e"', 'last-modified': 'Wed, 21 Oct 2015 07:28:00 GMT', 'x-amz-meta-run': '7' };
    const { ask, asked } = await answered(() => ({
      headers: { 'content-type': 'text/plain', ...headers },
      body: 'hé',
    }));
    expect(await ask('s3', 'GetObject', at)).toEqual({
      ok: true,
      output: {
        Body: 'hé',
        ContentType: 'text/plain',
        ETag: '"e"',
        LastModified: '2015-10-21T07:28:00Z',
        Metadata: { run: '7' },
      },
    });
    expect(asked[0]?.path).toMatch(/^\/b\/runs\/1%20of%202\.json\b/);
  });

  // Measured on AWS: localstack, test_aws_sdk_task_service.snapshot.json, test_s3_put_object
  test.each([
    ['text data', '"text data"'],
    [{ Dict: 'Value' }, '{"Dict":"Value"}'],
    [['List', 'Data'], '["List","Data"]'],
    [false, 'false'],
    [0, '0'],
  ])('the body %j is written as %s', async (Body, text) => {
    const { ask, asked } = await answered(() => ({ headers: { etag: '"e"' } }));
    expect(await ask('s3', 'PutObject', { ...at, Body })).toEqual({ ok: true, output: { ETag: '"e"' } });
    expect(asked[0]?.body).toBe(text);
  });

  test('an object that is larger than a state may hold is not read to its end', async () => {
    const { ask } = await answered(() => ({ body: Buffer.alloc(2 ** 20) }));
    expect(await ask('s3', 'GetObject', at)).toEqual({
      ok: false,
      error: 'States.DataLimitExceeded',
      cause:
        "The state/task 'aws-sdk:s3' returned a result with a size exceeding the maximum number of bytes service limit.",
    });
  });

  test('a listing tells times, sizes and keys', async () => {
    const contents =
      '<Contents><Key>a&amp;b</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;e&quot;</ETag><Size>3</Size></Contents>';
    const { ask } = await answered(() =>
      xml(
        `<ListBucketResult><Name>b</Name><KeyCount>1</KeyCount><IsTruncated>false</IsTruncated>${contents}</ListBucketResult>`,
      ),
    );
    expect(await ask('s3', 'ListObjectsV2', { Bucket: 'b', Prefix: 'a' })).toMatchObject({
      output: {
        Contents: [{ Key: 'a&b', LastModified: '2026-01-02T03:04:05Z', ETag: '"e"', Size: 3 }],
        IsTruncated: false,
        KeyCount: 1,
      },
    });
  });

  test.each<[action: string, status: number, body: string, error: string, isModelled: boolean]>([
    ['GetObject', 404, '<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>', 'NoSuchKey', true],
    ['GetObject', 416, '<Error><Code>InvalidRange</Code><Message>no</Message></Error>', 'InvalidRange', false],
    ['GetObject', 503, '<Error><Code>SlowDown</Code><Message>later</Message></Error>', 'SlowDown', true],
    ['HeadObject', 404, '', 'NoSuchKey', true],
  ])('%s answered by %d %s', async (action, status, body, error, isModelled) => {
    const { ask } = await answered(() => xml(body, status));
    expect(await ask('s3', action, at)).toMatchObject({
      ok: false,
      error,
      isModelled,
      http: { status, requestId: 'request-1', extendedRequestId: 'host-1' },
    });
  });
});

test('SNS publishes a message with its attributes', async () => {
  const { ask, asked } = await answered(() =>
    xml('<PublishResponse><PublishResult><MessageId>m1</MessageId></PublishResult></PublishResponse>'),
  );
  const input = {
    TopicArn: 'arn:aws:sns:us-east-1:111111111111:runs',
    Message: 'ended',
    MessageAttributes: { run: { DataType: 'Number', StringValue: '7' } },
  };
  expect(await ask('sns', 'Publish', input, false)).toEqual({ ok: true, output: { MessageId: 'm1' } });
  expect(Object.fromEntries(new URLSearchParams(asked[0]?.body))).toEqual({
    Action: 'Publish',
    Version: '2010-03-31',
    Message: 'ended',
    'MessageAttributes.entry.1.Name': 'run',
    'MessageAttributes.entry.1.Value.DataType': 'Number',
    'MessageAttributes.entry.1.Value.StringValue': '7',
    TopicArn: input.TopicArn,
  });
});

test('EventBridge takes events, and answers for each of them', async () => {
  const output = { FailedEntryCount: 1, Entries: [{ EventId: 'e1' }, { ErrorCode: 'X', ErrorMessage: 'y' }] };
  const { ask, asked } = await answered(() => json(output));
  const Time = '2026-01-02T03:04:05Z';
  const entry = { Source: 's', DetailType: 'd', Detail: '{}' };
  expect(await ask('eventbridge', 'PutEvents', { Entries: [{ ...entry, Time }, entry] })).toEqual({ ok: true, output });
  expect(asked.map(({ target, body }) => [target, JSON.parse(body)])).toEqual([
    ['AWSEvents.PutEvents', { Entries: [{ ...entry, Time: Date.parse(Time) / 1000 }, entry] }],
  ]);
});

test('an endpoint that nobody is at', async () => {
  const { ask, close } = await answered(() => json({}));
  await close();
  expect(await ask('dynamodb', 'ListTables', {})).toEqual({
    ok: false,
    error: 'SdkClientException',
    cause: expect.stringMatching(/^Unable to execute HTTP request: connect ECONNREFUSED 127\.0\.0\.1:\d+$/),
  });
});

test('an answer that is no answer of the service', async () => {
  const { ask } = await answered(() => ({ status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>bad' }));
  const answer = await ask('dynamodb', 'ListTables', {});
  expect(answer).toMatchObject({ ok: false, isModelled: false, http: { status: 502 } });
});

test('a call that nobody waits for any more is given up', async () => {
  const endpoint = await aServiceEndpoint(() => undefined);
  const giveUp = new AbortController();
  const services = createIntegrations({ url: endpoint.url }, engine);
  const request = { service: 'dynamodb', action: 'ListTables', input: {}, invocationId: 'arn/7' };
  const answer = services({ ...request, signal: giveUp.signal });
  await expect.poll(() => endpoint.asked.length).toBe(1);
  giveUp.abort();
  expect(await answer).toMatchObject({ ok: false, error: 'SdkClientException' });
});

test.each(['dynamodb', 's3', 'sns', 'eventbridge'])(
  '%s is nowhere unless the environment says where',
  async (service) => {
    const answer = await asking(createIntegrations({}, engine))(service, 'ListTables', {});
    expect(answer).toEqual({
      ok: false,
      error: 'SdkClientException',
      cause: `No endpoint is known for ${service}. Start the engine with AWS_ENDPOINT_URL_${service.toUpperCase()}, or AWS_ENDPOINT_URL, set to its URL.`,
    });
  },
);

test('an endpoint of its own goes before a local form, and that before the endpoint of all', async () => {
  const own = await aServiceEndpoint(() => json({ TableNames: ['own'] }));
  const all = await aServiceEndpoint(() => xml('<ListTopicsResponse><ListTopicsResult/></ListTopicsResponse>'));
  const here: CallService = async ({ service }) => ({ ok: true, output: `local ${service}` });
  const local = () => ({ sns: here, http: here });
  const ask = asking(createIntegrations({ url: all.url, urls: { dynamodb: own.url } }, engine, local));
  expect(await ask('dynamodb', 'ListTables', {})).toEqual({ ok: true, output: { TableNames: ['own'] } });
  expect(await ask('sns', 'ListTopics', {})).toEqual({ ok: true, output: 'local sns' });
  expect(await ask('http', 'Invoke', {})).toEqual({ ok: true, output: 'local http' });
  const bare = asking(createIntegrations({ url: all.url }, engine));
  expect(await bare('sns', 'ListTopics', {})).toEqual({ ok: true, output: {} });
});
