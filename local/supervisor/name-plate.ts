import { rename, rm, writeFile } from 'node:fs/promises';
import { PapilioError } from '#lib/errors';
import { startOf } from '../engine/lock.ts';
import { isRunning, readHolder } from './process-identity.ts';

/**
 * Says which process is this folder's front or bridge, so that a supervisor can end what a dead one left. Neither writes
 * anything that two could spoil: it is a name plate, not a mutex.
 * @throws folder-in-use
 */
export const takeNamePlate = async (path: string, name: string): Promise<() => Promise<void>> => {
  const holder = await readHolder(path);
  if (holder && holder.pid !== process.pid && (await isRunning(holder))) {
    throw new PapilioError('folder-in-use', `the ${name} of this folder runs as process ${holder.pid}`);
  }
  await replaceFile(path, JSON.stringify({ pid: process.pid, startedAt: (await startOf(process.pid)) ?? 'running' }));
  return () => rm(path, { force: true });
};

/** Writes a small file whole or not at all. */
export const replaceFile = async (target: string, text: string): Promise<void> => {
  await writeFile(`${target}.part`, text);
  await rename(`${target}.part`, target);
};
