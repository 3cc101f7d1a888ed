import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { aFolder } from '../builders/a-folder.ts';
import { fillStoredFolder } from '../builders/a-stored-folder.ts';
import { type FileKind, fileKinds, knownIn, lookWith, portraitOf } from '../builders/bit-flips.ts';
import { expectFlipsNamed } from './bit-flips-named.ts';

const kinds = Object.keys(fileKinds).filter((name): name is FileKind => name in fileKinds);
const scratch = aFolder();
afterAll(() => scratch[Symbol.dispose]());

const make = async () => {
  const folder = join(scratch.path, 'data');
  await fillStoredFolder(folder, 6);
  const known = await knownIn(folder);
  return { folder, known, before: await portraitOf(folder, known) };
};
let made: ReturnType<typeof make> | undefined;
/** The folder that all tests look at, each time with one change that is taken back. */
const aWhole = (): ReturnType<typeof make> => {
  made ??= make();
  return made;
};

test('a folder that is whole is read without an error, and nothing is named', async () => {
  const whole = await aWhole();
  expect([...whole.before].filter(([, text]) => text.startsWith('error'))).toEqual([]);
  const { named, untrue, refused } = await lookWith(whole, 'config.json', () => undefined);
  expect([named, untrue, refused]).toEqual([[], [], []]);
});

describe('single flipped bits', () => {
  test.each(kinds)('in %s are named, or nothing is read differently', async (kind) => {
    await expectFlipsNamed(await aWhole(), kind, 8);
  });
});

test('a zeroed page of a store is named with its file, and nothing untrue is read', async () => {
  const file = 'work/store.db';
  const whole = await aWhole();
  const pages = statSync(join(whole.folder, file)).size / 4096;
  for (const page of [2, Math.floor(pages / 2), pages - 1]) {
    const zero = (bytes: Buffer) => bytes.fill(0, page * 4096, (page + 1) * 4096);
    const { named, untrue } = await lookWith(whole, file, zero);
    expect(named.join()).toContain(file);
    expect(untrue).toEqual([]);
  }
});
