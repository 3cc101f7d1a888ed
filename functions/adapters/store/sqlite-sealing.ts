import type { DatabaseSync } from 'node:sqlite';
import { nodeDisk } from '#lib/node-disk';
import { turn as turnOfLoop } from '#lib/turn';
import type { Disk } from '#ports/disk';
import { createSealer, type SealPolicy } from '../event-log/sealer.ts';
import { createManifestWriter, type Manifest } from '../event-log/segment-manifest.ts';
import { segmentFolderOf } from '../event-log/sqlite.ts';
import type { createCommitter } from './sqlite-commit.ts';
import { storeErrorOf } from './sqlite-file.ts';
import type { Sealed } from './sqlite-messages.ts';

/** What the writer seals with. */
export type SealingOptions = {
  readonly db: DatabaseSync;
  readonly path: string;
  readonly policy: SealPolicy;
  readonly committer: ReturnType<typeof createCommitter>;
  readonly checkpointBytes: number;
  readonly onSealed: (sealed: Sealed) => void;
  readonly disk?: Disk;
};

class Stopped extends Error {}

/** The last sealed event; what is known of it if the store cannot be read either. */
const endOr = (manifest: Manifest, known: number): number => {
  try {
    return manifest.end().seq;
  } catch {
    return known;
  }
};

/** Seals old events in the writer thread, between its commits, a run at a time. */
export const createSealing = (options: SealingOptions) => {
  const { db, path, policy, committer, checkpointBytes, onSealed, disk = nodeDisk } = options;
  const { manifest, eventRows } = committer;
  let running: Promise<void> | undefined;
  let isStopped = false;
  // Known here, so that a commit does not have to ask for it.
  let sealedSeq = manifest.end().seq;
  // A disk that is full or away would be tried with every commit: after a failure the next minute tries again.
  let hasFailed = false;

  const turn = async (): Promise<void> => {
    await turnOfLoop();
    if (isStopped) throw new Stopped();
  };

  const inTransaction = (work: () => void): void => {
    committer.inTransaction(work);
    committer.checkpoint(checkpointBytes);
  };

  const sealer = createSealer({
    ...{ disk, policy, manifest, inTransaction, turn },
    folder: segmentFolderOf(path),
    writer: createManifestWriter(db),
    firstRow: eventRows.first,
    headSeq: committer.head,
    rowsAfter: eventRows.after,
  });

  const runOnce = async (): Promise<void> => {
    const before = sealedSeq;
    try {
      sealedSeq = await sealer.run();
      if (sealedSeq > before) onSealed({ last: sealedSeq });
    } catch (thrown) {
      if (thrown instanceof Stopped) return;
      hasFailed = true;
      sealedSeq = endOr(manifest, sealedSeq);
      const { code, reason } = storeErrorOf(thrown, path);
      onSealed({ last: sealedSeq, problem: { code, reason } });
    }
  };

  const runNow = (): Promise<void> => {
    running ??= runOnce().finally(() => {
      running = undefined;
    });
    return running;
  };
  const start = (): void => {
    if (!isStopped) void runNow();
  };

  return {
    /** Runs until nothing is due; resolves when the run has ended, well or not. */
    runNow,
    /** Begins a run if there is enough to seal and the last one did not fail. */
    startIfDue: (): void => {
      if (running === undefined && !hasFailed && committer.head() - sealedSeq > policy.unsealedEvents) start();
    },
    /** Finishes what a killed process left, and seals what is due, also after a failure. */
    startAgain: (): void => {
      hasFailed = false;
      start();
    },
    /** Ends a run at its next turn; resolves when it has ended. */
    stop: async (): Promise<void> => {
      isStopped = true;
      await running;
    },
  };
};
