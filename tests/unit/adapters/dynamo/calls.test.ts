import { describe, expect, onTestFinished, test } from 'vitest';
import { openDynamoStore } from '../../../../functions/adapters/store/dynamo.ts';
import { roundsOf } from '../../../../functions/adapters/store/dynamo-put-many.ts';
import { createTableInput } from '../../../../functions/adapters/store/dynamo-tables.ts';
import { encodeItem } from '../../../../functions/adapters/store/record.ts';
import { storeTableNames, storeTables } from '../../../../functions/lib/schema/store-table.ts';
import { type Answer, type Asked, aServiceEndpoint, json } from '../../../builders/an-aws-endpoint.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';

const place = { instance: 'test', wing: 'bnl', plane: 'work' };
const tables = storeTableNames(place);
const error = (type: string, more = {}): Answer =>
  json({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: `a ${type}`, ...more }, 400);

/** A store on an endpoint that answers opening by itself, and the rest as the test says; its pauses take no time. */
const aStore = async (answer: (asked: Asked, operation: string) => Answer) => {
  let isOpen = false;
  const endpoint = await aServiceEndpoint((asked) => {
    const operation = asked.target.split('.')[1] ?? '';
    if (isOpen) return answer(asked, operation);
    return operation === 'Query' ? json({ Items: [], Count: 0 }) : json({});
  });
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const aws = { endpoint: endpoint.url, region: 'us-east-1', credentials, maxAttempts: 1 };
  const pauses: number[] = [];
  const pause = async (tries: number): Promise<void> => void pauses.push(tries);
  const { store, log } = await openDynamoStore({ aws, tables, clock: fakeClock(), pause });
  onTestFinished(store.close);
  isOpen = true;
  endpoint.asked.length = 0;
  return { store, log, asked: endpoint.asked, pauses };
};

const put = (sk: string, ifVersion: number) => ({ op: 'put', pk: 'prod_run', sk, ifVersion, doc: {} }) as const;
const cancelled = (...codes: readonly string[]): Answer =>
  error('TransactionCanceledException', {
    CancellationReasons: codes.map((Code) => ({ Code, Message: `by ${Code}` })),
  });

describe('calls of the dynamo store', () => {
  test('a transaction that meets another is tried again with the token that it had', async () => {
    let calls = 0;
    const { store, asked, pauses } = await aStore(() =>
      ++calls < 4 ? cancelled('TransactionConflict', 'None') : json({}),
    );
    await store.transact({ writes: [put('1', 0), put('2', 0)], events: [] });
    const tokens = asked.map(({ body }) => JSON.parse(body).ClientRequestToken);
    expect(tokens).toHaveLength(4);
    expect(new Set(tokens).size).toBe(1);
    expect(pauses).toEqual([1, 2, 3]);
  });

  test('a transaction that always meets another ends, and says what it met', async () => {
    const { store, asked } = await aStore(() => cancelled('TransactionConflict'));
    await expect(store.transact({ writes: [put('1', 0)], events: [] })).rejects.toMatchObject({
      code: 'store-unavailable',
      reason: 'a transaction was cancelled: TransactionConflict: by TransactionConflict',
    });
    expect(asked).toHaveLength(12);
  });

  test.each([
    ['TransactionInProgressException', 'store-unavailable', 12],
    // What is throttled the SDK tries again, as often as it was told: here once.
    ['ThrottlingException', 'store-unavailable', 1],
    ['ProvisionedThroughputExceededException', 'store-unavailable', 1],
    ['UnrecognizedClientException', 'store-unavailable', 1],
    ['ExpiredTokenException', 'store-unavailable', 1],
    ['ValidationException', 'bug', 1],
  ])('a transaction that meets %s ends in %s', async (type, code, calls) => {
    const { store, asked } = await aStore(() => error(type));
    await expect(store.transact({ writes: [put('1', 0)], events: [] })).rejects.toMatchObject({
      code,
      reason: expect.stringContaining(type),
    });
    expect(asked).toHaveLength(calls);
  });

  test.each(['ThrottlingError', 'ProvisionedThroughputExceeded'])(
    'a transaction that was cancelled for %s is tried again, a bounded number of times',
    async (reason) => {
      const { store, asked, pauses } = await aStore(() => cancelled('None', reason));
      await expect(store.transact({ writes: [put('1', 0), put('2', 0)], events: [] })).rejects.toMatchObject({
        code: 'store-unavailable',
        reason: `a transaction was cancelled: ${reason}: by ${reason}`,
      });
      expect(asked).toHaveLength(12);
      expect(pauses).toEqual(Array.from({ length: 11 }, (_, at) => at + 1));
    },
  );

  test('an item that DynamoDB finds too large is the caller’s to mend', async () => {
    const { store } = await aStore(() => cancelled('ValidationError'));
    await expect(store.transact({ writes: [put('1', 0)], events: [] })).rejects.toMatchObject({
      code: 'store-item-invalid',
    });
  });

  const item = (sk: string) => ({ pk: { S: 'p' }, sk: { S: sk }, version: { N: '1' }, doc: { S: '{}' } });

  test('keys that stayed unprocessed are asked for again, and only those', async () => {
    const answers = [
      json({
        Responses: { [tables.records]: [item('1')] },
        UnprocessedKeys: { [tables.records]: { Keys: [{ pk: { S: 'p' }, sk: { S: '2' } }] } },
      }),
      json({ Responses: { [tables.records]: [item('2')] }, UnprocessedKeys: {} }),
    ];
    const { store, asked } = await aStore(() => answers.shift() ?? json({}));
    const keys = ['1', '2', '1'].map((sk) => ({ pk: 'p', sk }));
    expect((await store.getMany(keys)).map((found) => found?.sk)).toEqual(['1', '2', '1']);
    const askedKeys = asked.map(({ body }) =>
      JSON.parse(body).RequestItems[tables.records].Keys.map((key: { sk: { S: string } }) => key.sk.S),
    );
    expect(askedKeys).toEqual([['1', '2'], ['2']]);
  });

  test('keys that stay unprocessed for ever are said to', async () => {
    const UnprocessedKeys = { [tables.records]: { Keys: [{ pk: { S: 'p' }, sk: { S: '1' } }] } };
    const { store, asked } = await aStore(() => json({ Responses: { [tables.records]: [] }, UnprocessedKeys }));
    await expect(store.getMany([{ pk: 'p', sk: '1' }])).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(asked).toHaveLength(12);
  });

  test('a committed transaction whose log does not answer is committed, and leaves its events for later', async () => {
    const { store } = await aStore((_, operation) => (operation === 'Query' ? error('ThrottlingException') : json({})));
    const event = {
      id: 'e',
      type: 'a.b',
      source: 's',
      subject: 'x',
      version: 1,
      time: '2026-01-01T00:00:00Z',
      epoch: 1,
      by: 'b',
      build: 'c',
      data: {},
    };
    expect(await store.transact({ writes: [put('1', 0)], events: [event] })).toEqual({ seq: 0 });
  });

  test('a service that is not there is named with its table', async () => {
    const { store } = await aStore(() => json({}));
    await store.close();
    const endpoint = 'http://127.0.0.1:1';
    const aws = {
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      maxAttempts: 1,
    };
    await expect(openDynamoStore({ aws, tables, clock: fakeClock() })).rejects.toMatchObject({
      code: 'store-unavailable',
      reason: expect.stringMatching(/papilio-test-bnl-work-log: .*ECONNREFUSED/),
    });
  });
});

describe('records put at once', () => {
  test('are cut by number and size, and a key’s second record comes in a later round', () => {
    const row = (sk: string, length = 0) => encodeItem({ pk: 'p', sk, doc: { text: 'x'.repeat(length) } });
    const small = Array.from({ length: 250 }, (_, at) => row(String(at)));
    expect(roundsOf(small).map((calls) => calls.map((call) => call.length))).toEqual([[100, 100, 50]]);
    const large = Array.from({ length: 20 }, (_, at) => row(String(at), 390_000));
    expect(roundsOf(large).map((calls) => calls.map((call) => call.length))).toEqual([[8, 8, 4]]);
    expect(roundsOf([row('1'), row('2'), row('1')]).map((calls) => calls.flat().map(({ sk }) => sk))).toEqual([
      ['1', '2'],
      ['1'],
    ]);
  });
});

describe('the tables of a store', () => {
  test('are created as their definition says: two indexes of whole records, billed by use', () => {
    const input = createTableInput(tables.records, storeTables.records);
    expect(input.TableName).toBe('papilio-test-bnl-work-records');
    expect(input.KeySchema?.map(({ AttributeName, KeyType }) => [AttributeName, KeyType])).toEqual([
      ['pk', 'HASH'],
      ['sk', 'RANGE'],
    ]);
    expect(
      input.GlobalSecondaryIndexes?.map(({ IndexName, Projection }) => [IndexName, Projection?.ProjectionType]),
    ).toEqual([
      ['by-i1', 'ALL'],
      ['by-i2', 'ALL'],
    ]);
    expect(input.AttributeDefinitions).toHaveLength(6);
    expect(createTableInput(tables.log, storeTables.log).GlobalSecondaryIndexes).toBeUndefined();
  });
});
