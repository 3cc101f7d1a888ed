import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PapilioError } from '#lib/errors';
import type { Clock } from '#ports/clock';
import { hasCode } from '../engine/disk.ts';
import { Holder } from './process-identity.ts';

const everyMs = 1_000;

/** Whether the folder's lock is not ours any more. A disk that only refuses to be read says nothing about that. */
const isLost = async (folder: string, pid: number): Promise<boolean> => {
  try {
    return Holder.safeParse(JSON.parse(await readFile(join(folder, 'lock'), 'utf8'))).data?.pid !== pid;
  } catch (error) {
    return hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR');
  }
};

/** A watch over the data folder. */
export type FolderWatch = {
  /** Rejects when the folder was deleted, moved away or taken. @throws folder-gone */
  readonly lost: Promise<never>;
  readonly isLost: () => boolean;
  readonly close: () => void;
};

/**
 * Watches that the folder at this path is the one that was locked. Processes go on writing to deleted files as if nothing
 * had happened, and what they acknowledge is lost: so they must be ended.
 */
export const watchFolder = (folder: string, clock: Clock, pid = process.pid): FolderWatch => {
  const { promise: lost, reject } = Promise.withResolvers<never>();
  // whoever does not wait for it is not meant
  lost.catch(() => undefined);
  let isOpen = true;
  let hasLost = false;
  let cancel = () => {};
  const look = async (): Promise<void> => {
    const isGone = await isLost(folder, pid);
    if (!isOpen) return;
    hasLost = isGone;
    if (isGone) reject(new PapilioError('folder-gone', folder));
    else next();
  };
  const next = () => {
    cancel = clock.at(clock.nowMs() + everyMs, () => void look());
  };
  next();
  return {
    lost,
    isLost: () => hasLost,
    close: () => {
      isOpen = false;
      cancel();
    },
  };
};
