import { join } from 'node:path';
import * as z from 'zod';
import type { Disk } from '#ports/disk';
import { type FrameBuffer, headBytes, markBehind, pieceAt, putFrame, scanFrames } from './framing.ts';
import { assertReadable } from './version.ts';

/** A header is some 200 bytes long. */
const glanceBytes = 4096;

/** First record of each segment: which format it has, who wrote it, and how long the segment before it became. */
export const SegmentHeader = z.object({
  format: z.literal('papilio-journal'),
  version: z.int(),
  segment: z.int().positive(),
  interpreter: z.string(),
  previousBytes: z.int().nonnegative(),
  createdAt: z.string(),
});
export type SegmentHeader = z.infer<typeof SegmentHeader>;

/** A segment as it lies on the disk. */
export type Segment = {
  readonly number: number;
  readonly sizeBytes: number;
  readonly createdAt: string;
  /** Version of the interpreter that its records are for. */
  readonly interpreter: string;
};

/** The journal's bytes are not what was acknowledged: nobody may go on without a person's decision. */
export class JournalDamaged extends Error {
  readonly file: string;
  readonly offsetBytes: number;
  constructor(file: string, offsetBytes: number, what: string) {
    super(
      `${file} is damaged at byte ${offsetBytes}: ${what}. Acknowledged records are lost there, so the engine does ` +
        'not start. Bring the file back from a copy, or move the folder away to begin anew.',
    );
    this.name = 'JournalDamaged';
    this.file = file;
    this.offsetBytes = offsetBytes;
  }
}

/** Path of segment N. */
export const segmentPath = (folder: string, number: number): string => join(folder, `journal-${number}.log`);
/** Path of the snapshot of the state at the start of segment N. */
export const snapshotPath = (folder: string, number: number): string => join(folder, `snapshot-${number}`);

/** Removes what a compaction left that did not come to its end. */
export async function removeHalfSnapshots(disk: Disk, folder: string): Promise<void> {
  const names = await disk.list(folder);
  for (const name of names) if (/^snapshot-\d+\.tmp$/.test(name)) await disk.remove(join(folder, name));
}

/** Numbers of the segments and snapshots of a folder, rising. */
export async function listJournal(disk: Disk, folder: string): Promise<{ segments: number[]; snapshots: number[] }> {
  const names = await disk.list(folder);
  const numbers = (pattern: RegExp) =>
    names
      .map((name) => Number(pattern.exec(name)?.[1]))
      .filter((number) => number > 0)
      .sort((a, b) => a - b);
  return { segments: numbers(/^journal-(\d{1,9})\.log$/), snapshots: numbers(/^snapshot-(\d{1,9})$/) };
}

/**
 * Begins a segment in an empty buffer. Its first group has no mark: a mark would be taken as proof that the header before
 * it was durable, and they go to the medium together.
 */
export function putHeader(buffer: FrameBuffer, header: SegmentHeader): void {
  putFrame(buffer, JSON.stringify(header));
}

/** What reading a segment found: `header` is missing when not even that is whole. */
export type SegmentScan = {
  readonly header: SegmentHeader | undefined;
  readonly endBytes: number;
  readonly sizeBytes: number;
};

/** Visits the records of a segment up to its end or its torn tail. @throws JournalDamaged if it is not a tail. */
export async function scanSegment(
  disk: Disk,
  folder: string,
  number: number,
  visit: (body: Buffer, offsetBytes: number) => void,
): Promise<SegmentScan> {
  const path = segmentPath(folder, number);
  const sizeBytes = (await disk.sizeOf(path)) ?? 0;
  let header: SegmentHeader | undefined;
  const file = await disk.open(path, 'r');
  try {
    const { endBytes } = await scanFrames(file, (body, offsetBytes) => {
      if (offsetBytes > 0) visit(body, offsetBytes);
      else header = readHeader(path, number, body);
    });
    if (endBytes < sizeBytes) await refuseDamage(disk, path, number, endBytes);
    return { header, endBytes, sizeBytes };
  } finally {
    await file.close();
  }
}

/** Reads only the header of a segment whose records are in a snapshot. */
export async function glanceAtSegment(disk: Disk, folder: string, number: number): Promise<SegmentScan> {
  const path = segmentPath(folder, number);
  const sizeBytes = (await disk.sizeOf(path)) ?? 0;
  const file = await disk.open(path, 'r');
  try {
    const bytes = Buffer.allocUnsafe(glanceBytes);
    const piece = pieceAt(bytes, 0, await file.read(bytes, 0));
    if (piece.kind !== 'frame') throw new JournalDamaged(path, 0, 'its header is not whole');
    return {
      header: readHeader(path, number, bytes.subarray(headBytes, piece.sizeBytes)),
      endBytes: sizeBytes,
      sizeBytes,
    };
  } finally {
    await file.close();
  }
}

function readHeader(path: string, number: number, body: Buffer): SegmentHeader {
  const parsed = SegmentHeader.safeParse(JSON.parse(body.toString('utf8')));
  if (!parsed.success) throw new JournalDamaged(path, 0, 'its header is of a format that this engine does not know');
  assertReadable(path, parsed.data);
  if (parsed.data.segment !== number) throw new JournalDamaged(path, 0, `it is segment ${parsed.data.segment}`);
  return parsed.data;
}

async function refuseDamage(disk: Disk, path: string, number: number, endBytes: number): Promise<void> {
  const behind = markBehind(await disk.readFile(path), number, endBytes);
  if (behind === undefined) return;
  throw new JournalDamaged(path, endBytes, `a later group commit lies behind it, at byte ${behind}`);
}
