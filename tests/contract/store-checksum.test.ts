import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openSqliteStore } from '../../functions/adapters/store/sqlite.ts';
import type { ScanEntry, Store } from '../../functions/lib/ports/store.ts';
import { aFolder } from '../builders/a-folder.ts';
import { anEvent } from '../builders/an-event.ts';
import { changePage, tamper } from '../builders/damaged-file.ts';
import { fakeClock } from '../builders/fake-clock.ts';

const key = { pk: 'prod_stf_00000102-00000001', sk: 'replica' };
const doc = { checksumAdler32: '0a1b2c3d', sizeBytes: 1024, note: 'é' };
const indexes = { i1: { pk: 'prod_run_00000102#replicas', sk: '00000001' } };

const openIn = async (folder: { path: string }) => {
  const path = join(folder.path, 'store.db');
  const clock = fakeClock();
  return { path, clock, ...(await openSqliteStore({ path, clock })) };
};

const writeOne = (store: Store) =>
  store.transact({ writes: [{ op: 'put', ...key, ifVersion: 0, doc, indexes }], events: [anEvent()] });

/** Everything that a store has, as a walk meets it. */
const walk = async (store: Store, after?: string): Promise<ScanEntry[]> => {
  const entries = await store.scan(100, after);
  const last = entries.at(-1);
  return last === undefined ? [] : [...entries, ...(await walk(store, last.after))];
};

const faultsIn = (entries: readonly ScanEntry[]) => entries.flatMap((entry) => ('fault' in entry ? [entry.fault] : []));

describe('a record that changed in the file', () => {
  const columns = fc.constantFrom('doc', 'version', 'i1Pk', 'i1Sk', 'expiresMs', 'checksum');

  test('is never returned: every read names it and the file', async () => {
    using folder = aFolder();
    const { path, store } = await openIn(folder);
    await writeOne(store);
    const db = new DatabaseSync(path);
    const flips = fc.record({ column: columns, at: fc.nat(), bit: fc.integer({ min: 0, max: 7 }) });
    await fc.assert(
      fc.asyncProperty(flips, async ({ column, at, bit }) => {
        const before = db.prepare(`SELECT ${column} AS value FROM items`).get()?.value ?? null;
        const bytes = Buffer.from(String(before));
        bytes.writeUInt8(bytes.readUInt8(at % bytes.length) ^ (1 << bit), at % bytes.length);
        const isNumber = typeof before !== 'string';
        const changed = isNumber ? Number(before ?? 0) + 2 ** bit : bytes;
        db.prepare(`UPDATE items SET ${column} = ${isNumber ? '?' : 'CAST(? AS TEXT)'}`).run(changed);
        const corrupt = { code: 'record-corrupt', reason: expect.stringContaining(`${key.pk}/${key.sk} in ${path}`) };
        await expect(store.get(key)).rejects.toMatchObject(corrupt);
        await expect(store.getMany([key])).rejects.toMatchObject(corrupt);
        await expect(store.query({ pk: key.pk })).rejects.toMatchObject(corrupt);
        expect(faultsIn(await store.scan(10))).toMatchObject([{ key, where: path }]);
        db.prepare(`UPDATE items SET ${column} = ?`).run(before);
      }),
      { numRuns: 40 },
    );
    expect(await store.get(key)).toEqual({ ...key, doc, indexes, version: 1 });
    expect(faultsIn(await store.scan(10))).toEqual([]);
    db.close();
    await store.close();
  });

  test('is not removed because it looks expired', async () => {
    using folder = aFolder();
    const { path, clock, store } = await openIn(folder);
    await writeOne(store);
    tamper(path, 'UPDATE items SET expiresMs = 1');
    await clock.advance(60_000);
    await store.transact({ writes: [], events: [anEvent({ version: 2 })] });
    await expect(store.get(key)).rejects.toMatchObject({ code: 'record-corrupt' });
    await store.close();
  });

  test('of which an index lost its entry is named by a walk over all', async () => {
    using folder = aFolder();
    const { path, store } = await openIn(folder);
    await writeOne(store);
    await store.close();
    changePage(
      path,
      'itemsByI1',
      () => true,
      (page) => page.write('9', page.indexOf('00000001prod') + 7),
    );
    const again = await openIn(folder);
    expect(faultsIn(await again.store.scan(10))).toMatchObject([{ key }]);
    await again.store.close();
  });
});

test('an event that changed in the file is never returned: a read names it', async () => {
  using folder = aFolder();
  const { path, store, log } = await openIn(folder);
  await store.transact({ writes: [], events: [1, 2, 3].map((version) => anEvent({ version })) });
  tamper(path, "UPDATE events SET body = replace(body, 'stf.catalogued', 'stf.catalogueD') WHERE seq = 2");
  await expect(log.read(0)).rejects.toMatchObject({
    code: 'record-corrupt',
    reason: expect.stringContaining('event 2 ('),
  });
  expect(await log.read(2)).toHaveLength(1);
  expect(await log.verify()).toMatchObject({ ok: false, seq: 2 });
  await store.close();
});

describe('the file of an earlier papilio', () => {
  const asBefore = (path: string): void => {
    const db = new DatabaseSync(path);
    db.exec(
      'ALTER TABLE items DROP COLUMN checksum; ALTER TABLE events DROP COLUMN checksum; PRAGMA user_version = 1;',
    );
    db.close();
  };

  test('opens with its records as they are, and each gets its checksum when it is next written', async () => {
    using folder = aFolder();
    const { path, store } = await openIn(folder);
    await writeOne(store);
    await store.transact({ writes: [{ op: 'put', pk: 'prod_run', sk: 'run', ifVersion: 0, doc: {} }], events: [] });
    await store.close();
    asBefore(path);
    const { store: again } = await openIn(folder);
    expect(await again.get(key)).toEqual({ ...key, doc, indexes, version: 1 });
    await again.transact({ writes: [{ op: 'put', ...key, ifVersion: 1, doc, indexes }], events: [] });
    const db = new DatabaseSync(path, { readOnly: true });
    const sums = db.prepare('SELECT checksum IS NULL AS isOld FROM items ORDER BY pk').all();
    expect(sums.map(({ isOld }) => isOld)).toEqual([1, 0]);
    db.close();
    expect(faultsIn(await again.scan(10))).toEqual([]);
    await again.close();
  });

  test('is read as it is by a process that only reads, before and after it is brought up', async () => {
    using folder = aFolder();
    const { path, clock, store } = await openIn(folder);
    await writeOne(store);
    await store.close();
    asBefore(path);
    const reader = await openSqliteStore({ path, clock, readOnly: true });
    expect(await reader.store.get(key)).toMatchObject({ doc, version: 1 });
    const { store: writer } = await openIn(folder);
    await writer.transact({ writes: [{ op: 'put', ...key, ifVersion: 1, doc, indexes }], events: [] });
    expect(await reader.store.get(key)).toMatchObject({ doc, version: 2 });
    await reader.store.close();
    await writer.close();
  });
});

describe('a page of the file that was zeroed', () => {
  const many = Array.from({ length: 400 }, (_, at) => ({
    pk: `prod_stf_00000102-${String(at).padStart(8, '0')}`,
    sk: 'replica',
    doc: { at, text: 'x'.repeat(200) },
  }));

  test('is named by what reads it, with the file, and a walk goes on behind it', async () => {
    using folder = aFolder();
    const { path, store } = await openIn(folder);
    await store.putMany(many);
    await store.close();
    changePage(
      path,
      'items',
      (_, at) => at === 5,
      (page) => page.fill(0),
    );
    const { store: again } = await openIn(folder);
    const outcomes = await Promise.allSettled(many.map((item) => again.get(item)));
    const codes = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
    expect(new Set(codes)).toEqual(new Set(['store-corrupt']));
    expect(codes.length).toBeLessThan(40);
    const entries = await walk(again);
    expect(faultsIn(entries)).toMatchObject([{ where: path, reason: expect.stringContaining('cannot be read') }]);
    expect(entries.length).toBeGreaterThan(350);
    await again.close();
  });
});
