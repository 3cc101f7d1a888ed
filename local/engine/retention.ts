import type { Disk } from '#ports/disk';
import type { OpenJournal } from './journal.ts';
import { listJournal, segmentPath, snapshotPath } from './segment.ts';

/** How long segments whose records are in a snapshot are kept for reading histories: until either is exceeded. */
export type Retention = { readonly maxBytes: number; readonly maxAgeMs: number };

/** A gigabyte or thirty days of history. */
export const defaultRetention: Retention = { maxBytes: 10 ** 9, maxAgeMs: 30 * 24 * 60 * 60 * 1000 };

/** Removes what no recovery needs and no history may ask for any more, oldest first. */
export async function retire(options: {
  readonly disk: Disk;
  readonly folder: string;
  readonly journal: OpenJournal;
  readonly snapshot: number;
  readonly retention: Retention;
  readonly nowMs: number;
}): Promise<void> {
  const { disk, folder, journal, snapshot, retention, nowMs } = options;
  const segments = [...journal.segments()];
  const old = segments.filter(({ number }) => number < snapshot);
  let keptBytes = old.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  for (const [index, { number, sizeBytes }] of old.entries()) {
    // A segment's last record is as old as the beginning of the next one.
    const sealedAt = segments[index + 1]?.createdAt;
    const isAged = sealedAt !== undefined && nowMs - Date.parse(sealedAt) > retention.maxAgeMs;
    if (keptBytes <= retention.maxBytes && !isAged) break;
    await journal.drop(number);
    await disk.remove(segmentPath(folder, number));
    keptBytes -= sizeBytes;
  }
  const { snapshots } = await listJournal(disk, folder);
  for (const number of snapshots) if (number < snapshot) await disk.remove(snapshotPath(folder, number));
  await disk.syncFolder(folder);
}
