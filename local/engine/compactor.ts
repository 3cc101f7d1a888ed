import type { Clock } from '#ports/clock';
import type { Disk } from '#ports/disk';
import type { OpenJournal } from './journal.ts';
import { type Retention, retire } from './retention.ts';
import { removeHalfSnapshots, snapshotPath } from './segment.ts';

/** How compaction goes. */
export type CompactionState = {
  readonly snapshot: number;
  readonly isRunning: boolean;
  readonly failure?: string;
  /** How long the last one took. */
  readonly tookMs?: number;
};

/** Decides when sealed segments become a snapshot. */
export type Compactor = {
  /** To be called when a segment has begun. */
  readonly onSegment: (segment: number) => void;
  readonly state: () => CompactionState;
  /** Ends a compaction under way: the segments that it was reading are all still there. */
  readonly close: () => Promise<void>;
};

/** Compacts when the sealed segments are together as large as the snapshot that they would be folded into. */
export function createCompactor(options: {
  readonly disk: Disk;
  readonly folder: string;
  readonly clock: Clock;
  readonly journal: () => OpenJournal;
  readonly retention: Retention;
  readonly snapshot: () => number;
  readonly compact: (segment: number, signal: AbortSignal) => Promise<void>;
}): Compactor {
  const { disk, folder, clock } = options;
  let newest: number | undefined;
  let running: Promise<void> | undefined;
  let failure: string | undefined;
  let tookMs: number | undefined;
  const closing = new AbortController();
  const snapshot = () => newest ?? options.snapshot();

  const isWorthIt = async (segment: number): Promise<boolean> => {
    const sealed = options.journal().segments();
    const sealedBytes = sealed
      .filter(({ number }) => number >= snapshot() && number < segment)
      .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const snapshotBytes = snapshot() > 0 ? ((await disk.sizeOf(snapshotPath(folder, snapshot()))) ?? 0) : 0;
    return sealedBytes > 0 && sealedBytes >= snapshotBytes;
  };

  const run = async (segment: number) => {
    try {
      if (!(await isWorthIt(segment))) return;
      const startedMs = performance.now();
      await options.compact(segment, closing.signal);
      tookMs = performance.now() - startedMs;
      newest = segment;
      failure = undefined;
      const { retention } = options;
      await retire({ disk, folder, journal: options.journal(), snapshot: segment, retention, nowMs: clock.nowMs() });
    } catch (error) {
      // Nothing is lost: the segments are all there, and the next one that is sealed brings another try.
      failure = error instanceof Error ? error.message : String(error);
      // The disk may be full: half a snapshot would take the space that the journal waits for.
      await removeHalfSnapshots(disk, folder).catch(() => undefined);
    }
  };

  return {
    onSegment: (segment) => {
      running ??= run(segment).finally(() => {
        running = undefined;
      });
    },
    state: () => ({
      snapshot: snapshot(),
      isRunning: running !== undefined,
      ...(failure !== undefined && { failure }),
      ...(tookMs !== undefined && { tookMs }),
    }),
    close: async () => {
      closing.abort();
      await running;
    },
  };
}
