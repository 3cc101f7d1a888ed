import { join } from 'node:path';
import { test } from 'vitest';
import { aFolder } from '../builders/a-folder.ts';
import { ages } from '../load/age/folder.ts';
import { expectAged } from './aged/aged-folder.ts';

const days = ages.filter(({ name }) => name === 'day');

test.each(days)(
  'a folder with a $name of $stfs STFs is served, and goes on through killed fronts and planes',
  async (age) => {
    using scratch = aFolder();
    await expectAged(join(scratch.path, 'data'), age, { kills: 9, stfs: 60, pauseMs: [2_000, 3_000] });
  },
  900_000,
);
