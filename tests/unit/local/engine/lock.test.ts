import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodeDisk } from '#lib/node-disk';
import { bootOf, FolderInUse, lockFolder, startOf } from '../../../../local/engine/lock.ts';
import { aFolder } from '../../../builders/an-engine.ts';

test('a second engine on the same folder is refused, and told who has it', async () => {
  const folder = await aFolder();
  const unlock = await lockFolder(nodeDisk, folder);
  const refused = lockFolder(nodeDisk, folder);
  await expect(refused).rejects.toThrow(FolderInUse);
  await expect(refused).rejects.toThrow(`process ${process.pid}`);
  await unlock();
  await (await lockFolder(nodeDisk, folder))();
});

test.each([
  ['a process that is gone', { pid: 2 ** 22 + 1, startedAt: '1' }],
  ['a pid that another process has now', { pid: process.pid, startedAt: '1' }],
  [
    'a process before the system was started again',
    { pid: process.pid, startedAt: await startOf(process.pid), boot: 'other' },
  ],
  ['a power cut that tore it', 'not json'],
])('the lock of %s is taken over', async (_, content) => {
  const folder = await aFolder();
  await writeFile(join(folder, 'lock'), typeof content === 'string' ? content : JSON.stringify(content));
  const unlock = await lockFolder(nodeDisk, folder);
  const own = { pid: process.pid, startedAt: await startOf(process.pid), boot: await bootOf() };
  expect(JSON.parse(await readFile(join(folder, 'lock'), 'utf8'))).toEqual(own);
  expect(await nodeDisk.list(folder)).toEqual(['lock']);
  await unlock();
  expect(await nodeDisk.list(folder)).toEqual([]);
});

test('of many who start at once on a stale lock exactly one gets the folder', async () => {
  const folder = await aFolder();
  await writeFile(join(folder, 'lock'), JSON.stringify({ pid: 2 ** 22 + 1, startedAt: '1' }));
  const starts = await Promise.allSettled(Array.from({ length: 10 }, () => lockFolder(nodeDisk, folder)));
  expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});
