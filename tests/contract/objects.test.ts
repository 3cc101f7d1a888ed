import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
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

describe('objects in a folder', () => {
  const bytes = Buffer.from('an STF');

  test('are plain files that a payload opens', async () => {
    using folder = aFolder();
    const objects = await openIn(folder.path);
    await objects.putBytes('run/a.stf', bytes);
    expect(readFileSync(objects.localPath('run/a.stf') ?? '')).toEqual(bytes);
    expect(() => objects.localPath('../a')).toThrow(expect.objectContaining({ code: 'object-key-invalid' }));
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
    truncateSync(objects.localPath('a') ?? '', 3);
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
    expect(existsSync(first.localPath('large') ?? '')).toBe(false);
    const again = await openIn(folder.path, 20);
    writeFileSync(join(folder.path, 'b'), Buffer.alloc(14));
    const wrong = again.putFile('b', join(folder.path, 'b'), { expect: { sizeBytes: 13 } });
    await expect(wrong).rejects.toMatchObject({ code: 'object-corrupt' });
    await again.putBytes('a', bytes);
    await again.putBytes('b', Buffer.alloc(14));
    await expect(again.putBytes('c', Buffer.alloc(1))).rejects.toMatchObject({ code: 'store-full', name: 'Transient' });
  });
});
