import { rename, rm, writeFile } from 'node:fs/promises';
import { PapilioError } from '#lib/errors';
import { startOf } from '../engine/lock.ts';
import { isRunning, readHolder } from '../supervisor/process-identity.ts';

const path = 'front.lock';

/**
 * Says which process is this folder's front, so that a supervisor can end what a dead one left. A front writes nothing
 * that two could spoil; the lock is a name plate, not a mutex.
 * @throws folder-in-use
 */
export const takeFrontLock = async (): Promise<() => Promise<void>> => {
  const holder = await readHolder(path);
  if (holder && holder.pid !== process.pid && (await isRunning(holder))) {
    throw new PapilioError('folder-in-use', `the front of this folder runs as process ${holder.pid}`);
  }
  await replaceFile(path, JSON.stringify({ pid: process.pid, startedAt: (await startOf(process.pid)) ?? 'running' }));
  return () => rm(path, { force: true });
};

/** Writes a small file whole or not at all. */
export const replaceFile = async (target: string, text: string): Promise<void> => {
  await writeFile(`${target}.part`, text);
  await rename(`${target}.part`, target);
};
