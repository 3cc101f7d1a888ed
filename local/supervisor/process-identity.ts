import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { statFields } from '#lib/model/stat-fields';
import { startOf } from '../engine/lock.ts';

/** Who wrote a lock: a pid alone may be given away again, with its start time it is one process. */
export const Holder = z.object({ pid: z.int().positive(), startedAt: z.string() });
export type Holder = z.infer<typeof Holder>;

/** What the system says of a process: its state, and the group it is in. */
export type ProcessStat = { readonly state: string; readonly group: number };

/**
 * `R`, `S`, `T` (stopped), `Z` (dead, not yet fetched by its parent) …; undefined where there is none, or the system does not
 * tell. One whose first thread is dead is `X` as long as others are on their way out: they still hold its ports and files.
 */
export const statOf = async (pid: number): Promise<ProcessStat | undefined> => {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = statFields(stat);
    const [state = '', , group] = fields;
    const threads = Number(fields[17]);
    return { state: state === 'Z' && threads > 1 ? 'X' : state, group: Number(group) };
  } catch {
    return undefined;
  }
};

/** The state alone. */
export const stateOf = async (pid: number): Promise<string | undefined> => (await statOf(pid))?.state;

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
