import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tokenIn } from '../../../../local/front/admin-token.ts';
import { aFolder } from '../../../builders/a-folder.ts';

test('the token is what the file says now, and without a file nobody has one', async () => {
  using folder = aFolder();
  const path = join(folder.path, 'admin.token');
  const isAdmin = tokenIn(path);
  expect([await isAdmin(''), await isAdmin('a')]).toEqual([false, false]);
  writeFileSync(path, 'secret\n');
  expect([await isAdmin('secret'), await isAdmin('secre'), await isAdmin('secret2'), await isAdmin('')]).toEqual([
    true,
    false,
    false,
    false,
  ]);
  writeFileSync(path, 'another\n');
  expect([await isAdmin('secret'), await isAdmin('another')]).toEqual([false, true]);
  writeFileSync(path, '\n');
  expect(await isAdmin('')).toBe(false);
  rmSync(path);
  expect(await isAdmin('another')).toBe(false);
});
