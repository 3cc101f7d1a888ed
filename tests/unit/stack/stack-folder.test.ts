import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { bringDown, reset } from '../../../local/stack/down.ts';
import { writeStack } from '../../../local/stack/stack-file.ts';
import { takeStack, whileHeld } from '../../../local/stack/stack-folder.ts';
import { aStack } from './a-stack.ts';

const aFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'papilio stack '));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};
const silent = () => undefined;

test('a folder with other people’s files is refused and left alone', async () => {
  const folder = await aFolder();
  await writeFile(join(folder, 'thesis.tex'), 'years of work');
  await expect(whileHeld(folder, async () => 'held')).rejects.toMatchObject({ code: 'folder-foreign' });
  await expect(reset(folder, silent)).rejects.toMatchObject({ code: 'folder-foreign' });
  expect(await readdir(folder)).toEqual(['thesis.tex']);
});

test('a folder cannot be made in a file', async () => {
  const file = join(await aFolder(), 'file');
  await writeFile(file, '');
  await expect(whileHeld(join(file, 'stack'), async () => 'held')).rejects.toMatchObject({ code: 'folder-unusable' });
});

test('one papilio at a time works on a stack; reset and status do not mind what says so', async () => {
  const folder = await aFolder();
  const giveBack = await takeStack(folder);
  await expect(takeStack(folder)).rejects.toMatchObject({
    code: 'folder-in-use',
    reason: expect.stringContaining(`${process.pid}`),
  });
  expect(await whileHeld(folder, async () => 'held')).toBe('held');
  await giveBack();
  await (await takeStack(folder))();
});

test('only one changes a stack at a time', async () => {
  const folder = await aFolder();
  await whileHeld(folder, async () => {
    const second = whileHeld(folder, async () => 'held');
    await expect(second).rejects.toMatchObject({
      code: 'folder-in-use',
      reason: expect.stringContaining(`${process.pid}`),
    });
  });
  expect(await whileHeld(folder, async () => 'held')).toBe('held');
});

test('reset removes what is the stack’s and leaves what somebody put beside it', async () => {
  const folder = await aFolder();
  await writeStack(aStack({ folder }));
  for (const name of ['minio', 'log']) await mkdir(join(folder, name));
  await writeFile(join(folder, 'minio', 'object'), 'bytes');
  await writeFile(join(folder, 'notes.txt'), 'mine');
  expect(await reset(folder, silent)).toBe(true);
  expect(await readdir(folder)).toEqual(['notes.txt']);
});

test('reset of a stack removes its folder; where there is none it says so', async () => {
  const folder = await aFolder();
  await writeStack(aStack({ folder }));
  expect(await bringDown(folder, silent)).toBe(true);
  expect(await reset(folder, silent)).toBe(true);
  await expect(readdir(folder)).rejects.toThrow('ENOENT');
  expect(await bringDown(folder, silent)).toBe(false);
  await expect(readdir(folder), 'looking makes none').rejects.toThrow('ENOENT');
});
