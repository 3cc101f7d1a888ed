import { rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { attemptFolders, type EndedClass, endedClasses, oldPathOf } from '#lib/ended-attempt';
import { asPapilioError } from '#lib/errors';
import { shardMark } from '#lib/model/shard';
import type { Clock } from '#ports/clock';
import { type AfterStep, isAttemptId } from './local-folder.ts';
import type { AttemptShelf } from './local-shelf.ts';
import { createSlices } from './local-slices.ts';

/** Days that the record and log of a released attempt are kept, by class. */
export type KeepDays = Readonly<Record<EndedClass, number>>;

/** Needs of the keeper. */
export type KeeperOptions = {
  readonly shelf: AttemptShelf;
  readonly clock: Clock;
  readonly keepDays: KeepDays;
  readonly afterStep: AfterStep;
  readonly onWarn: (reason: string) => void;
  /** Adopts an attempt that an earlier build left, or turns it into a file in `ended/`. */
  readonly onOld: (attemptId: string) => Promise<void>;
};

/** Background work on a facility's folder. */
export type Keeper = { readonly close: () => Promise<void> };

const dayMs = 86_400_000;
/** A start is busy enough: ended attempts are not even looked at before this time. */
const firstPruneMs = 600_000;
const pruneEveryMs = 3_600_000;

/**
 * Removes ended attempts by rule, finishes removals that a kill interrupted, and moves what earlier builds left. It reads
 * folders as streams and in slices: no step costs more than a slice, however many attempts there were.
 */
export const openKeeper = ({ shelf, clock, keepDays, afterStep, onWarn, onOld }: KeeperOptions): Keeper => {
  const slices = createSlices(clock);
  const { entriesOf, isOpen, rest } = slices;

  const emptyRemoved = async () => {
    for await (const { name } of entriesOf(shelf.removed)) await shelf.empty(join(shelf.removed, name));
  };

  const seeOld = async () => {
    let isAnyLeft = false;
    for await (const entry of entriesOf(shelf.folder)) {
      const isAttempt = entry.isDirectory() && isAttemptId(entry.name);
      if (!isAttempt || oldPathOf(shelf.folder, entry.name) === undefined) continue;
      isAnyLeft = true;
      afterStep('old-seen');
      await onOld(entry.name).catch((thrown: unknown) => onWarn(`${entry.name}: ${asPapilioError(thrown).reason}`));
    }
    if (isOpen() && !isAnyLeft) shelf.hasOld = false;
  };

  /** Looks at the folder and renames it in one turn of the loop: no attempt enters it in between. */
  const pruneShard = async (path: string, oldestMs: number) => {
    afterStep('shard-seen');
    const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? oldestMs;
    if (mtimeMs < oldestMs) await shelf.empty(shelf.takeOut(path));
  };

  const pruneRun = async (path: string, oldestMs: number) => {
    for await (const shard of entriesOf(path)) await pruneShard(join(path, shard.name), oldestMs);
    try {
      rmdirSync(path);
    } catch {
      // Not empty, mostly.
    }
  };

  const pruneClass = async (endedClass: EndedClass) => {
    const oldestMs = clock.nowMs() - keepDays[endedClass] * dayMs;
    const folder = join(shelf.folder, attemptFolders.ended, endedClass);
    for await (const { name } of entriesOf(folder)) {
      const path = join(folder, name);
      await (name.startsWith(shardMark) ? pruneShard(path, oldestMs) : pruneRun(path, oldestMs));
    }
  };

  const prune = async () => {
    for (const endedClass of endedClasses) await pruneClass(endedClass);
  };

  const safely = (work: () => Promise<void>) =>
    work().catch((thrown: unknown) => onWarn(`ended attempts: ${asPapilioError(thrown).reason}`));

  const work = async () => {
    for (let restMs = firstPruneMs; isOpen(); restMs = pruneEveryMs) {
      await safely(emptyRemoved);
      if (shelf.hasOld) await safely(seeOld);
      await rest(restMs);
      if (isOpen()) await safely(prune);
    }
  };
  const working = work();

  return {
    close: async () => {
      slices.close();
      await working;
    },
  };
};
