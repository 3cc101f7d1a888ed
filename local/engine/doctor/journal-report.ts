import { basename } from 'node:path';
import type { Disk } from '#ports/disk';
import { assertFollows, assertUnbroken, assertWhole, type Visitor } from '../recovery.ts';
import { JournalDamaged, listJournal, type Segment, scanSegment, segmentPath, snapshotPath } from '../segment.ts';
import { damageOf, scanSnapshot } from '../snapshot.ts';

/** A file of a journal as it lies there. */
export type JournalFile = {
  readonly name: string;
  readonly sizeBytes: number;
  readonly records?: number;
  /** Version of the code that wrote it. */
  readonly interpreter?: string;
  readonly createdAt?: string;
  /** Bytes of a last group commit that is not whole: answered to nobody, and cut by the next start. */
  readonly tornBytes?: number;
};

/** Where a journal is not what it was. */
export type JournalProblem = { readonly file: string; readonly offsetBytes: number; readonly what: string };

/** What a look at a journal finds. */
export type JournalReport = {
  readonly files: readonly JournalFile[];
  /** The snapshot that a start would read, 0 for none. */
  readonly snapshot: number;
  readonly problems: readonly JournalProblem[];
};

const nothing: Visitor = { onItem: () => undefined, onRecord: () => undefined };

/** Reads a whole journal by its checksums and changes nothing; what a start would read is shown to `visitor`. */
export async function inspectJournal(disk: Disk, folder: string, visitor = nothing): Promise<JournalReport> {
  const { segments, snapshots } = await listJournal(disk, folder);
  const files: JournalFile[] = [];
  const problems: JournalProblem[] = [];
  const attempt = async (path: string, look: () => Promise<void> | void) => {
    try {
      await look();
    } catch (error) {
      problems.push(problemOf(path, error));
    }
  };
  let snapshot = 0;
  let damaged: { file: string; offsetBytes: number } | undefined;
  for (const number of snapshots) {
    const path = snapshotPath(folder, number);
    files.push({ name: basename(path), sizeBytes: (await disk.sizeOf(path)) ?? 0 });
    await attempt(path, async () => {
      const offsetBytes = await damageOf(disk, folder, number);
      if (offsetBytes === undefined) snapshot = number;
      else damaged = { file: path, offsetBytes };
    });
  }
  if (damaged) problems.push({ ...damaged, what: `${damaged.file} is damaged at byte ${damaged.offsetBytes}` });
  await attempt(segmentPath(folder, snapshot), () => assertUnbroken(folder, segments, snapshot, damaged));
  if (snapshot > 0) {
    await attempt(snapshotPath(folder, snapshot), () => scanSnapshot(disk, folder, snapshot, visitor.onItem));
  }
  let before: Segment | undefined;
  for (const number of segments) {
    const path = segmentPath(folder, number);
    const count = files.length;
    await attempt(path, async () => {
      const { file, segment } = await readSegment(disk, folder, number, before, {
        isLast: number === segments.at(-1),
        onRecord: number < snapshot ? nothing.onRecord : visitor.onRecord,
      });
      files.push(file);
      before = segment;
    });
    if (files.length === count) files.push({ name: basename(path), sizeBytes: (await disk.sizeOf(path)) ?? 0 });
  }
  return { files, snapshot, problems };
}

async function readSegment(
  disk: Disk,
  folder: string,
  number: number,
  before: Segment | undefined,
  { isLast, onRecord }: { readonly isLast: boolean; readonly onRecord: Visitor['onRecord'] },
): Promise<{ readonly file: JournalFile; readonly segment: Segment | undefined }> {
  let records = 0;
  const scan = await scanSegment(disk, folder, number, (body, offsetBytes) => {
    records += 1;
    onRecord(body, number, offsetBytes);
  });
  const { header, endBytes, sizeBytes } = scan;
  assertFollows(folder, before, scan);
  if (!isLast) assertWhole(folder, number, scan);
  return {
    file: {
      name: basename(segmentPath(folder, number)),
      sizeBytes,
      records,
      ...(header && { interpreter: header.interpreter, createdAt: header.createdAt }),
      ...(endBytes < sizeBytes && { tornBytes: sizeBytes - endBytes }),
    },
    segment: header && { number, sizeBytes: endBytes, createdAt: header.createdAt, interpreter: header.interpreter },
  };
}

function problemOf(path: string, error: unknown): JournalProblem {
  const what = error instanceof Error ? error.message : String(error);
  if (error instanceof JournalDamaged) return { file: error.file, offsetBytes: error.offsetBytes, what };
  return { file: path, offsetBytes: 0, what };
}
