import type { Disk } from '#ports/disk';
import {
  glanceAtSegment,
  JournalDamaged,
  listJournal,
  removeHalfSnapshots,
  type Segment,
  type SegmentScan,
  scanSegment,
  segmentPath,
  snapshotPath,
} from './segment.ts';
import { damageOf, scanSnapshot } from './snapshot.ts';

/** What recovery does with what it reads; bodies are the JSON of `[part, record]`. */
export type Visitor = {
  readonly onItem: (body: Buffer) => void;
  readonly onRecord: (body: Buffer, segment: number, offsetBytes: number) => void;
};

/** What recovery found, for the log of the one who starts the engine. */
export type Recovery = {
  /** The snapshot that was read, 0 for none. */
  readonly snapshot: number;
  readonly segments: readonly Segment[];
  readonly records: number;
  /** Where a torn tail was cut, if there was one: nothing acknowledged lay behind. */
  readonly cut?: { readonly file: string; readonly offsetBytes: number; readonly droppedBytes: number };
  /** A snapshot that was passed over for its damage: what it stands for was read from older files. */
  readonly damaged?: Place;
};

type Place = { readonly file: string; readonly offsetBytes: number };

/** Reads the newest whole snapshot and all later segments, and cuts the torn tail. @throws JournalDamaged */
export async function recover(disk: Disk, folder: string, visitor: Visitor): Promise<Recovery> {
  await removeHalfSnapshots(disk, folder);
  const { segments: numbers, snapshots } = await listJournal(disk, folder);
  const { snapshot, damaged } = await newestSnapshot(disk, folder, snapshots);
  assertUnbroken(folder, numbers, snapshot, damaged);
  if (snapshot > 0) await scanSnapshot(disk, folder, snapshot, visitor.onItem);
  const segments: Segment[] = [];
  let records = 0;
  let cut: Recovery['cut'];
  for (const number of numbers) {
    const scan = await readSegment(disk, folder, number, snapshot, (body, offsetBytes) => {
      records += 1;
      visitor.onRecord(body, number, offsetBytes);
    });
    assertFollows(folder, segments.at(-1), scan);
    if (number === numbers.at(-1)) cut = await settleTail(disk, folder, number, scan);
    else assertWhole(folder, number, scan);
    if (!scan.header) continue;
    const { createdAt, interpreter } = scan.header;
    segments.push({ number, sizeBytes: scan.endBytes, createdAt, interpreter });
  }
  return { snapshot, segments, records, ...(cut && { cut }), ...(damaged && { damaged }) };
}

function readSegment(
  disk: Disk,
  folder: string,
  number: number,
  snapshot: number,
  visit: (body: Buffer, offsetBytes: number) => void,
): Promise<SegmentScan> {
  return number < snapshot ? glanceAtSegment(disk, folder, number) : scanSegment(disk, folder, number, visit);
}

const isTorn = (scan: SegmentScan): boolean => scan.endBytes < scan.sizeBytes || scan.header === undefined;

/** A segment that others follow has no torn tail. @throws JournalDamaged */
export function assertWhole(folder: string, number: number, scan: SegmentScan): void {
  if (!isTorn(scan)) return;
  throw new JournalDamaged(segmentPath(folder, number), scan.endBytes, 'later segments lie behind it');
}

/** A damaged snapshot is no loss while what it was made from is still there. */
async function newestSnapshot(
  disk: Disk,
  folder: string,
  snapshots: readonly number[],
): Promise<{ readonly snapshot: number; readonly damaged: Place | undefined }> {
  let damaged: Place | undefined;
  for (const number of snapshots.toReversed()) {
    const offsetBytes = await damageOf(disk, folder, number);
    if (offsetBytes === undefined) return { snapshot: number, damaged };
    damaged ??= { file: snapshotPath(folder, number), offsetBytes };
  }
  return { snapshot: 0, damaged };
}

/** No segment is missing that a start would read. @throws JournalDamaged */
export function assertUnbroken(folder: string, numbers: readonly number[], snapshot: number, damaged?: Place): void {
  const needed = Math.max(snapshot, 1);
  const last = numbers.at(-1) ?? 0;
  for (let number = needed; number <= last; number += 1) {
    if (!numbers.includes(number)) {
      if (damaged) throw new JournalDamaged(damaged.file, damaged.offsetBytes, 'the segments it stands for are gone');
      throw new JournalDamaged(segmentPath(folder, number), 0, 'the segment is missing, and no snapshot stands for it');
    }
  }
  // Snapshot N is made when segment N exists; without it N and what follows are gone.
  if (snapshot > last) throw new JournalDamaged(segmentPath(folder, snapshot), 0, 'the segment is missing');
}

/** A segment is as long as the next one says that it was. @throws JournalDamaged */
export function assertFollows(folder: string, before: Segment | undefined, scan: SegmentScan): void {
  if (before === undefined || scan.header === undefined || scan.header.segment !== before.number + 1) return;
  if (before.sizeBytes === scan.header.previousBytes) return;
  throw new JournalDamaged(
    segmentPath(folder, before.number),
    before.sizeBytes,
    `it ends here, but had ${scan.header.previousBytes} bytes when the next segment began`,
  );
}

/**
 * Makes the last segment end where its last whole record ends, and everything that was read durable: after a kill it may
 * have been in the system's memory only, and what follows from it must not come before it.
 */
async function settleTail(disk: Disk, folder: string, number: number, scan: SegmentScan): Promise<Recovery['cut']> {
  const path = segmentPath(folder, number);
  if (scan.header === undefined) {
    // Not even the header was durable, so nothing in it was acknowledged; the segment will be made again.
    await disk.remove(path);
  } else {
    await cutAt(disk, path, scan);
  }
  await disk.syncFolder(folder);
  if (!isTorn(scan)) return undefined;
  return { file: path, offsetBytes: scan.endBytes, droppedBytes: scan.sizeBytes - scan.endBytes };
}

async function cutAt(disk: Disk, path: string, { endBytes, sizeBytes }: SegmentScan): Promise<void> {
  const file = await disk.open(path, 'r+');
  try {
    if (endBytes < sizeBytes) await file.truncate(endBytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
