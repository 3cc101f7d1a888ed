import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { startOf } from '../engine/lock.ts';

/** Who wrote a lock: a pid alone may be given away again, with its start time it is one process. */
export const Holder = z.object({ pid: z.int().positive(), startedAt: z.string() });
export type Holder = z.infer<typeof Holder>;

/** `R`, `S`, `T` (stopped), `Z` (dead, not yet fetched by its parent) …; undefined where the system does not tell. */
export const stateOf = async (pid: number): Promise<string | undefined> => {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).charAt(0);
  } catch {
    return undefined;
  }
};

/** Whether exactly this process still runs; a dead one that nobody fetched does not. */
export const isRunning = async (holder: Holder): Promise<boolean> =>
  (await startOf(holder.pid)) === holder.startedAt && (await stateOf(holder.pid)) !== 'Z';

/** Reads a lock file; undefined if there is none, or it is torn. */
export const readHolder = async (path: string): Promise<Holder | undefined> => {
  try {
    return Holder.safeParse(JSON.parse(await readFile(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
};
