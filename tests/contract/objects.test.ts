import { existsSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodeDisk } from '#lib/node-disk';
import { openDiskObjects } from '../../functions/adapters/objects/disk.ts';
import { createMemoryObjects } from '../../functions/adapters/objects/memory.ts';
import { aFolder } from '../builders/a-folder.ts';
import { objectsSuite } from './objects-suite.ts';

const openIn = (folder: string, quotaBytes?: number) =>
  openDiskObjects({
    folder: join(folder, 'objects'),
    disk: nodeDisk,
    ...(quotaBytes === undefined ? {} : { quotaBytes }),
  });

objectsSuite('memory', async () => createMemoryObjects({ disk: nodeDisk }));
objectsSuite('disk', (folder) => openIn(folder));

const keysOf = async (keys: AsyncIterable<string>): Promise<string[]> => {
  const found: string[] = [];
  for await (const key of keys) found.push(key);
  return found;
};

describe('objects in a folder', () => {
  const bytes = Buffer.from('an STF');

  test('are plain files that a payload opens', async () => {
    using folder = aFolder();
    const objects = await openIn(folder.path);
    await objects.putBytes('run/a.stf', bytes);
    expect(readFileSync((await objects.localPath('run/a.stf')) ?? '')).toEqual(bytes);
    await expect(objects.localPath('../a')).rejects.toMatchObject({ code: 'object-key-invalid' });
  });

  test('are never what a link leads to', async () => {
    using folder = aFolder();
    const [secret, link] = [join(folder.path, 'secret'), join(folder.path, 'link')];
    writeFileSync(secret, 'a token');
    symlinkSync(secret, link);
    const put = (await openIn(folder.path)).putFile('run/a.stf', link);
    await expect(put).rejects.toMatchObject({
      code: 'object-missing',
      reason: `${link} is a link, which is not followed`,
    });
  });

  test('lie in folders of a thousand, so that no folder grows with a run', async () => {
    using folder = aFolder();
    const objects = await openIn(folder.path);
    const names = [0, 999, 1000, 134_217, 99_999_999].map((n) => `swf.102363.${String(n).padStart(6, '0')}.stf`);
    for (const name of names) await objects.putBytes(`00102363/${name}`, bytes);
    const run = join(folder.path, 'objects', 'data', '00102363');
    expect(readdirSync(run).sort()).toEqual(['+000000', '+001000', '+134000', '+99999000']);
    expect(readdirSync(join(run, '+000000')).sort()).toEqual(names.slice(0, 2));
    const keys = names.map((name) => `00102363/${name}`);
    expect((await keysOf(objects.list('00102363/'))).sort()).toEqual(keys.sort());
    expect(await keysOf(objects.list('00102363/swf.102363.1'))).toEqual([`00102363/${names[3]}`]);
    for (const key of keys) expect(await objects.verify(key)).toMatchObject({ sizeBytes: 6 });
  });

  test('of an earlier build are found under their plain key, read, listed, and never put a second time', async () => {
    using folder = aFolder();
    const key = '00102363/swf.102363.134217.stf';
    const old = await openDiskObjects({ folder: join(folder.path, 'objects'), disk: nodeDisk, isFlat: true });
    const { created: _, ...facts } = await old.putBytes(key, bytes);
    const objects = await openIn(folder.path);
    expect(await objects.stat(key)).toEqual(facts);
    expect(await objects.read(key)).toEqual(bytes);
    expect(await objects.putBytes(key, bytes)).toEqual({ ...facts, created: false });
    await expect(objects.putBytes(key, Buffer.from('other'))).rejects.toMatchObject({ code: 'object-exists' });
    expect(readFileSync((await objects.localPath(key)) ?? '')).toEqual(bytes);
    expect(await keysOf(objects.list('00102363/'))).toEqual([key]);
  });

  test('and folders do not share a name, in folders of a thousand either', async () => {
    using folder = aFolder();
    const objects = await openIn(folder.path);
    await objects.putBytes('run/0001', bytes);
    await expect(objects.putBytes('run/0001/a', bytes)).rejects.toMatchObject({ code: 'object-key-invalid' });
    await objects.putBytes('run/0002/a', bytes);
    await expect(objects.putBytes('run/0002', bytes)).rejects.toMatchObject({ code: 'object-key-invalid' });
  });

  test('are found again, and what a crash left half written is gone', async () => {
    using folder = aFolder();
    await (await openIn(folder.path)).putBytes('a', bytes);
    const temp = join(folder.path, 'objects', 'temp');
    writeFileSync(join(temp, '1'), 'half');
    const objects = await openIn(folder.path);
    expect(await objects.putBytes('b', bytes)).toMatchObject({ created: true });
    expect(await objects.verify('a')).toMatchObject({ sizeBytes: 6 });
    expect(readdirSync(temp)).toEqual([]);
  });

  test('that were damaged on the medium are found by verify, with both checksums', async () => {
    using folder = aFolder();
    const objects = await openIn(folder.path);
    const { checksumAdler32 } = await objects.putBytes('a', bytes);
    truncateSync((await objects.localPath('a')) ?? '', 3);
    await expect(objects.verify('a')).rejects.toMatchObject({
      code: 'object-corrupt',
      reason: expect.stringMatching(new RegExp(`^a: expected 6 bytes, Adler-32 ${checksumAdler32}.* found 3 bytes`)),
    });
  });

  test('keep to their quota, across restarts, and repeats cost nothing', async () => {
    using folder = aFolder();
    const first = await openIn(folder.path, 20);
    await first.putBytes('a', bytes);
    await expect(first.putBytes('large', Buffer.alloc(15))).rejects.toMatchObject({ code: 'store-full' });
    expect(existsSync((await first.localPath('large')) ?? '')).toBe(false);
    const again = await openIn(folder.path, 20);
    writeFileSync(join(folder.path, 'b'), Buffer.alloc(14));
    const wrong = again.putFile('b', join(folder.path, 'b'), { expect: { sizeBytes: 13 } });
    await expect(wrong).rejects.toMatchObject({ code: 'object-corrupt' });
    await again.putBytes('a', bytes);
    await again.putBytes('b', Buffer.alloc(14));
    await expect(again.putBytes('c', Buffer.alloc(1))).rejects.toMatchObject({ code: 'store-full', name: 'Transient' });
  });
});
