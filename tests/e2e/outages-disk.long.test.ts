import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { asking, papilio } from './whole/asking.ts';
import { aScratch, startWhole } from './whole/whole-house.ts';

/** An ext4 of its own whose kernel can be told that it has an error; undefined where this user may not have one. */
const anExt4 = (): { readonly folder: string; readonly breakIt: () => void } | undefined => {
  const scratch = aScratch('papilio-disk-');
  const [image, folder] = [join(scratch, 'image'), join(scratch, 'mount')];
  mkdirSync(folder);
  try {
    writeFileSync(image, Buffer.alloc(96 * 2 ** 20));
    execFileSync('/sbin/mkfs.ext4', ['-q', image], { stdio: 'ignore' });
    execFileSync('/bin/mount', ['-o', 'loop,errors=remount-ro', image, folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  onTestFinished(() => void execFileSync('/bin/umount', ['--lazy', folder]));
  const [device = ''] =
    readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .find((line) => line.includes(` ${folder} `))
      ?.split(' ') ?? [];
  return { folder, breakIt: () => writeFileSync(`/sys/fs/ext4/${basename(device)}/trigger_fs_error`, '1') };
};

test('a disk that the kernel makes read-only is named with its file system, and health is not 0', async ({ skip }) => {
  const disk = anExt4();
  if (disk === undefined) return skip('needs a user who may mount a disk');
  const folder = join(disk.folder, 'data');
  const house = startWhole({ folder, words: ['--no-demo'], environment: { PAPILIO_ARCHIVE_RESERVE_MB: '16' } });
  await house.says(/API http/);
  const { until } = asking(folder);
  await until(({ broken }, { isHealthy }) => isHealthy && broken.length === 0);
  disk.breakIt();
  const what = 'the disk of the archive and work planes is read-only';
  const { broken } = await until(({ broken: all }, { isHealthy }) => !isHealthy && all[0]?.what === what);
  expect(broken[0]).toMatchObject({ kind: 'disk-read-only', isOutage: true });
  expect(broken[0]?.evidence).toContain(`${disk.folder} (ext4): EROFS`);
  const shown = papilio(folder, 'status');
  expect(shown.first).toMatch(new RegExp(`^broken +✗ ${what} since`));
  expect(shown.code).toBe(6);
  expect(papilio(folder, 'health').code).toBe(6);
  const doctor = papilio(folder, 'doctor', '--engine');
  expect(doctor.out).toMatch(/journal +failing/);
  expect(doctor.out).not.toMatch(/journal +ok/);
}, 120_000);
