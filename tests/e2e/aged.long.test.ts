import { join } from 'node:path';
import { test } from 'vitest';
import { aFolder } from '../builders/a-folder.ts';
import { ages } from '../load/age/folder.ts';
import { expectAged } from './aged/aged-folder.ts';

const old = ages.filter(({ name }) => name !== 'fresh');

test.each(old)(
  'a $name is served through 50 kills of front and planes, and loses nothing',
  async (age) => {
    using scratch = aFolder();
    await expectAged(join(scratch.path, 'data'), age, { kills: 50, stfs: 600, pauseMs: [4_000, 6_000] });
  },
  1_800_000,
);
