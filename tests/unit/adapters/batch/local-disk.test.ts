import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { asFolderError, diskUseOf, readRange } from '../../../../functions/adapters/batch/local-disk.ts';
import { PapilioError } from '../../../../functions/lib/errors.ts';
import { aFolder } from '../../../builders/a-folder.ts';

const systemError = (code: string) => Object.assign(new Error(code), { code });

test.each([
  ['ENOSPC', 'store-full', 'Transient'],
  ['EDQUOT', 'store-full', 'Transient'],
  ['EACCES', 'facility-unavailable', 'SiteFault'],
  ['EROFS', 'facility-unavailable', 'SiteFault'],
])('%s is %s', (code, expected, kind) => {
  const reason = expect.stringContaining(`jobs: ${code}`);
  expect(asFolderError(systemError(code), 'jobs')).toMatchObject({ code: expected, kind, reason });
});

test('an error that is none of the folder stays what it is', () => {
  const own = new PapilioError('input-invalid', 'x');
  expect(asFolderError(own, 'jobs')).toBe(own);
  expect(asFolderError(new Error('x'), 'jobs')).toMatchObject({ code: 'bug' });
});

describe('disk use', () => {
  test('counts blocks of all files, follows no links, and knows the largest file with its holes', () => {
    using folder = aFolder();
    mkdirSync(join(folder.path, 'a/b'), { recursive: true });
    for (const name of ['one', 'a/two', 'a/b/three']) writeFileSync(join(folder.path, name), Buffer.alloc(500_000, 1));
    writeFileSync(join(folder.path, 'sparse'), '');
    truncateSync(join(folder.path, 'sparse'), 9e9);
    symlinkSync('/', join(folder.path, 'root'));
    const { totalMb, largestMb, entries } = diskUseOf(folder.path);
    expect(totalMb).toBeGreaterThan(1.4);
    expect(totalMb).toBeLessThan(2);
    expect(largestMb).toBe(9000);
    expect(entries).toBe(8);
  });

  test('of what is gone is nothing', () => {
    expect(diskUseOf('/no/such/folder')).toEqual({ totalMb: 0, largestMb: 0, entries: 1 });
  });
});

describe('a range of a file', () => {
  test.each([
    [0, 100, '0123456789'],
    [3, 4, '3456'],
    [9, 4, '9'],
    [10, 4, ''],
    [50, 4, ''],
    [0, 0, ''],
  ])('from %i, at most %i', async (first, most, expected) => {
    using folder = aFolder();
    writeFileSync(join(folder.path, 'log'), '0123456789');
    expect(String(Buffer.from(await readRange(join(folder.path, 'log'), first, most)))).toBe(expected);
  });

  test('of a folder is an error of the catalogue', async () => {
    await expect(readRange('/', 0, 1)).rejects.toMatchObject({ code: 'facility-unavailable' });
  });
});
