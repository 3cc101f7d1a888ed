import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDataFolder } from '../../../../local/supervisor/data-folder.ts';

let parent = '';
let folder = '';
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'papilio-folder-'));
  folder = join(parent, 'deep', 'er', '.papilio');
});
afterEach(() => rm(parent, { recursive: true, force: true }));

test('a new folder is made for its owner alone, and says whose it is', async () => {
  const { deed, unlock } = await openDataFolder(folder, { PAPILIO_INSTANCE: 'dev-anna', PAPILIO_WING: 'jlab' });
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect(deed).toMatchObject({ format: 1, instance: 'dev-anna', wing: 'jlab', epoch: 1 });
  expect(JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'))).toEqual(deed);
  await unlock();
});

test('a later start reads what the first one wrote', async () => {
  const first = await openDataFolder(folder, { PAPILIO_INSTANCE: 'test' });
  await first.unlock();
  const second = await openDataFolder(folder, {});
  expect(second.deed).toEqual(first.deed);
  await second.unlock();
});

test('the administrator’s token is its owner’s alone, and stays until somebody removes it', async () => {
  const tokens: string[] = [];
  for (let start = 0; start < 3; start++) {
    await (await openDataFolder(folder, {})).unlock();
    tokens.push(await readFile(join(folder, 'admin.token'), 'utf8'));
    expect((await stat(join(folder, 'admin.token'))).mode & 0o777).toBe(0o600);
    if (start === 1) await rm(join(folder, 'admin.token'));
  }
  expect(tokens[0]).toMatch(/^[\w-]{43}\n$/);
  expect(tokens[1]).toBe(tokens[0]);
  expect(tokens[2]).not.toBe(tokens[0]);
});

test('a start that asks for another instance has the wrong folder, and leaves it unlocked', async () => {
  await (await openDataFolder(folder, { PAPILIO_INSTANCE: 'test' })).unlock();
  const wrong = openDataFolder(folder, { PAPILIO_INSTANCE: 'prod' });
  await expect(wrong).rejects.toMatchObject({
    code: 'folder-foreign',
    reason: expect.stringContaining('belongs to test at bnl, not to prod'),
  });
  await (await openDataFolder(folder, {})).unlock();
});

test('a folder that works on a stack is not opened without it, nor on another, nor the other way round', async () => {
  const PAPILIO_STACK = join(parent, 'stack', 'stack.json');
  const { deed, unlock } = await openDataFolder(folder, { PAPILIO_STACK });
  expect(deed.stack).toBe(PAPILIO_STACK);
  await unlock();
  const without = openDataFolder(folder, {});
  await expect(without).rejects.toMatchObject({
    code: 'folder-foreign',
    reason: expect.stringContaining(`start it with --on stack --stack ${join(parent, 'stack')}`),
  });
  const other = openDataFolder(folder, { PAPILIO_STACK: join(parent, 'other', 'stack.json') });
  await expect(other).rejects.toMatchObject({ code: 'folder-foreign' });
  await (await openDataFolder(folder, { PAPILIO_STACK })).unlock();

  const alone = join(parent, 'alone');
  await (await openDataFolder(alone, {})).unlock();
  const onStack = openDataFolder(alone, { PAPILIO_STACK });
  await expect(onStack).rejects.toMatchObject({ reason: expect.stringContaining('start it without --on stack') });
});

test.each([
  ['of a later papilio', JSON.stringify({ format: 2 })],
  ['that is no JSON', '{"format":'],
])('a folder with a deed %s is refused', async (_, text) => {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'config.json'), text);
  await expect(openDataFolder(folder, {})).rejects.toMatchObject({ code: 'folder-foreign' });
});

test('a first start that was interrupted is simply begun again', async () => {
  await mkdir(join(folder, 'log'), { recursive: true });
  await writeFile(join(folder, 'config.json.tmp'), '{"for');
  await writeFile(join(folder, 'lock'), '');
  const { deed, unlock } = await openDataFolder(folder, {});
  expect(deed.instance).toBe('dev-local');
  await unlock();
});

test('a folder below a file cannot be made, and it says so', async () => {
  await writeFile(join(parent, 'deep'), '');
  await expect(openDataFolder(folder, {})).rejects.toMatchObject({
    code: 'folder-unusable',
    reason: expect.stringContaining(folder),
  });
});
