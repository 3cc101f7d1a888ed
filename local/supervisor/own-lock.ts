import { rm, writeFile } from 'node:fs/promises';
import { startOf } from '../engine/lock.ts';
import type { Holder } from './process-identity.ts';

/** Says who this process is, for a later start that has to end what is left of this one; returns how to take it back. */
export const writeOwnLock = async (path: string): Promise<() => Promise<void>> => {
  const own: Holder = { pid: process.pid, startedAt: (await startOf(process.pid)) ?? 'running' };
  await writeFile(path, JSON.stringify(own));
  return () => rm(path, { force: true });
};
