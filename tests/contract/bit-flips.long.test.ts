import { join } from 'node:path';
import { afterAll, describe, test } from 'vitest';
import { aFolder } from '../builders/a-folder.ts';
import { fillStoredFolder } from '../builders/a-stored-folder.ts';
import { type FileKind, fileKinds, knownIn, portraitOf } from '../builders/bit-flips.ts';
import { expectFlipsNamed } from './bit-flips-named.ts';

const kinds = Object.keys(fileKinds).filter((name): name is FileKind => name in fileKinds);
const scratch = aFolder();
afterAll(() => scratch[Symbol.dispose]());

const make = async () => {
  const folder = join(scratch.path, 'data');
  await fillStoredFolder(folder, 60);
  const known = await knownIn(folder);
  return { folder, known, before: await portraitOf(folder, known) };
};
let made: ReturnType<typeof make> | undefined;

describe('a hundred single flipped bits', () => {
  test.each(kinds)('in %s are named, or nothing is read differently', async (kind) => {
    made ??= make();
    await expectFlipsNamed(await made, kind, 100);
  });
});
