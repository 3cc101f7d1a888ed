import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { pendingWrite } from '../../functions/adapters/event-log/dynamo-items.ts';
import { cloud } from '../../functions/lib/deps.ts';
import { installDynamoDbLocal, startDynamoDbLocal } from '../../local/stack/parts/dynamodb-local.ts';
import { localstackPart, startLocalstack } from '../../local/stack/parts/localstack.ts';
import { ministackPart, startMinistack } from '../../local/stack/parts/ministack.ts';
import { aDynamoStore, aLateClock, awsAt, type DynamoOptions, newTables } from '../builders/a-dynamo-store.ts';
import { aFaultyProxy, type FaultyProxy } from '../builders/a-faulty-proxy.ts';
import { anEvent } from '../builders/an-event.ts';
import { fakeClock } from '../builders/fake-clock.ts';
import { lessOfMany, type OpenStore, storeSuite } from '../contract/store-suite.ts';
import { surviveKills } from './dynamo-kills.ts';

/** The store and the event log on DynamoDB, on three services that others wrote. */
type Service = { url: string; stop: () => Promise<void>; proxy?: FaultyProxy };
const services: Record<string, Service> = {};
const faultRate = 0.05;
/** The last is LocalStack's own gate before a DynamoDB Local of its own. */
const kinds = ['DynamoDB Local', 'ministack', 'LocalStack'] as const;

beforeAll(async () => {
  installDynamoDbLocal();
  ministackPart.install();
  localstackPart.install();
  services['DynamoDB Local'] = await startDynamoDbLocal();
  services.ministack = await startMinistack();
  services.LocalStack = await startLocalstack(['dynamodb']);
  for (const [at, service] of Object.values(services).entries())
    service.proxy = await aFaultyProxy(service.url, faultRate, at + 1);
}, 600_000);

afterAll(async () => {
  for (const { proxy, stop } of Object.values(services)) {
    await proxy?.close();
    await stop();
  }
});

for (const name of kinds) {
  storeSuite(`dynamo on ${name}`, () => aDynamoStore(services[name]?.url), lessOfMany);
  const hurt = () => aDynamoStore(services[name]?.proxy?.url);
  storeSuite(`dynamo on ${name}, one call in twenty fails`, hurt, lessOfMany);
}

const handsOn = (name: string) => {
  const url = () => services[name]?.url ?? '';
  const open = async (options: DynamoOptions = {}) => {
    const opened = await aDynamoStore(url(), options);
    onTestFinished(opened.close);
    return opened;
  };
  const rawly = () => {
    const ddb = new DynamoDB(awsAt(url()));
    onTestFinished(() => ddb.destroy());
    return ddb;
  };
  return { url, open, rawly };
};

const put = (sk: string, ifVersion: number, more = {}) =>
  ({ op: 'put', pk: 'prod_run', sk, ifVersion, doc: {}, ...more }) as const;

describe.each(kinds)('the dynamo store on %s', (name) => {
  const { url, open, rawly } = handsOn(name);

  test('a transaction that was done and not heard of is not done twice', async () => {
    const proxy = await aFaultyProxy(url(), 0.2, 7);
    onTestFinished(proxy.close);
    const { store, log, close } = await aDynamoStore(proxy.url);
    for (let version = 0; version < 30; version++)
      await store.transact({ writes: [put('1', version)], events: [anEvent({ version: version + 1 })] });
    expect(await store.get({ pk: 'prod_run', sk: '1' })).toMatchObject({ version: 30 });
    expect(await log.verify()).toEqual({ ok: true, events: 30 });
    expect(Object.values(proxy.met)).toHaveLength(4);
    expect(Math.min(...Object.values(proxy.met))).toBeGreaterThan(0);
    await close();
  });

  test('planes that share a log write no event twice, leave none out, and keep the order of each subject', async () => {
    const tables = newTables();
    const clock = aLateClock();
    const writers = [await open({ tables, clock }), await open({ tables, clock }), await open({ tables, clock })];
    const write = async ({ store }: OpenStore, subject: string): Promise<void> => {
      for (let version = 1; version <= 8; version++) {
        const events = [anEvent({ subject, version, id: `${subject}-${version}` })];
        await store.transact({ writes: [put(subject, version - 1)], events });
      }
    };
    await Promise.all(writers.flatMap((writer, at) => ['a', 'b', 'c'].map((part) => write(writer, `${part}${at}`))));
    const [first] = writers;
    expect(await first?.log.verify()).toEqual({ ok: true, events: 72 });
    const events = (await first?.log.read(0)) ?? [];
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
    expect(new Set(events.map(({ id }) => id)).size).toBe(72);
    for (const subject of new Set(events.map((event) => event.subject))) {
      const versions = events.filter((event) => event.subject === subject).map(({ version }) => version);
      expect(versions).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    }
    for (const { log } of writers) expect(await log.head()).toBe(72);
  });

  test('many events of one transaction get their seq in their order, in as many steps as it takes', async () => {
    const { store, log } = await open();
    const events = Array.from({ length: 250 }, (_, at) =>
      anEvent({ version: at + 1, data: { text: 'x'.repeat(900) } }),
    );
    expect(await store.transact({ writes: [put('1', 0)], events })).toEqual({ seq: 250 });
    expect((await log.read(0)).map(({ version }) => version)).toEqual(events.map(({ version }) => version));
    expect((await log.read(97, 3)).map(({ seq }) => seq)).toEqual([98, 99, 100]);
    expect(await log.verify()).toEqual({ ok: true, events: 250 });
  });

  /** What a process leaves that dies after its transaction and before its events have a seq. */
  const leaveBehind = async (table: string, version: number): Promise<void> => {
    const { id, ...rest } = anEvent({ version });
    const { row } = pendingWrite(`000000000000000-${version}`, [{ id, body: JSON.stringify({ id, ...rest }) }]);
    const doc = 'doc' in row ? row.doc : '';
    const Item = { pk: { S: row.pk }, sk: { S: row.sk }, version: { N: '1' }, doc: { S: doc } };
    await rawly().putItem({ TableName: table, Item });
  };

  test('events of a process that died are sequenced by whoever opens, writes or waits', async () => {
    const tables = newTables();
    await open({ tables });
    await leaveBehind(tables.log, 1);
    const { store, log, clock } = await open({ tables });
    expect(await log.head()).toBe(1);
    await leaveBehind(tables.log, 2);
    expect(await store.transact({ writes: [], events: [anEvent({ version: 3 })] })).toEqual({ seq: 3 });
    await leaveBehind(tables.log, 4);
    expect(await log.wait(3, 60_000)).toBe(4);
    expect((await log.read(0)).map(({ version }) => version)).toEqual([1, 2, 3, 4]);
    const waiting = log.wait(4, 60_000);
    await clock.whenTimers(2);
    await leaveBehind(tables.log, 5);
    await clock.advance(500);
    expect(await waiting).toBe(5);
    expect(await log.verify()).toEqual({ ok: true, events: 5 });
  });

  test('a tampered event is named', async () => {
    const tables = newTables();
    const { store, log } = await open({ tables });
    await store.transact({ writes: [], events: [anEvent({ version: 1 }), anEvent({ version: 2 })] });
    const ddb = rawly();
    const Key = { pk: { S: 'events' }, sk: { S: '0000000000000002' } };
    const { Item = {} } = await ddb.getItem({ TableName: tables.log, Key });
    const doc = { S: (Item.doc?.S ?? '').replace('\\"version\\":2', '\\"version\\":9') };
    await ddb.putItem({ TableName: tables.log, Item: { ...Item, doc } });
    expect(await log.verify()).toMatchObject({ ok: false, seq: 2 });
  });

  test('what has expired is swept, and what took its place is not', async () => {
    const tables = newTables();
    const { store, clock } = await open({ tables, sweep: true });
    const expiresAt = new Date(clock.nowMs() + 1000).toISOString();
    await store.putMany(['1', '2', '3'].map((sk) => ({ pk: 'prod_run', sk, doc: {}, expiresAt })));
    await clock.advance(1000);
    await store.transact({ writes: [put('2', 0)], events: [] });
    await clock.advance(60_000);
    const ddb = rawly();
    const left = async () => (await ddb.scan({ TableName: tables.records })).Items?.map(({ sk }) => sk?.S);
    await expect.poll(left, { timeout: 20_000 }).toEqual(['2']);
    const { TimeToLiveDescription } = await ddb.describeTimeToLive({ TableName: tables.records });
    expect(TimeToLiveDescription?.AttributeName).toBe('expiresS');
  });

  test('records put whatever is there count from what they find, and an expired one begins again', async () => {
    const { store, clock } = await open();
    const expiresAt = new Date(clock.nowMs() + 1000).toISOString();
    const one = { pk: 'prod_run', sk: '1', doc: {} };
    await store.putMany([one, { ...one, doc: { at: 2 } }, { ...one, expiresAt, doc: { at: 3 } }]);
    expect(await store.get(one)).toMatchObject({ version: 3, doc: { at: 3 } });
    await clock.advance(1000);
    await store.putMany([one, { ...one, sk: '2' }]);
    expect(await store.get(one)).toEqual({ ...one, version: 1 });
  });

  test('pages pass over what has expired, however much of it lies between', async () => {
    const { store, clock } = await open();
    const expiresAt = new Date(clock.nowMs() + 1000).toISOString();
    const sks = Array.from({ length: 60 }, (_, at) => String(at).padStart(3, '0'));
    const isLast = (sk: string): boolean => sk >= '058';
    await store.putMany(sks.map((sk) => ({ pk: 'p', sk, doc: {}, ...(isLast(sk) ? {} : { expiresAt }) })));
    await clock.advance(1000);
    const { items, next } = await store.query({ pk: 'p', limit: 2 });
    expect(items.map(({ sk }) => sk)).toEqual(['058', '059']);
    expect(next).toBeUndefined();
  });

  test('attributes that a later papilio adds are passed over', async () => {
    const tables = newTables();
    const { store } = await open({ tables });
    const key = { pk: 'prod_run', sk: '1' };
    await store.transact({ writes: [put('1', 0)], events: [] });
    const ddb = rawly();
    await ddb.updateItem({
      TableName: tables.records,
      Key: { pk: { S: key.pk }, sk: { S: key.sk } },
      UpdateExpression: 'SET later = :l',
      ExpressionAttributeValues: { ':l': { L: [{ BOOL: true }] } },
    });
    expect(await store.get(key)).toEqual({ ...key, doc: {}, version: 1 });
    expect(await store.getMany([key])).toEqual([{ ...key, doc: {}, version: 1 }]);
    expect((await store.query({ pk: key.pk })).items).toHaveLength(1);
  });

  test('what one transaction of DynamoDB cannot take is refused with its size', async () => {
    const { store } = await open();
    const doc = { text: 'x'.repeat(390_000) };
    const large = Array.from({ length: 11 }, (_, at) => put(String(at), 0, { doc }));
    const refused = { code: 'store-item-invalid', reason: expect.stringContaining('bytes, more than') };
    await expect(store.transact({ writes: large, events: [] })).rejects.toMatchObject(refused);
    const events = Array.from({ length: 100 }, (_, at) =>
      anEvent({ version: at + 1, data: { text: 'x'.repeat(4000) } }),
    );
    await expect(store.transact({ writes: [], events })).rejects.toMatchObject(refused);
  });

  test('a table that is not there is named', async () => {
    const openStore = await cloud.dynamoStore();
    const opening = openStore({ aws: awsAt(url()), tables: newTables(), clock: fakeClock() });
    await expect(opening).rejects.toMatchObject({
      code: 'store-unavailable',
      reason: expect.stringMatching(/^table papilio-t\d+-bnl-work-log: .+create it first/),
    });
  });

  test('a store that is closed answers what it was asked before', async () => {
    const { store } = await open();
    const [answer] = await Promise.all([store.transact({ writes: [], events: [anEvent()] }), store.close()]);
    expect(answer).toEqual({ seq: 1 });
  });

  test('a store that was closed says so', async () => {
    const { store, log } = await aDynamoStore(url());
    await store.close();
    const get = () => store.get({ pk: 'a', sk: 'b' });
    for (const call of [get, () => store.transact({ writes: [], events: [] }), () => log.read(0)])
      await expect(call()).rejects.toMatchObject({ code: 'store-unavailable' });
  });
});

/** Not on LocalStack again, whose answers are cut by the same DynamoDB Local. */
describe.each(['DynamoDB Local', 'ministack'])('what is large on %s', (name) => {
  const { open } = handsOn(name);

  test('more than one answer of DynamoDB can carry is fetched all the same', async () => {
    const { store } = await open();
    const keys = Array.from({ length: 48 }, (_, at) => ({ pk: 'prod_run', sk: String(at).padStart(3, '0') }));
    await store.putMany(keys.map((key) => ({ ...key, doc: { text: 'x'.repeat(380_000) } })));
    expect((await store.getMany(keys)).map((item) => item?.sk)).toEqual(keys.map(({ sk }) => sk));
    expect((await store.query({ pk: 'prod_run', limit: 1000 })).items).toHaveLength(48);
  });

  test('more events than one answer of DynamoDB carries wait and are read, none left out', async () => {
    const { store, log } = await open();
    const text = 'x'.repeat(3_900);
    const write = (subject: string) => {
      const events = Array.from({ length: 80 }, (_, at) =>
        anEvent({ subject, version: at + 1, id: `${subject}-${at}`, data: { text } }),
      );
      return store.transact({ writes: [put(subject, 0)], events });
    };
    await Promise.all(Array.from({ length: 10 }, (_, at) => write(`s${at}`)));
    expect(await log.head()).toBe(800);
    expect(await log.read(0)).toHaveLength(800);
    expect(await log.verify()).toEqual({ ok: true, events: 800 });
  });
});

/** It is papilio's process that is killed, so that one service will do. */
describe('papilio on DynamoDB Local', () => {
  const { url, open } = handsOn('DynamoDB Local');

  test('what was acknowledged outlives kill -9 at any moment, and no record is without its event', async () => {
    const tables = newTables();
    await open({ tables });
    await surviveKills(url(), tables, () => aDynamoStore(url(), { tables }), 4);
  });
});
