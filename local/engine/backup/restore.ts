import { join } from 'node:path';
import type { Disk } from '#ports/disk';
import { hasCode } from '../disk.ts';
import type { JournalReport } from '../doctor/journal-report.ts';
import { lockFolder } from '../lock.ts';
import { assertEmpty, BackupRefused, Manifest, manifestPath, wholeJournal } from './backup.ts';
import { copyTo, digest } from './file-copy.ts';

/** Brings a backup back into an empty folder; an engine that is opened there stands where the backup was taken. */
export async function restoreBackup(options: {
  readonly disk: Disk;
  readonly from: string;
  readonly folder: string;
}): Promise<{ readonly manifest: Manifest; readonly report: JournalReport }> {
  const { disk, from, folder } = options;
  const manifest = await readManifest(disk, from);
  for (const file of manifest.files) await assertSame(disk, from, file);
  await assertEmpty(disk, folder);
  const unlock = await lockFolder(disk, folder);
  try {
    // The last segment first: with an earlier one missing, no engine starts on what is brought back by half.
    for (const { name } of manifest.files.toReversed()) {
      const file = await disk.open(join(from, name), 'r');
      try {
        await copyTo(disk, file, join(folder, name));
      } finally {
        await file.close();
      }
    }
    await disk.syncFolder(folder);
    return { manifest, report: await wholeJournal(disk, folder, `what was brought back from ${from}`) };
  } finally {
    await unlock();
  }
}

async function assertSame(disk: Disk, from: string, file: Manifest['files'][number]): Promise<void> {
  const path = join(from, file.name);
  const found = await digest(disk, path).catch(asMissing(path));
  if (found.sizeBytes === file.sizeBytes && found.sha256 === file.sha256) return;
  throw new BackupRefused(`${path} is not what was backed up: its checksum differs. Bring back another backup`);
}

const asMissing =
  (path: string) =>
  (error: unknown): never => {
    throw hasCode(error, 'ENOENT') ? new BackupRefused(`${path} is missing. Bring back another backup`) : error;
  };

async function readManifest(disk: Disk, folder: string): Promise<Manifest> {
  const path = manifestPath(folder);
  const bytes = await disk.readFile(path).catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT')) throw error;
    throw new BackupRefused(`${folder} is no whole backup: it has no backup.json`);
  });
  try {
    return Manifest.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    throw new BackupRefused(`${path} is not what a backup writes`);
  }
}
