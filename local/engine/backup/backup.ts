import { basename, join } from 'node:path';
import * as z from 'zod';
import type { Clock } from '#ports/clock';
import type { Disk, DiskFile } from '#ports/disk';
import { hasCode } from '../disk.ts';
import { inspectJournal, type JournalReport } from '../doctor/journal-report.ts';
import { listJournal, segmentPath, snapshotPath } from '../segment.ts';
import { copyTo, digest, writeText } from './file-copy.ts';

/** What a backup holds: the last file that is written, so that a folder without it is none. */
export const Manifest = z.object({
  format: z.literal('papilio-backup'),
  version: z.literal(1),
  /** Every call that was answered before is in it. */
  takenAt: z.iso.datetime(),
  files: z.array(
    z.object({
      name: z.string().regex(/^(journal-\d{1,9}\.log|snapshot-\d{1,9})$/),
      sizeBytes: z.int().nonnegative(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});
export type Manifest = z.infer<typeof Manifest>;

/** Where a backup's manifest is. */
export const manifestPath = (folder: string): string => join(folder, 'backup.json');

/** A backup cannot be taken or brought back; the message says why and what to do. */
export class BackupRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BackupRefused';
  }
}

/** So often a compaction may take files away between a look at the folder and their opening. */
const mostTries = 20;

/**
 * Copies the journal of a folder, whether or not an engine serves from it: sealed segments and snapshots never change,
 * and what the last segment holds of an answered call was on the medium before the answer. @throws BackupRefused
 */
export async function takeBackup(options: {
  readonly disk: Disk;
  readonly folder: string;
  readonly to: string;
  readonly clock: Clock;
}): Promise<{ readonly manifest: Manifest; readonly report: JournalReport }> {
  const { disk, folder, to, clock } = options;
  const takenAt = new Date(clock.nowMs()).toISOString();
  await assertEmpty(disk, to);
  const opened = await openAll(disk, folder);
  try {
    for (const { name, file } of opened) await copyTo(disk, file, join(to, name));
  } finally {
    for (const { file } of opened) await file.close();
  }
  const report = await wholeJournal(disk, to, `what was copied of ${folder}`);
  await cutTail(disk, to, report);
  const names = opened.map(({ name }) => name);
  const files = await Promise.all(names.map(async (name) => ({ name, ...(await digest(disk, join(to, name))) })));
  const manifest: Manifest = { format: 'papilio-backup', version: 1, takenAt, files };
  await writeText(disk, manifestPath(to), `${JSON.stringify(manifest, null, 2)}\n`);
  await disk.syncFolder(to);
  return { manifest, report };
}

/** @throws BackupRefused if anything lies there: a backup is never mixed with another, nor a journal written over. */
export async function assertEmpty(disk: Disk, folder: string): Promise<void> {
  await disk.makeFolder(folder);
  const [first] = await disk.list(folder);
  if (first !== undefined) throw new BackupRefused(`${folder} is not empty, ${first} lies there; name a new folder`);
}

type Opened = { readonly name: string; readonly file: DiskFile };

/** Opens all files of a journal at once: what is open can be read to its end, also when compaction removes it. */
async function openAll(disk: Disk, folder: string): Promise<readonly Opened[]> {
  for (let tries = 1; ; tries += 1) {
    const { segments, snapshots } = await listJournal(disk, folder);
    if (segments.length === 0) throw new BackupRefused(`${folder} holds no journal; name the engine's folder`);
    // The last segment comes last in the manifest: what is brought back begins with it.
    const paths = [
      ...snapshots.map((number) => snapshotPath(folder, number)),
      ...segments.map((number) => segmentPath(folder, number)),
    ];
    try {
      return await openFiles(disk, paths);
    } catch (error) {
      if (!hasCode(error, 'ENOENT') || tries === mostTries) throw error;
    }
  }
}

async function openFiles(disk: Disk, paths: readonly string[]): Promise<readonly Opened[]> {
  const opened: Opened[] = [];
  try {
    for (const path of paths) opened.push({ name: basename(path), file: await disk.open(path, 'r') });
    return opened;
  } catch (error) {
    for (const { file } of opened) await file.close();
    throw error;
  }
}

/** A group commit was perhaps under way; what of it is not whole was answered to nobody. */
async function cutTail(disk: Disk, folder: string, { files }: JournalReport): Promise<void> {
  const last = files.at(-1);
  if (!last?.tornBytes) return;
  const file = await disk.open(join(folder, last.name), 'r+');
  try {
    await file.truncate(last.sizeBytes - last.tornBytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What a folder holds, all of it read; `name` is what it is to the reader. @throws BackupRefused if it is damaged */
export async function wholeJournal(disk: Disk, folder: string, name: string): Promise<JournalReport> {
  const report = await inspectJournal(disk, folder);
  const [problem] = report.problems;
  if (problem) throw new BackupRefused(`${name} is not whole: ${problem.what}`);
  return report;
}
