import { expect, test } from 'vitest';
import { fileSystemIn, fileSystemOf } from '../../../../local/plane/file-system.ts';

const mounts = [
  '22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw',
  '36 22 8:17 / /data rw,noatime shared:2 master:1 - xfs /dev/sdb1 rw',
  '37 36 0:44 / /data/with\\040space rw - tmpfs tmpfs rw,size=160m',
  '38 22 0:45 / /dat rw - nfs4 server:/dat rw',
  '39 36 8:33 / /data ro - ext4 /dev/sdc1 ro',
].join('\n');

test.each([
  ['/home/anna/.papilio', '/ (ext4)'],
  ['/data/papilio/archive', '/data (ext4)'],
  ['/data', '/data (ext4)'],
  ['/data/with space/archive', '/data/with space (tmpfs)'],
  ['/database', '/ (ext4)'],
])('%s lies on the lowest mount above it, the last one where two lie over each other: %s', (path, expected) => {
  expect(fileSystemIn(mounts, path)).toBe(expected);
});

test('a system without a list of mounts has the folder itself', () => {
  expect(fileSystemIn('', '/data')).toBeUndefined();
});

test('a folder of this machine has a file system', async () => {
  expect(await fileSystemOf('.')).toMatch(/^\//);
});
