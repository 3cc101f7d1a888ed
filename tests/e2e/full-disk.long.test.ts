import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { demoRecording } from '../../local/sim/daq/demo.ts';
import { aRecording, aScratch, startWhole, summaryOf } from './whole/whole-house.ts';

/** A small disk of its own; undefined where this user may not mount one. */
const aSmallDisk = (sizeMb: number): string | undefined => {
  const folder = aScratch('papilio-disk-');
  try {
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', `size=${sizeMb}m`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  onTestFinished(() => void execFileSync('/bin/umount', ['--lazy', folder]));
  return folder;
};

/** Takes what is left of a disk, to the last block. */
const fill = (path: string, disk: string): void => {
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(path, Buffer.alloc(bavail * bsize));
};

test('a disk that somebody fills holds everything up; freed, everything goes on, even with a bridge and a plane that died meanwhile', async ({
  skip,
}) => {
  const disk = aSmallDisk(96);
  if (disk === undefined) return skip('needs a user who may mount a disk');
  const scratch = aScratch();
  const replay = aRecording(scratch, demoRecording(2201, new Date('2026-11-24T06:00:00Z'), 16));
  const house = startWhole({
    folder: join(disk, 'data'),
    words: ['--replay', replay, '--speed', '2', '--exit', '--json'],
    environment: { PAPILIO_ARCHIVE_RESERVE_MB: '24' },
  });
  await house.says(/processed [3-9] /);
  fill(join(disk, 'rubbish'), disk);
  await house.says(/work paused: the disk has/);
  for (const name of ['bridge', 'work'] as const) process.kill(house.pidOf(name), 'SIGKILL');
  await house.says(/(work ended: ENOSPC.*\n[\s\S]*){5}/);
  rmSync(join(disk, 'rubbish'));
  const { code, out } = await house.ended;
  expect(summaryOf(out).stfs).toEqual({ seen: 16, archived: 16, processed: 16, failed: 0, quarantined: 0 });
  expect(code).toBe(0);
}, 120_000);
