import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PapilioError } from '#lib/errors';
import type { Log } from '#lib/log';
import { type Holder, isRunning, readHolder } from './process-identity.ts';

/** Where each process of a house says who it is. Payloads are not among them: they run on and are adopted. */
const locks = ['bridge.lock', 'front.lock', 'work/lock', 'archive/lock'];
const lookEveryMs = 20;
const patienceMs = 5_000;

const end = async (holder: Holder): Promise<boolean> => {
  for (let waitedMs = 0; await isRunning(holder); waitedMs += lookEveryMs) {
    if (waitedMs >= patienceMs) return false;
    try {
      process.kill(holder.pid, 'SIGKILL');
    } catch {
      // gone between the look and the signal, or not ours: the next look says which
    }
    await delay(lookEveryMs);
  }
  return true;
};

/** Ends what a dead supervisor left running in this folder: exactly the processes named in its locks. @throws folder-in-use */
export const killLeftovers = async (folder: string, log: Log): Promise<readonly number[]> => {
  const ended: number[] = [];
  for (const lock of locks) {
    const holder = await readHolder(join(folder, lock));
    if (holder === undefined || holder.pid === process.pid || !(await isRunning(holder))) continue;
    if (!(await end(holder)))
      throw new PapilioError('folder-in-use', `${folder}: process ${holder.pid} of an earlier start cannot be ended`);
    log.warn({ lock, pid: holder.pid }, 'process of an earlier start ended');
    ended.push(holder.pid);
  }
  return ended;
};
