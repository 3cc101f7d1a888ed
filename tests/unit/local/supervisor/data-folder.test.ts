import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDataFolder } from '../../../../local/supervisor/data-folder.ts';
import { fillDataFolder } from '../../../builders/a-data-folder.ts';

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

/** A folder with records of dev-local at bnl, as it is while nothing runs. */
const aFilledFolder = async (): Promise<string> => {
  await (await openDataFolder(folder, {})).unlock();
  await fillDataFolder(folder, 3, '/dev-local/bnl/archive');
  return folder;
};

const changeConfig = async (change: Readonly<Record<string, unknown>>): Promise<void> => {
  const path = join(folder, 'config.json');
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...change }));
};

test.each([
  [{ instance: 'dev-locam' }, 'names dev-locam at bnl, epoch 1; the records in'],
  [{ wing: 'jlab' }, 'names dev-local at jlab, epoch 1; the records in'],
  [{ epoch: 3 }, 'names dev-local at bnl, epoch 3; the records in'],
])(
  'a config.json with %j beside records of another is refused, naming both, until it is put right',
  async (change, text) => {
    await aFilledFolder();
    const before = await readFile(join(folder, 'config.json'), 'utf8');
    await changeConfig(change);
    const refused = openDataFolder(folder, {});
    await expect(refused).rejects.toMatchObject({ code: 'folder-identity', reason: expect.stringContaining(text) });
    await expect(refused).rejects.toMatchObject({ reason: expect.stringMatching(/are of dev-local at bnl, epoch 1$/) });
    await writeFile(join(folder, 'config.json'), before);
    await (await openDataFolder(folder, {})).unlock();
  },
);

test.each([
  ['that is not valid JSON', async () => writeFile(join(folder, 'config.json'), '{"format":')],
  ['that is gone', async () => rm(join(folder, 'config.json'))],
])('a config.json %s beside records is refused with the values that it has to have, and they work', async (_, lose) => {
  await aFilledFolder();
  await lose();
  const refused = await openDataFolder(folder, {}).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'folder-config-lost' });
  const text = /it has to be exactly (\{.*\})/.exec(String(refused))?.[1] ?? '';
  expect(JSON.parse(text)).toMatchObject({ format: 1, instance: 'dev-local', wing: 'bnl', epoch: 1 });
  await writeFile(join(folder, 'config.json'), text);
  await (await openDataFolder(folder, {})).unlock();
});

test('a copy of a folder that papilio had not stopped on is refused, unless it is accepted', async () => {
  const original = await openDataFolder(folder, {});
  const copy = join(parent, 'copy');
  await cp(folder, copy, { recursive: true, filter: (path) => !path.endsWith('lock') });
  await expect(openDataFolder(copy, {})).rejects.toMatchObject({
    code: 'folder-copied',
    reason: expect.stringContaining(`writing to the original in ${folder} since`),
  });
  await (await openDataFolder(copy, {}, { acceptsCopy: true })).unlock();
  await (await openDataFolder(copy, {})).unlock();
  await original.unlock();
});

test('a copy of a folder that papilio had stopped on starts without ado, and so does the folder after a power cut', async () => {
  await (await openDataFolder(folder, {})).unlock();
  const copy = join(parent, 'copy');
  await cp(folder, copy, { recursive: true });
  await (await openDataFolder(copy, {})).unlock();
  const marks = await Promise.all([folder, copy].map((one) => readFile(join(one, 'folder.json'), 'utf8')));
  const [first, second] = marks.map((text) => JSON.parse(text));
  expect(second.folderId).not.toBe(first.folderId);
  await openDataFolder(folder, {});
  // The process is gone, and its lock with it.
  await rm(join(folder, 'lock'));
  await (await openDataFolder(folder, {})).unlock();
});
