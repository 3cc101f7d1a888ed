import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { checkStore } from '../../../../local/doctor/store-check.ts';
import { fillDataFolder } from '../../../builders/a-data-folder.ts';
import { aFolder } from '../../../builders/a-folder.ts';

const overwrite = async (path: string, position: number, bytes: Buffer): Promise<void> => {
  await using file = await open(path, 'r+');
  await file.write(bytes, 0, bytes.length, position);
};

test('a whole store is told with its size and its events', async () => {
  using folder = aFolder();
  await fillDataFolder(folder.path);
  const found = await checkStore(folder.path, 'archive', false);
  expect(found).toMatchObject({ check: 'store', of: 'archive', level: 'ok' });
  expect(found.what).toMatch(/^\d+\.\d MB and 0\.0 MB of write-ahead log, 200 events, whole$/);
});

test.each([
  ['a page in its middle is noise', 5 * 4096],
  ['its header is noise', 0],
])('a store is not whole when %s', async (_what, position) => {
  using folder = aFolder();
  await fillDataFolder(folder.path);
  await overwrite(join(folder.path, 'work', 'store.db'), position, Buffer.alloc(4096, 0x5a));
  const found = await checkStore(folder.path, 'work', false);
  expect(found).toMatchObject({ level: 'problem', todo: expect.stringContaining('damaged-bytes.md') });
  expect(found.what).toContain('is not whole');
  expect((await checkStore(folder.path, 'archive', false)).level).toBe('ok');
});

test('an event that somebody changed breaks the chain, and is named', async () => {
  using folder = aFolder();
  await fillDataFolder(folder.path);
  const db = new DatabaseSync(join(folder.path, 'work', 'store.db'));
  db.exec("UPDATE events SET body = replace(body, 'catalogue-stf', 'somebody-else') WHERE seq = 17");
  db.close();
  for (const isDeep of [false, true]) {
    const { level, what } = await checkStore(folder.path, 'work', isDeep);
    expect([level, what]).toEqual(['problem', expect.stringContaining('the chain of events breaks at 17')]);
  }
});

test('an index that has lost an entry is found by a deep look', async () => {
  using folder = aFolder();
  await fillDataFolder(folder.path);
  const path = join(folder.path, 'work', 'store.db');
  const db = new DatabaseSync(path);
  db.exec("INSERT INTO items (pk, sk, version, doc) VALUES ('a', 'a', 1, '{}')");
  const { rootpage } = {
    rootpage: 0,
    ...db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'itemsByKey'").get(),
  };
  db.close();
  // The number of cells of a leaf stands in bytes 3 and 4 of its page: now it has none.
  await overwrite(path, (Number(rootpage) - 1) * 4096 + 3, Buffer.from([0, 0]));
  const { level, what } = await checkStore(folder.path, 'work', true);
  expect([level, what]).toEqual(['problem', expect.stringContaining('itemsByKey')]);
});

test('a file that is missing, or is not papilio’s, is named', async () => {
  using folder = aFolder();
  await fillDataFolder(folder.path, 1);
  const missing = await checkStore(join(folder.path, 'nowhere'), 'archive', false);
  expect([missing.level, missing.what]).toEqual(['problem', expect.stringContaining('is not there yet')]);
  const db = new DatabaseSync(join(folder.path, 'work', 'store.db'));
  db.exec('PRAGMA application_id=7');
  db.close();
  const foreign = await checkStore(folder.path, 'work', false);
  expect([foreign.level, foreign.what]).toEqual(['problem', expect.stringContaining('not papilio')]);
});

test('a write-ahead log that does not become shorter needs a look', async () => {
  using folder = aFolder();
  await fillDataFolder(folder.path, 1);
  const wal = await open(join(folder.path, 'archive', 'store.db-wal'), 'w');
  await wal.truncate(300_000_000);
  await wal.close();
  const found = await checkStore(folder.path, 'archive', false);
  expect([found.level, found.what]).toEqual(['warning', expect.stringContaining('300.0 MB are written')]);
});
