import type { Clock } from '#ports/clock';
import type { Disk, DiskFile } from '#ports/disk';
import { assertFits, headBytes, pieceAt, putFrame, putMark } from './framing.ts';
import { type Group, type JournalHealth, openGroupWriter } from './group-commit.ts';
import type { Journal, PartName, Position } from './part.ts';
import { type Recovery, recover, type Visitor } from './recovery.ts';
import { putHeader, type Segment, segmentPath } from './segment.ts';

/** A journal with what its owner needs beside the contract. */
export type OpenJournal = Journal & {
  /** Reads what is there; once, before the first append. */
  readonly recover: (visitor: Visitor) => Promise<Recovery>;
  readonly health: () => JournalHealth;
  /** Segments, oldest first; the last one is being written. */
  readonly segments: () => readonly Segment[];
  /** Forgets a segment whose file is about to be removed. */
  readonly drop: (segment: number) => Promise<void>;
  /** Waits for what is under way; what cannot be written fails. */
  readonly close: () => Promise<void>;
};

/** A record that retention has removed. */
export class RecordGone extends Error {
  constructor(at: Position) {
    super(`the record in segment ${at.segment} at byte ${at.offsetBytes} is older than what the journal keeps`);
    this.name = 'RecordGone';
  }
}

const firstReadBytes = 4096;
const keptHandles = 16;

/** Opens the journal of a folder: append-only segments, one sync for all that is appended while the last one runs. */
export function openJournal(options: {
  readonly disk: Disk;
  readonly folder: string;
  readonly clock: Clock;
  readonly interpreter: string;
  readonly segmentBytes: number;
  readonly onSegment: (segment: number) => void;
}): OpenJournal {
  const { disk, folder, clock } = options;
  const writer = openGroupWriter(options);
  const segments: { number: number; sizeBytes: number; createdAt: string }[] = [];
  let pending: Group | undefined;
  let inFlight: Group | undefined;
  let isScheduled = false;
  let isClosed = false;

  const openGroup = (): Group => {
    const current = segments.at(-1);
    const isNew = current === undefined || current.sizeBytes >= options.segmentBytes;
    const buffer = writer.buffer();
    const done = Promise.withResolvers<void>();
    // Whoever does not wait for it must not bring the process down when the journal closes.
    done.promise.catch(() => undefined);
    if (!isNew) {
      putMark(buffer, current.number, current.sizeBytes);
      return { segment: current.number, offsetBytes: current.sizeBytes, buffer, done };
    }
    const number = (current?.number ?? 0) + 1;
    const createdAt = new Date(clock.nowMs()).toISOString();
    const { interpreter } = options;
    const previousBytes = current?.sizeBytes ?? 0;
    putHeader(buffer, {
      format: 'papilio-journal',
      version: 1,
      segment: number,
      interpreter,
      previousBytes,
      createdAt,
    });
    segments.push({ number, sizeBytes: 0, createdAt });
    return { segment: number, offsetBytes: 0, buffer, done };
  };

  const flush = async () => {
    isScheduled = false;
    while (inFlight === undefined && pending !== undefined) {
      inFlight = pending;
      pending = undefined;
      await writer.write(inFlight);
      inFlight = undefined;
    }
  };

  const append = (part: PartName, record: unknown) => {
    if (isClosed) throw new Error('the journal is closed');
    const text = `["${part}",${JSON.stringify(record)}]`;
    assertFits(text);
    pending ??= openGroup();
    const group = pending;
    const offsetBytes = group.offsetBytes + putFrame(group.buffer, text);
    const segment = segments.at(-1);
    if (segment) segment.sizeBytes = group.offsetBytes + group.buffer.usedBytes;
    if (!isScheduled && inFlight === undefined) {
      isScheduled = true;
      // After the microtasks, so that all who answer in this turn of the loop share one sync.
      setImmediate(flush);
    }
    return { at: { segment: group.segment, offsetBytes }, synced: group.done.promise };
  };

  const synced = () => (pending ?? inFlight)?.done.promise ?? Promise.resolve();
  const reader = openReader(disk, folder);

  return {
    append,
    synced,
    read: async (at) => {
      if (!segments.some(({ number }) => number === at.segment)) throw new RecordGone(at);
      if (inFlight !== undefined || pending !== undefined) await syncedUpTo(at, inFlight, pending);
      return reader.read(at);
    },
    recover: async (visitor) => {
      const found = await recover(disk, folder, visitor);
      segments.push(...found.segments.map((segment) => ({ ...segment })));
      return found;
    },
    health: writer.health,
    segments: () => segments,
    drop: async (number) => {
      const index = segments.findIndex((segment) => segment.number === number);
      if (index >= 0) segments.splice(index, 1);
      await reader.forget(number);
    },
    close: async () => {
      isClosed = true;
      writer.giveUp();
      await synced().catch(() => undefined);
      await Promise.all([writer.close(), reader.close()]);
    },
  };
}

/** Waits only for the group that holds the record. */
async function syncedUpTo(at: Position, ...groups: readonly (Group | undefined)[]): Promise<void> {
  for (const group of groups) {
    if (group === undefined || group.segment !== at.segment || at.offsetBytes < group.offsetBytes) continue;
    if (at.offsetBytes < group.offsetBytes + group.buffer.usedBytes) return group.done.promise;
  }
}

/** Reads single records back through a few open files. */
function openReader(disk: Disk, folder: string) {
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

/** Takes a record's body apart. */
export function parseRecord(body: Buffer): readonly [PartName, unknown] {
  const parsed: unknown = JSON.parse(body.toString('utf8'));
  if (Array.isArray(parsed) && (parsed[0] === 'sqs' || parsed[0] === 'sfn')) return [parsed[0], parsed[1]];
  throw new Error('a record of the journal names no part that this engine has');
}
