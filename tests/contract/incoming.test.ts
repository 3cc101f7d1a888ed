import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openIncoming } from '../../functions/adapters/incoming/folder.ts';
import { aFolder } from '../builders/an-engine.ts';
import { incomingSuite } from './incoming-suite.ts';

incomingSuite('a folder', async () => {
  const folder = await aFolder();
  return { incoming: openIncoming(folder), leave: (name) => writeFile(join(folder, name), 'stf') };
});

test('a folder that DAQ has not made yet holds nothing', async () => {
  const incoming = openIncoming(join(await aFolder(), 'later'));
  expect(await incoming.has('swf.1.1.stf')).toBe(false);
  await incoming.remove('swf.1.1.stf');
});

test('a folder that has the name of a file is none, and is not removed with what is in it', async () => {
  const folder = await aFolder();
  await mkdir(join(folder, 'swf.1.1.stf'));
  await writeFile(join(folder, 'swf.1.1.stf', 'precious'), '');
  const incoming = openIncoming(folder);
  await expect(incoming.remove('swf.1.1.stf')).rejects.toMatchObject({ code: 'incoming-unavailable' });
  expect(await incoming.has('swf.1.1.stf')).toBe(false);
  expect(await openIncoming(join(folder, 'swf.1.1.stf')).has('precious')).toBe(true);
});

test('a link is no file, wherever it leads', async () => {
  const [folder, elsewhere] = [await aFolder(), await aFolder()];
  await writeFile(join(elsewhere, 'secret'), '');
  await symlink(join(elsewhere, 'secret'), join(folder, 'swf.1.1.stf'));
  expect(await openIncoming(folder).has('swf.1.1.stf')).toBe(false);
});

test('of a link only the link is removed', async () => {
  const [folder, elsewhere] = [await aFolder(), await aFolder()];
  await writeFile(join(elsewhere, 'precious'), '');
  await symlink(join(elsewhere, 'precious'), join(folder, 'swf.1.1.stf'));
  await openIncoming(folder).remove('swf.1.1.stf');
  expect(await openIncoming(elsewhere).has('precious')).toBe(true);
});
