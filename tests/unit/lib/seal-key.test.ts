import { chmod, chown, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openSeal } from '#lib/seal-key';

const aKeyPath = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'papilio-seal-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'seal.key');
};
const isRoot = process.geteuid?.() === 0;

test('processes that come at once have one key, which its owner alone may read', async () => {
  const path = await aKeyPath();
  const [first, ...others] = await Promise.all(Array.from({ length: 8 }, () => openSeal(path)));
  const made = first?.of('message', 'something') ?? '';
  expect(others.every((seal) => seal.holds(made, 'message', 'something'))).toBe(true);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(join(path, '..'))).toEqual(['seal.key']);
});

test('a key that others may have read or put there is refused, and stays as it is', async () => {
  const path = await aKeyPath();
  await openSeal(path);
  await chmod(path, 0o640);
  await expect(openSeal(path)).rejects.toMatchObject({
    code: 'folder-unusable',
    reason: expect.stringContaining('others may read it'),
  });
  await chmod(path, 0o600);
  const elsewhere = `${path}.elsewhere`;
  await symlink(path, elsewhere);
  await expect(openSeal(elsewhere)).rejects.toMatchObject({ reason: expect.stringContaining('it is a link') });
  await writeFile(path, 'short');
  await expect(openSeal(path)).rejects.toMatchObject({ reason: expect.stringContaining('no key of 32 bytes') });
  expect(await readFile(path, 'utf8')).toBe('short');
});

test.skipIf(!isRoot)('a key of another user is refused', async () => {
  const path = await aKeyPath();
  await openSeal(path);
  await chown(path, 65_534, 65_534);
  await expect(openSeal(path)).rejects.toMatchObject({ reason: expect.stringContaining('belongs to user 65534') });
});

test('a seal holds for what was said and nothing else, wherever its parts are cut', async () => {
  const seal = await openSeal(await aKeyPath());
  const made = seal.of('message', 'ab', 'c');
  expect(seal.holds(made, 'message', 'ab', 'c')).toBe(true);
  expect(seal.holds(made, 'message', 'a', 'bc')).toBe(false);
  expect(seal.holds(made, 'record', 'ab', 'c')).toBe(false);
  expect(seal.holds('', 'message', 'ab', 'c')).toBe(false);
});
