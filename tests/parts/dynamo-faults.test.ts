import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { describe, expect, onTestFinished, test } from 'vitest';
import { answeringWithin } from '#lib/answering-within';
import type { Store } from '#ports/store';
import { aDynamoStore, awsAt, newTables } from '../builders/a-dynamo-store.ts';
import { aSteeredProxy, type Fault } from '../builders/a-steered-proxy.ts';
import { anEvent } from '../builders/an-event.ts';
import { aRandom } from '../builders/random.ts';
import { aDynamoDbLocal } from './a-dynamodb-local.ts';

/** The store on DynamoDB when DynamoDB, the network or somebody's credentials fail, for a while or for good. */
const url = aDynamoDbLocal();

const attempts = 2;
const patience = { timeout: 20_000 };
const refused = (status: number, type: string, more = {}): Fault => ({
  status,
  type: `com.amazonaws.dynamodb.v20120810#${type}`,
  more,
});
const cancelled = (...codes: readonly string[]): Fault =>
  refused(400, 'TransactionCanceledException', { CancellationReasons: codes.map((Code) => ({ Code, Message: Code })) });

/** A store behind a proxy: calls are tried twice, answered within a second, and pauses take no time. */
const open = async (aws: object = { maxAttempts: attempts, requestHandler: answeringWithin(1_000) }) => {
  const proxy = await aSteeredProxy(url());
  const tables = newTables();
  const opened = await aDynamoStore(proxy.url, { tables, aws, pause: async () => {} });
  onTestFinished(async () => {
    proxy.steer();
    await opened.close();
    await proxy.close();
  });
  // What looks for records of lower layouts beside has come to its end, and written that down.
  await expect.poll(() => proxy.asked.filter((one) => one === 'Scan').length, patience).toBe(1);
  await expect.poll(() => proxy.asked.at(-1), patience).not.toBe('Scan');
  proxy.asked.length = 0;
  return { ...opened, proxy, tables };
};

const key = { pk: 'prod_run', sk: '1' };
const put = (sk: string, ifVersion: number) => ({ op: 'put', pk: 'prod_run', sk, ifVersion, doc: { sk } }) as const;

const operations: readonly (readonly [string, (store: Store) => Promise<unknown>])[] = [
  ['get', (store) => store.get(key)],
  ['getMany', (store) => store.getMany([key])],
  ['query', (store) => store.query({ pk: 'prod_run' })],
  ['transact', (store) => store.transact({ writes: [put('1', 0)], events: [] })],
  ['putMany', (store) => store.putMany([{ ...key, doc: {} }])],
];

const lasting: readonly (readonly [string, Fault, number])[] = [
  ['throttles', refused(400, 'ProvisionedThroughputExceededException'), attempts],
  ['answers with 500', refused(500, 'InternalServerError'), attempts],
  ['answers with 503', refused(503, 'ServiceUnavailable'), attempts],
  ['cuts the connection', 'cut-before', attempts],
  ['cuts its answers in the middle', 'cut-within', attempts],
  ['is silent', 'silent', attempts],
  ['finds the credentials expired', refused(400, 'ExpiredTokenException'), 1],
  ['knows nobody of that key', refused(400, 'UnrecognizedClientException'), 1],
];

describe('a DynamoDB that', () => {
  test.each(lasting)(
    '%s makes every call store-unavailable, after a bounded number of tries',
    async (_, fault, tries) => {
      const { store, proxy, tables } = await open();
      for (const [name, call] of operations) {
        proxy.steer(() => fault);
        proxy.asked.length = 0;
        const reason = expect.stringMatching(/table of a transaction|table papilio-/);
        await expect(call(store), name).rejects.toMatchObject({ code: 'store-unavailable', name: 'Transient', reason });
        expect(proxy.asked, name).toHaveLength(tries);
      }
      proxy.steer();
      await store.transact({ writes: [put('2', 0)], events: [] });
      expect(await store.get({ ...key, sk: '2' })).toMatchObject({ version: 1 });
      expect(tables.records).toContain('records');
    },
  );

  test('throttles is asked six times as papilio opens it, and no more', async () => {
    const { store, proxy } = await open({});
    proxy.steer(() => refused(400, 'ThrottlingException'));
    await expect(store.get(key)).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(proxy.asked).toHaveLength(6);
  });

  test.each([['ThrottlingError'], ['ProvisionedThroughputExceeded'], ['TransactionConflict']])(
    'cancels transactions for %s is asked again, and the transaction happens once',
    async (reason) => {
      const { store, proxy } = await open();
      const faults = [cancelled(reason, 'None'), cancelled('None', reason), cancelled(reason, reason)];
      proxy.steer(({ operation }) => (operation === 'TransactWriteItems' ? faults.shift() : undefined));
      await store.transact({ writes: [put('1', 0), put('2', 0)], events: [] });
      expect(proxy.asked).toEqual(Array.from({ length: 4 }, () => 'TransactWriteItems'));
      expect(await store.getMany([key, { ...key, sk: '2' }])).toMatchObject([{ version: 1 }, { version: 1 }]);
    },
  );

  test('had done what it was asked when the connection was cut is not made to do it again', async () => {
    const { store, proxy } = await open();
    const faults: Fault[] = ['cut-after'];
    proxy.steer(({ operation }) => (operation === 'TransactWriteItems' ? faults.shift() : undefined));
    await store.transact({ writes: [put('1', 0)], events: [] });
    expect(proxy.asked).toEqual(['TransactWriteItems', 'TransactWriteItems']);
    expect(await store.get(key)).toMatchObject({ version: 1 });
  });

  test('has lost a table says which, and what to do', async () => {
    const { store, tables } = await open();
    const ddb = new DynamoDB(awsAt(url()));
    onTestFinished(() => ddb.destroy());
    await ddb.deleteTable({ TableName: tables.records });
    for (const [name, call] of operations)
      await expect(call(store), name).rejects.toMatchObject({
        code: 'store-unavailable',
        reason: expect.stringContaining('the table is not there: create it first'),
      });
  });
});

describe('what DynamoDB would refuse for its size', () => {
  test('is refused before anything is asked, with its size', async () => {
    const { store, proxy } = await open();
    const doc = { text: 'x'.repeat(400_001) };
    const tooLarge = { code: 'store-item-invalid', reason: expect.stringContaining('more than 400,000') };
    await expect(store.transact({ writes: [{ ...put('1', 0), doc }], events: [] })).rejects.toMatchObject(tooLarge);
    await expect(
      store.putMany([
        { ...key, doc: {} },
        { ...key, sk: '2', doc },
      ]),
    ).rejects.toMatchObject(tooLarge);
    expect(proxy.asked).toEqual([]);
    expect(await store.get(key)).toBeUndefined();
  });
});

describe('in bad weather', () => {
  const faults: readonly Fault[] = [
    refused(400, 'ProvisionedThroughputExceededException'),
    refused(500, 'InternalServerError'),
    cancelled('ThrottlingError'),
    'cut-before',
    'cut-after',
    'cut-within',
  ];

  test('nothing that was acknowledged is lost, no record is without its event, and none has two', async () => {
    const { store, log, proxy } = await open();
    const random = aRandom(17);
    proxy.steer(({ operation }) => {
      const fault = random() < 0.25 ? faults[Math.floor(random() * faults.length)] : undefined;
      return fault === faults[2] && operation !== 'TransactWriteItems' ? undefined : fault;
    });
    const names = Array.from({ length: 80 }, (_, at) => String(at).padStart(3, '0'));
    const rest = names.values();
    const acknowledged: string[] = [];
    const writer = async (): Promise<void> => {
      for (const sk of rest) {
        const events = [anEvent({ subject: sk, id: sk })];
        const ended = await store.transact({ writes: [put(sk, 0)], events }).then(
          () => true,
          () => false,
        );
        if (ended) acknowledged.push(sk);
      }
    };
    await Promise.all(Array.from({ length: 8 }, writer));
    proxy.steer();
    await store.transact({ writes: [], events: [anEvent({ subject: 'last', id: 'last' })] });
    const records = (await store.query({ pk: 'prod_run', limit: 1000 })).items.map(({ sk }) => sk);
    expect(acknowledged.filter((sk) => !records.includes(sk))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(40);
    const subjects = (await log.read(0)).map(({ subject }) => subject).filter((subject) => subject !== 'last');
    expect(subjects.toSorted()).toEqual(records);
    expect(await log.verify()).toEqual({ ok: true, events: records.length + 1 });
  });
});
