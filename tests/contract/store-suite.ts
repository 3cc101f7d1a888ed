import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EventLog } from '../../functions/lib/ports/event-log.ts';
import type { Item, Key, Store, Write } from '../../functions/lib/ports/store.ts';
import type { FakeClock } from '../builders/fake-clock.ts';
import { logSuite } from './event-log-suite.ts';
import { storeLaws } from './store-laws.ts';

/** A store under test, its log, and the hands of its clock. */
export type OpenStore = {
  readonly store: Store;
  readonly log: EventLog;
  readonly clock: FakeClock;
  /** Brings lagging indexes up to date. */
  readonly catchUp: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Opens a new, empty store. */
export type Open = () => Promise<OpenStore>;

const run = (sk: string): Key => ({ pk: 'prod_run', sk });

const put = (key: Key, ifVersion: number, more: Partial<Item> = {}): Write => ({
  op: 'put',
  doc: {},
  ...more,
  ...key,
  ifVersion,
});

const stfs = (count: number, more: (at: number) => Partial<Item> = () => ({})): Omit<Item, 'version'>[] =>
  Array.from({ length: count }, (_, at) => ({ ...run(String(at).padStart(3, '0')), doc: { at }, ...more(at) }));

/** How much is asked of it: records that go in and out at once, and the share of the laws' runs. */
type Effort = { readonly many: number; readonly lawShare: number };
const everything: Effort = { many: 1203, lawShare: 1 };
/** What a store behind HTTP is asked: more records than four calls of DynamoDB at once take, and a quarter of the runs. */
export const lessOfMany: Effort = { many: 503, lawShare: 0.25 };

const sksOf = (items: readonly Item[]): string[] => items.map(({ sk }) => sk);

/** What every adapter of the store keeps to. */
export const storeSuite = (name: string, open: Open, { many, lawShare }: Effort = everything): void => {
  describe(`the store (${name})`, () => {
    let opened: OpenStore;
    let store: Store;
    const transact = (...writes: Write[]) => store.transact({ writes, events: [] });

    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.close());

    describe('records', () => {
      test('come back as they were written, with their version', async () => {
        const record = {
          doc: { run: 102363, note: 'é\u0000"', deep: [{ a: null }] },
          indexes: { i2: { pk: 'open', sk: '7' } },
        };
        await transact(put(run('1'), 0, record));
        expect(await store.get(run('1'))).toEqual({ ...run('1'), ...record, version: 1 });
      });

      test('are all met once by a walk, a few at a time, in an order that stays', async () => {
        await store.putMany(stfs(25));
        await transact(put({ pk: 'prod_run_2', sk: 'run' }, 0, { doc: { run: 2 } }));
        const walk = async (after?: string): Promise<string[]> => {
          const entries = await store.scan(7, after);
          const last = entries.at(-1);
          const names = entries.map((one) => ('item' in one ? `${one.item.pk}/${one.item.sk}` : 'damaged'));
          return last === undefined ? [] : [...names, ...(await walk(last.after))];
        };
        const names = await walk();
        expect(names.toSorted()).toEqual([...stfs(25).map(({ pk, sk }) => `${pk}/${sk}`), 'prod_run_2/run'].toSorted());
        expect(await walk()).toEqual(names);
      });

      test('cannot be changed through what was read or written', async () => {
        const doc = { list: [1] };
        await transact(put(run('1'), 0, { doc }));
        doc.list.push(2);
        const read = await store.get(run('1'));
        expect(read?.doc).toEqual({ list: [1] });
        Object.assign(read?.doc ?? {}, { list: [] });
        expect((await store.get(run('1')))?.doc).toEqual({ list: [1] });
      });

      test('that are not there are undefined, and many keys are answered in their order', async () => {
        await store.putMany(stfs(3));
        const found = await store.getMany([run('002'), run('none'), run('000'), run('002')]);
        expect(found.map((item) => item?.doc.at)).toEqual([2, undefined, 0, 2]);
      });

      test('a put without indexes takes the record out of them', async () => {
        await transact(put(run('1'), 0, { indexes: { i1: { pk: 'open', sk: '1' } } }));
        await transact(put(run('1'), 1));
        await opened.catchUp();
        expect((await store.query({ index: 'i1', pk: 'open' })).items).toEqual([]);
      });

      test(`${many} go in and out at once`, async () => {
        await store.putMany(stfs(many));
        await store.putMany(stfs(1));
        const items = await store.getMany(stfs(many));
        expect(items.map((item) => item?.version)).toEqual([2, ...Array.from({ length: many - 1 }, () => 1)]);
      });
    });

    describe('conditional writes', () => {
      test('the second creation of a record is a conflict that names it and both versions', async () => {
        await transact(put(run('1'), 0));
        await expect(transact(put(run('1'), 0))).rejects.toMatchObject({
          code: 'store-conflict',
          name: 'Conflict',
          reason: 'prod_run/1: expected no record, found version 1',
        });
      });

      test('a conflict names every record that did not match, and writes nothing', async () => {
        await transact(put(run('1'), 0), put(run('2'), 0));
        const writes = [put(run('1'), 2), put(run('2'), 1), { op: 'check', ...run('3'), ifVersion: 4 }] as const;
        await expect(transact(...writes)).rejects.toMatchObject({
          reason: 'prod_run/1: expected version 2, found version 1; prod_run/3: expected version 4, found no record',
        });
        expect((await store.get(run('2')))?.version).toBe(1);
      });

      test('one of many callers at once wins', async () => {
        const tries = Array.from({ length: 20 }, (_, at) => transact(put(run('1'), 0, { doc: { at } })));
        const outcomes = await Promise.allSettled(tries);
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        expect((await store.get(run('1')))?.version).toBe(1);
      });

      test('deletes and checks are held to their version', async () => {
        await transact(put(run('1'), 0));
        await expect(transact({ op: 'delete', ...run('1'), ifVersion: 2 })).rejects.toMatchObject({
          code: 'store-conflict',
        });
        await transact({ op: 'delete', ...run('1'), ifVersion: 1 }, { op: 'check', ...run('2'), ifVersion: 0 });
        expect(await store.get(run('1'))).toBeUndefined();
        await transact({ op: 'delete', ...run('1'), ifVersion: 0 });
      });
    });

    describe('limits', () => {
      const long = 'é'.repeat(512);
      const refused: readonly (readonly [string, readonly Write[]])[] = [
        ['an empty sort key', [put({ pk: 'a', sk: '' }, 0)]],
        ['a partition key of 1,025 bytes', [put({ pk: `${long}a`, sk: 'a' }, 0)]],
        ['a key with NUL', [put({ pk: 'a\0b', sk: 'a' }, 0)]],
        ['a key that is not Unicode', [put({ pk: '\ud800', sk: 'a' }, 0)]],
        ['an index key of 1,025 bytes', [put(run('1'), 0, { indexes: { i1: { pk: 'a', sk: `${long}a` } } })]],
        ['a document over 400 kB', [put(run('1'), 0, { doc: { text: 'é'.repeat(200_000) } })]],
        ['a hundred writes', Array.from({ length: 100 }, (_, at) => put(run(`${at}`), 0))],
        ['a key twice', [put(run('1'), 0), { op: 'check', ...run('1'), ifVersion: 0 }]],
        ['a version below 0', [put(run('1'), -1)]],
        ['an expiry that is no moment', [put(run('1'), 0, { expiresAt: 'tomorrow' })]],
      ];
      test.each(refused)('%s is refused', async (_, writes) => {
        await expect(transact(...writes)).rejects.toMatchObject({ code: 'store-item-invalid', name: 'Invalid' });
      });

      test('keys of 1,024 bytes, documents of 400 kB and 99 writes are not', async () => {
        await transact(put({ pk: long, sk: long }, 0, { doc: { text: 'x'.repeat(399_980) } }));
        await transact(...Array.from({ length: 99 }, (_, at) => put(run(`${at}`), 0)));
        expect(await store.get({ pk: long, sk: long })).toMatchObject({ version: 1 });
      });
    });

    describe('queries', () => {
      test('take a half-open range of sort keys, in either direction', async () => {
        await store.putMany(stfs(10));
        const range = { pk: 'prod_run', skFirst: '003', skEnd: '006' };
        expect(sksOf((await store.query(range)).items)).toEqual(['003', '004', '005']);
        expect(sksOf((await store.query({ ...range, newestFirst: true })).items)).toEqual(['005', '004', '003']);
        expect(await store.query({ ...range, skEnd: '003' })).toEqual({ items: [] });
      });

      test('of an index find the records that have a place in it, by its sort key', async () => {
        await store.putMany(
          stfs(6, (at) => (at % 2 === 0 ? { indexes: { i1: { pk: 'open', sk: String(9 - at) } } } : {})),
        );
        await opened.catchUp();
        const { items } = await store.query({ index: 'i1', pk: 'open' });
        expect(sksOf(items)).toEqual(['004', '002', '000']);
      });

      test('give a cursor only if there is more', async () => {
        await store.putMany(stfs(4));
        const first = await store.query({ pk: 'prod_run', limit: 2 });
        expect(first.next).toBeTypeOf('string');
        const second = await store.query({
          pk: 'prod_run',
          limit: 2,
          ...(first.next === undefined ? {} : { cursor: first.next }),
        });
        expect(sksOf(second.items)).toEqual(['002', '003']);
        expect(second.next).toBeUndefined();
      });

      test.each(['', 'x', 'bm90IGpzb24', Buffer.from('{"sk":1}').toString('base64url')])(
        'refuse a cursor of nobody: %j',
        async (cursor) => {
          await expect(store.query({ pk: 'a', cursor })).rejects.toMatchObject({ code: 'cursor-unknown' });
        },
      );

      test('refuse the cursor of another query', async () => {
        await store.putMany(stfs(4));
        const { next = '' } = await store.query({ pk: 'prod_run', limit: 2 });
        for (const other of [
          { pk: 'other' },
          { pk: 'prod_run', newestFirst: true },
          { pk: 'prod_run', skFirst: '002' },
        ]) {
          await expect(store.query({ ...other, cursor: next })).rejects.toMatchObject({ code: 'cursor-unknown' });
        }
      });

      test.each([0, 1001, 1.5])('refuse the limit %d', async (limit) => {
        await expect(store.query({ pk: 'a', limit })).rejects.toMatchObject({ code: 'input-invalid' });
      });
    });

    describe('expiry', () => {
      test('an expired record is not read any more, and its key is free', async () => {
        const expiresAt = new Date(opened.clock.nowMs() + 1000).toISOString();
        await transact(put(run('1'), 0, { expiresAt, indexes: { i1: { pk: 'open', sk: '1' } } }));
        await opened.catchUp();
        expect(await store.get(run('1'))).toMatchObject({ version: 1, expiresAt });
        await opened.clock.advance(1000);
        expect(await store.get(run('1'))).toBeUndefined();
        expect((await store.query({ pk: 'prod_run' })).items).toEqual([]);
        expect((await store.query({ index: 'i1', pk: 'open' })).items).toEqual([]);
        await transact({ op: 'check', ...run('1'), ifVersion: 0 });
        await transact(put(run('1'), 0));
        expect(await store.get(run('1'))).toEqual({ ...run('1'), doc: {}, version: 1 });
      });
    });

    storeLaws(() => opened, lawShare);
    logSuite(() => opened);
  });
};
