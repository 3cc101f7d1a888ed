import { DynamoDB, type QueryCommandOutput } from '@aws-sdk/client-dynamodb';
import { describe, expect, onTestFinished, test } from 'vitest';
import { commit } from '#lib/change';
import { facilities, jobs } from '#lib/records';
import type { Store } from '#ports/store';
import { keyOf } from '../../functions/adapters/store/dynamo-commit.ts';
import { dynamoErrorOf } from '../../functions/adapters/store/dynamo-errors.ts';
import { addMissingIndexes } from '../../functions/adapters/store/dynamo-indexes.ts';
import { type IndexRules, ownIndexRules, reindexTable } from '../../functions/adapters/store/dynamo-reindex.ts';
import { createTable } from '../../functions/adapters/store/dynamo-tables.ts';
import { storeLayout, storeTables } from '../../functions/lib/schema/store-table.ts';
import { aDynamoStore, awsAt, type DynamoOptions, newTables } from '../builders/a-dynamo-store.ts';
import { aLogTable } from '../builders/a-log-table.ts';
import { aRandom } from '../builders/random.ts';
import { lessOfMany, storeSuite } from '../contract/store-suite.ts';
import { aDynamoDbLocal } from './a-dynamodb-local.ts';

/** Tables, records and code of two papilios, the later of which only adds: each works on what the other made. */
const url = aDynamoDbLocal();

/** The definition of a later papilio: one more index. */
const laterTable = {
  ...storeTables.records,
  indexes: { ...storeTables.records.indexes, i3: { name: 'by-i3', pk: 'i3Pk', sk: 'i3Sk' } },
};

/** Its rules: records of `prod_run` have a place in that index by what their document says. */
const laterRules: IndexRules = {
  layout: storeLayout + 1,
  attributesOf: ({ pk, sk, doc }) =>
    pk === 'prod_run' && typeof doc.state === 'string'
      ? { i3Pk: { S: `state#${doc.state}` }, i3Sk: { S: sk } }
      : { i3Pk: undefined, i3Sk: undefined },
};

const rawly = (): DynamoDB => {
  const ddb = new DynamoDB(awsAt(url()));
  onTestFinished(() => ddb.destroy());
  return ddb;
};

const open = async (options: DynamoOptions) => {
  const opened = await aDynamoStore(url(), options);
  onTestFinished(opened.close);
  return opened;
};

const put = (sk: string, ifVersion: number, doc: Readonly<Record<string, unknown>>) =>
  ({ op: 'put', pk: 'prod_run', sk, ifVersion, doc, indexes: { i1: { pk: 'runs', sk } } }) as const;

const aQueue = { name: 'default', slots: 8, coresPerSlot: 1, memoryMbPerSlot: 2000, isOnline: true };

const write = (store: Store, sk: string, ifVersion: number, doc: Readonly<Record<string, unknown>>) =>
  store.transact({ writes: [put(sk, ifVersion, doc)], events: [] });

const rawItem = async (ddb: DynamoDB, table: string, sk: string) =>
  (await ddb.getItem({ TableName: table, Key: keyOf({ pk: 'prod_run', sk }), ConsistentRead: true })).Item ?? {};

const names = (count: number): string[] => Array.from({ length: count }, (_, at) => String(at).padStart(4, '0'));

/** What the later index shows of a state, all pages. */
const inIndex = async (ddb: DynamoDB, TableName: string, state: string): Promise<string[]> => {
  const found: string[] = [];
  let ExclusiveStartKey: QueryCommandOutput['LastEvaluatedKey'];
  do {
    const page = await ddb.query({
      TableName,
      IndexName: laterTable.indexes.i3.name,
      KeyConditionExpression: 'i3Pk = :p',
      ExpressionAttributeValues: { ':p': { S: `state#${state}` } },
      ...(ExclusiveStartKey && { ExclusiveStartKey }),
    });
    found.push(...(page.Items ?? []).map(({ sk }) => sk?.S ?? ''));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return found;
};

// The first: a table whose records expire takes one of DynamoDB Local's ten threads for minutes, four more work on, and an index
// that is added to one needs one too.
describe('an index of a later papilio', () => {
  const statesOf = (at: number): string => ['begun', 'ended', 'failed'][at % 3] ?? '';

  test('is added and filled while earlier ones read and write, and then shows every record where it is', async () => {
    const tables = newTables();
    const [first, second] = [await open({ tables }), await open({ tables })];
    const ddb = rawly();
    const all = names(300);
    await first.store.putMany(all.map((sk, at) => ({ pk: 'prod_run', sk, doc: { state: statesOf(at) } })));
    const random = aRandom(3);
    let isOver = false;
    let writes = 0;
    const last = new Map(all.map((sk, at) => [sk, statesOf(at)]));
    const writer = async (store: Store, mine: readonly string[]): Promise<void> => {
      while (!isOver) {
        const sk = mine[Math.floor(random() * mine.length)] ?? '';
        const found = await store.get({ pk: 'prod_run', sk });
        const state = statesOf(Math.floor(random() * 3));
        await write(store, sk, found?.version ?? 0, { ...found?.doc, state });
        last.set(sk, state);
        writes += 1;
      }
    };
    const halves = [all.slice(0, 150), all.slice(150)] as const;
    const traffic = [writer(first.store, halves[0]), writer(second.store, halves[1])];
    await addMissingIndexes(ddb, tables.records, laterTable);
    const log = aLogTable(ddb, tables.log);
    const meanwhile = await reindexTable({ ddb, table: tables.records, log, rules: laterRules });
    isOver = true;
    await Promise.all(traffic);
    expect(writes).toBeGreaterThan(0);
    expect(meanwhile).toBeGreaterThanOrEqual(300);
    await reindexTable({ ddb, table: tables.records, log, rules: laterRules }, { again: true });
    for (const state of ['begun', 'ended', 'failed']) {
      const expected = all.filter((sk) => last.get(sk) === state);
      expect(await inIndex(ddb, tables.records, state)).toEqual(expected);
    }
    for (const sk of all.slice(0, 20)) {
      const { version, doc } = (await first.store.get({ pk: 'prod_run', sk })) ?? {};
      expect({ isKept: Number(version) >= 1, state: doc?.state }).toEqual({ isKept: true, state: last.get(sk) });
    }
  });

  test('of which a table knows nothing yet is store-unavailable, and says what to do', async () => {
    const ddb = rawly();
    const tables = newTables();
    await createTable(ddb, tables.records, storeTables.records);
    const thrown = await inIndex(ddb, tables.records, 'begun').catch((error: unknown) => dynamoErrorOf(error, 'x'));
    expect(thrown).toMatchObject({
      code: 'store-unavailable',
      reason: expect.stringContaining('bring the table to its definition'),
    });
  });

  test('is filled once: a sweep that stopped or broke off goes on where it was, and two at once do no harm', async () => {
    const tables = newTables();
    const earlier = await aDynamoStore(url(), { tables });
    const ddb = rawly();
    const all = names(950);
    await earlier.store.putMany(all.map((sk, at) => ({ pk: 'prod_run', sk, doc: { state: statesOf(at) } })));
    // Its own sweep, of lower layout, has ended with it: it would take the place of the later's.
    await earlier.close();
    await addMissingIndexes(ddb, tables.records, laterTable);
    const log = aLogTable(ddb, tables.log);
    const pages = [1, 2, 3].values();
    const work = { ddb, table: tables.records, log, rules: laterRules };
    const rewritten = await reindexTable({ ...work, isStopped: () => pages.next().done === true });
    expect(rewritten).toBe(300);
    // One that dies between its page and its position does that page again, and no other.
    const dying = { ...log, commit: () => Promise.reject(new Error('killed')) };
    await expect(reindexTable({ ...work, log: dying })).rejects.toMatchObject({ code: 'store-unavailable' });
    const rest = await Promise.all([reindexTable(work), reindexTable(work)]);
    expect(rest[0] + rest[1]).toBeGreaterThanOrEqual(550);
    expect(await reindexTable(work)).toBe(0);
    for (const [at, state] of ['begun', 'ended', 'failed'].entries())
      expect(await inIndex(ddb, tables.records, state)).toEqual(all.filter((_, n) => n % 3 === at));
    const { store } = await open({ tables });
    expect(await store.get({ pk: 'prod_run', sk: '0000' })).toMatchObject({ version: 1 });
  });

  test('of this papilio is filled for records that had no place in it, by what their kind says', async () => {
    const tables = newTables();
    await (await aDynamoStore(url(), { tables })).close();
    const ddb = rawly();
    const id = 'prod_facility_x';
    const doc = { id, name: 'x', kind: 'local', isOnline: true, queues: [aQueue] };
    const raw = { version: { N: '1' }, i2Pk: { S: 'gone' }, i2Sk: { S: 'x' } };
    const items = [
      { ...keyOf({ pk: id, sk: facilities.name }), ...raw, doc: { S: JSON.stringify(doc) } },
      { ...keyOf({ pk: 'odd', sk: jobs.name }), ...raw, doc: { S: '{"no":"job"}' } },
      { ...keyOf({ pk: 'odd', sk: 'of no kind' }), ...raw, doc: { S: '{}' } },
    ];
    for (const Item of items) await ddb.putItem({ TableName: tables.records, Item });
    const log = aLogTable(ddb, tables.log);
    expect(await reindexTable({ ddb, table: tables.records, log, rules: ownIndexRules }, { again: true })).toBe(3);
    const again = await open({ tables });
    const found = await facilities.list(again.store, 'i1', 'facilities');
    expect(found.items.map((item) => item.doc.id)).toEqual([id]);
    const inI2 = (await again.store.query({ index: 'i2', pk: 'gone' })).items.map(({ sk }) => sk);
    expect(inI2.toSorted()).toEqual(['job', 'of no kind']);
  });
});

describe('a record', () => {
  test('of a later papilio is read and changed by an earlier one, and keeps what only the later one knows', async () => {
    const tables = newTables();
    const { store } = await open({ tables });
    const ddb = rawly();
    await write(store, '1', 0, { state: 'begun' });
    const Item = {
      ...(await rawItem(ddb, tables.records, '1')),
      i3Pk: { S: 'a' },
      i3Sk: { S: 'b' },
      layout: { N: '7' },
    };
    await ddb.putItem({ TableName: tables.records, Item });
    expect(await store.get({ pk: 'prod_run', sk: '1' })).toMatchObject({ version: 1, doc: { state: 'begun' } });
    await write(store, '1', 1, { state: 'ended' });
    await store.putMany([{ pk: 'prod_run', sk: '1', doc: { state: 'ended', by: 'all' } }]);
    const after = await rawItem(ddb, tables.records, '1');
    // Its layout says who wrote it last, so that the later one makes its keys anew.
    expect(after).toMatchObject({
      version: { N: '3' },
      i3Pk: { S: 'a' },
      i3Sk: { S: 'b' },
      layout: { N: String(storeLayout) },
    });
    expect(after.i1Pk).toBeUndefined();
    await store.transact({ writes: [{ op: 'delete', pk: 'prod_run', sk: '1', ifVersion: 3 }], events: [] });
    await write(store, '1', 0, { state: 'again' });
    expect((await rawItem(ddb, tables.records, '1')).i3Pk).toBeUndefined();
  });

  test('of an earlier papilio, without a layout, is read, changed and deleted by this one', async () => {
    const tables = newTables();
    const { store } = await open({ tables });
    const ddb = rawly();
    for (const sk of ['1', '2']) {
      const Item = { ...keyOf({ pk: 'prod_run', sk }), version: { N: '4' }, doc: { S: '{"state":"begun"}' } };
      await ddb.putItem({ TableName: tables.records, Item });
    }
    expect(await store.get({ pk: 'prod_run', sk: '1' })).toMatchObject({ version: 4, doc: { state: 'begun' } });
    await write(store, '1', 4, { state: 'ended' });
    expect(await rawItem(ddb, tables.records, '1')).toMatchObject({
      version: { N: '5' },
      layout: { N: String(storeLayout) },
    });
    await store.transact({ writes: [{ op: 'delete', pk: 'prod_run', sk: '2', ifVersion: 4 }], events: [] });
    expect(await store.get({ pk: 'prod_run', sk: '2' })).toBeUndefined();
  });

  test('keeps the fields of its document that a later papilio wrote, when an earlier one changes it', async () => {
    const { store } = await open({});
    const id = 'prod_facility_x';
    const queues = [{ ...aQueue, watts: 250 }];
    const doc = { id, name: 'x', kind: 'local', isOnline: true, queues, cooling: { water: true } };
    await store.transact({ writes: [{ op: 'put', pk: id, sk: facilities.name, ifVersion: 0, doc }], events: [] });
    const found = await facilities.need(store, id);
    await commit({ store }, [], [facilities.put(id, { ...found.doc, isOnline: false }, found.version)]);
    expect(await store.get({ pk: id, sk: facilities.name })).toMatchObject({
      version: 2,
      doc: { ...doc, isOnline: false },
    });
  });
});

const onLaterTable = async () => {
  const tables = newTables();
  const ddb = new DynamoDB(awsAt(url()));
  await createTable(ddb, tables.records, laterTable);
  ddb.destroy();
  return aDynamoStore(url(), { tables });
};

storeSuite('dynamo on a table that a later papilio made', onLaterTable, lessOfMany);
