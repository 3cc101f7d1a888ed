import type { Dirent } from 'node:fs';
import { opendir } from 'node:fs/promises';
import type { Clock } from '#ports/clock';
import { systemCodeOf } from './local-disk.ts';

/** Entries that are read from a folder at a time, whatever its size. */
const sliceSize = 32;
/** Rest after each slice, in times of the slice: at most a tenth of the disk's time goes into it. */
const restPerWork = 9;

/** Background work that can be closed at any moment. */
export type Slices = {
  /** Entries of a folder as a stream, with a rest after each slice; ends when closed. None if there is no such folder. */
  readonly entriesOf: (folder: string) => AsyncGenerator<Dirent>;
  /** Resolves after a time, or at once when closed. */
  readonly rest: (restMs: number) => Promise<void>;
  readonly isOpen: () => boolean;
  readonly close: () => void;
};

const openFolder = async (folder: string) => {
  try {
    return await opendir(folder, { bufferSize: sliceSize });
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'ENOENT') return [];
    throw thrown;
  }
};

/** Creates the pace of background work on large folders. */
export const createSlices = (clock: Clock): Slices => {
  let isOpen = true;
  let wake = () => {};

  const rest = (restMs: number): Promise<void> =>
    new Promise((resolve) => {
      if (!isOpen) return resolve();
      const cancel = clock.at(clock.nowMs() + restMs, resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });

  async function* entriesOf(folder: string): AsyncGenerator<Dirent> {
    let beganMs = clock.nowMs();
    let count = 0;
    for await (const entry of await openFolder(folder)) {
      if (!isOpen) return;
      yield entry;
      count += 1;
      if (count % sliceSize > 0) continue;
      await rest(Math.max(1, (clock.nowMs() - beganMs) * restPerWork));
      beganMs = clock.nowMs();
    }
  }

  const close = () => {
    isOpen = false;
    wake();
  };
  return { entriesOf, rest, isOpen: () => isOpen, close };
};
