import type { Clock } from '#ports/clock';
import type { Disk } from '#ports/disk';
import { assertFits, type FrameBuffer, putFrame, putMark } from './framing.ts';
import { type Group, type GroupWriter, type JournalHealth, openGroupWriter } from './group-commit.ts';
import { openJournalReader, RecordGone } from './journal-reader.ts';
import type { Journal, PartName, Position } from './part.ts';
import { type Recovery, recover, type Visitor } from './recovery.ts';
import { putHeader, type Segment } from './segment.ts';

/** A journal with what its owner needs beside the contract. */
export type OpenJournal = Journal & {
  /** Reads what is there; once, before the first append. */
  readonly recover: (visitor: Visitor) => Promise<Recovery>;
  readonly health: () => JournalHealth;
  /** As `synced`, but does not wait for a disk that cannot be written; false if it turned out to be one. */
  readonly settled: () => Promise<boolean>;
  /** Segments, oldest first; the last one is being written. */
  readonly segments: () => readonly Segment[];
  /** Forgets a segment whose file is about to be removed. */
  readonly drop: (segment: number) => Promise<void>;
  /** Waits for what is under way; what cannot be written fails. */
  readonly close: () => Promise<void>;
};

/** What a journal is opened with. */
export type JournalOptions = {
  readonly disk: Disk;
  readonly folder: string;
  readonly clock: Clock;
  readonly interpreter: string;
  readonly segmentBytes: number;
  readonly onSegment: (segment: number) => void;
  /** Told of each group commit: how many records and bytes it had, and how long it took until it was durable. */
  readonly onCommit?: (commit: { records: number; sizeBytes: number; tookMs: number }) => void;
};

/** So many records are worth a sync of their own. */
const LARGE_GROUP = 128;

type GrowingSegment = Omit<Segment, 'sizeBytes'> & { sizeBytes: number };

/** Opens the journal of a folder: append-only segments, one sync for all that is appended while the last one runs. */
export function openJournal(options: JournalOptions): OpenJournal {
  const { disk, folder } = options;
  const writer = openGroupWriter({ ...options, onHold: () => hold(inFlight, pending) });
  const segments: GrowingSegment[] = [];
  let pending: Group | undefined;
  let inFlight: Group | undefined;
  let isScheduled = false;
  let isClosed = false;

  const flush = async () => {
    isScheduled = false;
    while (inFlight === undefined && pending !== undefined) {
      inFlight = pending;
      pending = undefined;
      await commit(writer, inFlight, options.onCommit);
      inFlight = undefined;
    }
  };

  const append = (part: PartName, record: unknown) => {
    if (isClosed) throw new Error('the journal is closed');
    const text = textOf(part, record);
    pending ??= openGroup(options, segments, writer.buffer());
    const group = pending;
    group.records += 1;
    const offsetBytes = group.offsetBytes + putFrame(group.buffer, text);
    const segment = segments.at(-1);
    if (segment) segment.sizeBytes = group.offsetBytes + group.buffer.usedBytes;
    if (!isScheduled && inFlight === undefined) {
      isScheduled = true;
      // After the microtasks, so that all who answer in this turn of the loop share one sync.
      setImmediate(flush);
    }
    // A large group goes at once: while the disk syncs it, the next one fills.
    if (group.records === LARGE_GROUP) queueMicrotask(flush);
    return { at: { segment: group.segment, offsetBytes }, synced: group.done.promise };
  };

  const synced = () => (pending ?? inFlight)?.done.promise ?? Promise.resolve();
  const reader = openJournalReader(disk, folder);

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
    settled: () => settled(writer, pending ?? inFlight),
    isHeld: (at) => writer.health().state !== 'ok' && isBehind(at, inFlight ?? pending),
    segments: () => segments,
    drop: (number) => {
      segments.splice(0, segments.length, ...segments.filter((segment) => segment.number !== number));
      return reader.forget(number);
    },
    close: async () => {
      isClosed = true;
      writer.giveUp();
      await synced().catch(() => undefined);
      await markEnd(writer, segments.at(-1));
      await Promise.all([writer.close(), reader.close()]);
    },
  };
}

function textOf(part: PartName, record: unknown): string {
  const text = `["${part}",${JSON.stringify(record)}]`;
  assertFits(text);
  return text;
}

function hold(...groups: readonly (Group | undefined)[]): void {
  for (const group of groups) group?.held.resolve();
}

async function settled(writer: GroupWriter, last: Group | undefined): Promise<boolean> {
  if (!last || writer.health().state !== 'ok') return true;
  return Promise.race([last.done.promise.then(() => true), last.held.promise.then(() => false)]);
}

function isBehind(at: Position | undefined, group: Group | undefined): boolean {
  if (!at || !group) return false;
  return at.segment > group.segment || (at.segment === group.segment && at.offsetBytes >= group.offsetBytes);
}

async function commit(writer: GroupWriter, group: Group, onCommit: JournalOptions['onCommit']): Promise<void> {
  const { records } = group;
  // Read before the buffer goes to the next group.
  const sizeBytes = group.buffer.usedBytes;
  const startedMs = performance.now();
  await writer.write(group);
  onCommit?.({ records, sizeBytes, tookMs: performance.now() - startedMs });
}

/** Proves to the next recovery that all was durable: what is not whole then is damage, not a torn tail. */
async function markEnd(writer: GroupWriter, last: GrowingSegment | undefined): Promise<void> {
  if (last !== undefined && writer.health().state === 'ok') await writer.write(groupBehind(last, writer.buffer()));
}

/** Waits only for the group that holds the record. */
async function syncedUpTo(at: Position, ...groups: readonly (Group | undefined)[]): Promise<void> {
  for (const group of groups) {
    if (group === undefined || group.segment !== at.segment || at.offsetBytes < group.offsetBytes) continue;
    if (at.offsetBytes < group.offsetBytes + group.buffer.usedBytes) return group.done.promise;
  }
}

/** Begins the group that is written after the one under way: in the last segment, or in a new one if that is full. */
function openGroup(options: JournalOptions, segments: GrowingSegment[], buffer: FrameBuffer): Group {
  const current = segments.at(-1);
  const { interpreter, clock, segmentBytes } = options;
  // Another version's segment is not gone on with: its header would not say who can read it.
  if (current !== undefined && current.sizeBytes < segmentBytes && current.interpreter === interpreter) {
    return groupBehind(current, buffer);
  }
  const segment = (current?.number ?? 0) + 1;
  const createdAt = new Date(clock.nowMs()).toISOString();
  const previousBytes = current?.sizeBytes ?? 0;
  putHeader(buffer, { format: 'papilio-journal', version: 1, segment, interpreter, previousBytes, createdAt });
  segments.push({ number: segment, sizeBytes: 0, createdAt, interpreter });
  return { segment, offsetBytes: 0, records: 0, buffer, done: unwatched(), held: Promise.withResolvers() };
}

function groupBehind({ number, sizeBytes }: GrowingSegment, buffer: FrameBuffer): Group {
  putMark(buffer, number, sizeBytes);
  return {
    segment: number,
    offsetBytes: sizeBytes,
    records: 0,
    buffer,
    done: unwatched(),
    held: Promise.withResolvers(),
  };
}

/** Whoever does not wait for it must not bring the process down when the journal closes. */
function unwatched(): PromiseWithResolvers<void> {
  const done = Promise.withResolvers<void>();
  done.promise.catch(() => undefined);
  return done;
}
