import type { Disk, DiskFile } from '#ports/disk';
import { headBytes, pieceAt } from './framing.ts';
import type { PartName, Position } from './part.ts';
import { segmentPath } from './segment.ts';

/** A record that retention has removed. */
export class RecordGone extends Error {
  constructor(at: Position) {
    super(`the record in segment ${at.segment} at byte ${at.offsetBytes} is older than what the journal keeps`);
    this.name = 'RecordGone';
  }
}

const firstReadBytes = 4096;
const keptHandles = 16;

/** Takes a record's body apart. */
export function parseRecord(body: Buffer): readonly [PartName, unknown] {
  const parsed: unknown = JSON.parse(body.toString('utf8'));
  if (Array.isArray(parsed) && (parsed[0] === 'sqs' || parsed[0] === 'sfn')) return [parsed[0], parsed[1]];
  throw new Error('a record of the journal names no part that this engine has');
}

/** Reads single records back through a few open files. */
export function openJournalReader(disk: Disk, folder: string) {
  const files = new Map<number, Promise<DiskFile>>();
  const forget = async (segment: number) => {
    const file = files.get(segment);
    files.delete(segment);
    await (await file)?.close();
  };
  const fileOf = (segment: number) => {
    const known = files.get(segment);
    if (known !== undefined) return known;
    const [oldest] = files.keys();
    if (files.size >= keptHandles && oldest !== undefined) forget(oldest).catch(() => undefined);
    const opened = disk.open(segmentPath(folder, segment), 'r');
    files.set(segment, opened);
    opened.catch(() => files.delete(segment));
    return opened;
  };
  const read = async ({ segment, offsetBytes }: Position): Promise<unknown> => {
    const file = await fileOf(segment);
    let bytes = Buffer.allocUnsafe(firstReadBytes);
    let filled = await file.read(bytes, offsetBytes);
    let piece = pieceAt(bytes, 0, filled);
    if (piece.kind === 'short' && piece.sizeBytes > headBytes) {
      bytes = Buffer.allocUnsafe(piece.sizeBytes);
      filled = await file.read(bytes, offsetBytes);
      piece = pieceAt(bytes, 0, filled);
    }
    if (piece.kind !== 'frame') {
      throw new Error(`no whole record in ${segmentPath(folder, segment)} at byte ${offsetBytes}`);
    }
    const [, record] = parseRecord(bytes.subarray(headBytes, piece.sizeBytes));
    return record;
  };
  return { read, forget, close: () => Promise.all([...files.keys()].map(forget)) };
}
