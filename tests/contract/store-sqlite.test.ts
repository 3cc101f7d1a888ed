import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openSqliteStore } from '../../functions/adapters/store/sqlite.ts';
import { aFolder } from '../builders/a-folder.ts';
import { anEvent } from '../builders/an-event.ts';
import { fakeClock } from '../builders/fake-clock.ts';

const putOf = (sk: string, more: object = {}) =>
  ({ op: 'put', pk: 'prod_run', sk, ifVersion: 0, doc: {}, ...more }) as const;

const openIn = async (folder: { path: string }, more: { quotaBytes?: number } = {}) => {
  const clock = fakeClock();
  const path = join(folder.path, 'store.db');
  return { path, clock, ...(await openSqliteStore({ path, clock, ...more })) };
};

/** Changes the file behind the store's back. */
const tamper = (path: string, sql: string, ...values: (string | number)[]): void => {
  const db = new DatabaseSync(path);
  db.prepare(sql).run(...values);
  db.close();
};

describe('the chain', () => {
  const columns = fc.constantFrom('body', 'hash', 'id');

  test('finds and names any stored byte that was changed', async () => {
    using folder = aFolder();
    const { path, store, log } = await openIn(folder);
    const events = Array.from({ length: 12 }, (_, at) => anEvent({ version: at + 1 }));
    await store.transact({ writes: [], events });
    const db = new DatabaseSync(path);
    const place = fc.record({
      seq: fc.integer({ min: 1, max: 12 }),
      column: columns,
      at: fc.nat(),
      flip: fc.integer({ min: 1, max: 127 }),
    });
    await fc.assert(
      fc.asyncProperty(place, async ({ seq, column, at, flip }) => {
        const before = String(db.prepare(`SELECT ${column} AS text FROM events WHERE seq = ?`).get(seq)?.text);
        const bytes = Buffer.from(before);
        const index = at % bytes.length;
        bytes.writeUInt8(bytes.readUInt8(index) ^ flip, index);
        // The id of another event is refused by SQLite itself.
        fc.pre(events.every(({ id }) => id !== bytes.toString()));
        const set = db.prepare(`UPDATE events SET ${column} = CAST(? AS TEXT) WHERE seq = ?`);
        set.run(bytes, seq);
        expect(await log.verify()).toMatchObject({ ok: false, seq });
        set.run(Buffer.from(before), seq);
      }),
      { numRuns: 60 },
    );
    expect(await log.verify()).toEqual({ ok: true, events: 12 });
    db.close();
    await store.close();
  });

  test('finds and names an event that was taken out', async () => {
    using folder = aFolder();
    const { path, store, log } = await openIn(folder);
    await store.transact({ writes: [], events: [1, 2, 3].map((version) => anEvent({ version })) });
    tamper(path, 'DELETE FROM events WHERE seq = ?', 2);
    expect(await log.verify()).toEqual({ ok: false, seq: 2, reason: 'event 2 is not there; 3 follows 1' });
    await store.close();
  });

  test('goes on where it was after a restart', async () => {
    using folder = aFolder();
    const first = await openIn(folder);
    await first.store.transact({ writes: [], events: [anEvent()] });
    await first.store.close();
    const { store, log } = await openIn(folder);
    expect(await log.head()).toBe(1);
    expect(await store.transact({ writes: [], events: [anEvent(), anEvent({ version: 2 })] })).toEqual({ seq: 2 });
    expect(await log.verify()).toEqual({ ok: true, events: 2 });
    await store.close();
  });
});

describe('the file', () => {
  test('of somebody else is refused, untouched', async () => {
    using folder = aFolder();
    const path = join(folder.path, 'store.db');
    tamper(path, 'CREATE TABLE theirs (a)');
    await expect(openIn(folder)).rejects.toMatchObject({ code: 'store-foreign' });
  });

  test('that is no database is refused', async () => {
    using folder = aFolder();
    writeFileSync(join(folder.path, 'store.db'), 'not a database, but longer than the header of one: '.repeat(20));
    await expect(openIn(folder)).rejects.toMatchObject({ code: 'store-foreign' });
  });

  test('of a later papilio is refused, saying which format it has', async () => {
    using folder = aFolder();
    const { path, store } = await openIn(folder);
    await store.close();
    tamper(path, 'PRAGMA user_version = 9');
    await expect(openIn(folder)).rejects.toMatchObject({
      code: 'store-foreign',
      reason: expect.stringContaining('has format 9; this papilio knows up to 2'),
    });
  });

  test('in a folder that is not there cannot be opened', async () => {
    await expect(openIn({ path: '/nowhere/at/all' })).rejects.toMatchObject({ code: 'store-unavailable' });
  });

  test('that is full refuses writes with store-full, keeps what it has, and heals when there is space', async () => {
    using folder = aFolder();
    const { store, log } = await openIn(folder, { quotaBytes: 400_000 });
    const doc = { text: 'x'.repeat(20_000) };
    const fill = async (at: number): Promise<number> => {
      await store.transact({ writes: [putOf(String(at), { doc })], events: [anEvent({ subject: String(at) })] });
      return fill(at + 1);
    };
    await expect(fill(0)).rejects.toMatchObject({ code: 'store-full', name: 'Transient' });
    const { items } = await store.query({ pk: 'prod_run' });
    expect(items.length).toBeGreaterThan(5);
    expect(await log.verify()).toEqual({ ok: true, events: items.length });
    await store.transact({ writes: [{ op: 'delete', pk: 'prod_run', sk: '0', ifVersion: 1 }], events: [] });
    await store.transact({ writes: [putOf('new', { doc })], events: [anEvent({ subject: 'new' })] });
    expect(await log.verify()).toEqual({ ok: true, events: items.length + 1 });
    await store.close();
  });

  test('that is full for one of a group takes the others, and the chain has no gap', async () => {
    using folder = aFolder();
    const { store, log } = await openIn(folder, { quotaBytes: 400_000 });
    const large = Array.from({ length: 20 }, (_, at) => putOf(`large-${at}`, { doc: { text: 'x'.repeat(30_000) } }));
    const outcomes = await Promise.allSettled([
      store.transact({ writes: [putOf('before')], events: [anEvent({ subject: 'before' })] }),
      store.transact({ writes: large, events: [anEvent({ subject: 'large' })] }),
      store.transact({ writes: [putOf('after')], events: [anEvent({ subject: 'after' })] }),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const { items } = await store.query({ pk: 'prod_run' });
    expect(items.map(({ sk }) => sk)).toEqual(['after', 'before']);
    expect((await log.read(0)).map(({ subject }) => subject)).toEqual(['before', 'after']);
    expect(await log.verify()).toEqual({ ok: true, events: 2 });
    await store.close();
  });

  test('loses expired records for good within a minute of idleness', async () => {
    using folder = aFolder();
    const { path, clock, store } = await openIn(folder);
    const expiresAt = new Date(clock.nowMs() + 1000).toISOString();
    const expiring = Array.from({ length: 450 }, (_, at) => ({ pk: 'prod_token', sk: String(at), doc: {}, expiresAt }));
    await store.putMany([...expiring, { pk: 'prod_token', sk: 'stays', doc: {} }]);
    const db = new DatabaseSync(path);
    const count = () => Number(db.prepare('SELECT count(*) AS n FROM items').get()?.n);
    expect(count()).toBe(451);
    await clock.advance(60_000);
    // Each commit answers after the batch of the sweep before it.
    while (count() > 1) await store.transact({ writes: [], events: [] });
    expect(count()).toBe(1);
    db.close();
    await store.close();
  });

  test('answers nobody after it was closed, and closing twice is no harm', async () => {
    using folder = aFolder();
    const { store, log } = await openIn(folder);
    const last = store.transact({ writes: [putOf('1')], events: [] });
    await Promise.all([store.close(), store.close()]);
    expect(await last).toEqual({ seq: 0 });
    const calls = [store.get({ pk: 'a', sk: 'b' }), store.transact({ writes: [], events: [] }), log.read(0)];
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'store-unavailable' } });
    }
  });
});

describe('a reader in another process', () => {
  test('sees each commit of a living writer, and writes nothing', async () => {
    using folder = aFolder();
    const { path, clock, store } = await openIn(folder);
    const reader = await openSqliteStore({ path, clock, readOnly: true });
    expect(await reader.log.head()).toBe(0);
    await store.transact({ writes: [putOf('1')], events: [anEvent()] });
    expect(await reader.store.get({ pk: 'prod_run', sk: '1' })).toMatchObject({ version: 1 });
    expect(await reader.log.wait(1, 60_000)).toBe(1);
    expect(await reader.log.read(0)).toHaveLength(1);
    await expect(reader.store.transact({ writes: [], events: [] })).rejects.toMatchObject({ code: 'bug' });
    await reader.store.close();
    await store.close();
  });

  test('is told that a store is not there yet, or has no tables yet', async () => {
    using folder = aFolder();
    const path = join(folder.path, 'store.db');
    const opening = () => openSqliteStore({ path, clock: fakeClock(), readOnly: true });
    await expect(opening()).rejects.toMatchObject({ code: 'store-unavailable' });
    tamper(path, 'PRAGMA journal_mode = WAL');
    await expect(opening()).rejects.toMatchObject({ code: 'store-unavailable' });
  });
});
