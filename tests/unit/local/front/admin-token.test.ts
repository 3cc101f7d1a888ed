import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tokenIn } from '../../../../local/front/admin-token.ts';
import { aFolder } from '../../../builders/a-folder.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';

test('a new token holds at once, the one before a second longer, and without a file nobody has one', async () => {
  using folder = aFolder();
  const path = join(folder.path, 'admin.token');
  const clock = fakeClock();
  const isAdmin = tokenIn(path, clock);
  expect([await isAdmin(''), await isAdmin('a')]).toEqual([false, false]);
  writeFileSync(path, 'secret\n');
  expect([await isAdmin('secret'), await isAdmin('secre'), await isAdmin('secret2'), await isAdmin('')]).toEqual([
    true,
    false,
    false,
    false,
  ]);
  writeFileSync(path, 'another\n');
  await clock.advance(999);
  expect(await isAdmin('secret')).toBe(true);
  await clock.advance(1);
  expect(await isAdmin('secret')).toBe(false);
  writeFileSync(path, 'third\n');
  expect([await isAdmin('third'), await isAdmin('another'), await isAdmin('third')]).toEqual([true, false, true]);
  writeFileSync(path, '\n');
  expect(await isAdmin('')).toBe(false);
  rmSync(path);
  expect(await isAdmin('third')).toBe(false);
});
