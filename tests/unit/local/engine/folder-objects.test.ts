import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderObjects } from '../../../../local/engine/folder-objects.ts';
import { aFolder } from '../../../builders/an-engine.ts';

async function* text(...pieces: string[]): AsyncGenerator<string> {
  yield* pieces;
}

const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};

const aBucket = async () => {
  const root = await aFolder();
  await mkdir(join(root, 'b'));
  return { root, objects: folderObjects(root) };
};

test('what was written is read, in the place of what was there', async () => {
  const { root, objects } = await aBucket();
  expect(await objects.write('b', 'a/f.json', text('[', '1]'))).toBe(3);
  expect(await objects.write('b', 'a/f.json', text('[é]'))).toBe(4);
  expect(Buffer.concat(await all(objects.read('b', 'a/f.json'))).toString()).toBe('[é]');
  expect(await readdir(join(root, 'b', 'a'))).toEqual(['f.json']);
});

test('a list has the keys below a prefix, in the order of their bytes', async () => {
  const { root, objects } = await aBucket();
  await mkdir(join(root, 'b', 'a'));
  for (const key of ['a-', 'a/1', 'a0', 'c']) await writeFile(join(root, 'b', key), key);
  expect((await all(objects.list('b', 'a'))).map(({ Key, Size }) => [Key, Size])).toEqual([
    ['a-', 2],
    ['a/1', 3],
    ['a0', 2],
  ]);
});

test('a write that breaks off leaves nothing', async () => {
  const { root, objects } = await aBucket();
  async function* broken(): AsyncGenerator<string> {
    yield 'x';
    throw new Error('broken');
  }
  await expect(objects.write('b', 'f', broken())).rejects.toThrow('broken');
  expect(await readdir(join(root, 'b'))).toEqual([]);
});

test.each([
  ['b', '../b/f'],
  ['..', 'f'],
  ['b', 'a/../../f'],
  ['b', 'a\0'],
  ['b/../b', 'f'],
  ['', 'f'],
])('%s %s leads out of the folder, and is refused', async (bucket, key) => {
  const { objects } = await aBucket();
  expect(() => objects.read(bucket, key)).toThrow('Not a bucket and key');
  await expect(objects.write(bucket, key, text('x'))).rejects.toThrow('Not a bucket and key');
});

test('a bucket that is not there takes nothing', async () => {
  const { objects } = await aBucket();
  await expect(objects.write('none', 'f', text('x'))).rejects.toThrow('ENOENT');
  await expect(all(objects.list('none', ''))).rejects.toThrow('ENOENT');
});
