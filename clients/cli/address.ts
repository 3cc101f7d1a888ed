import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { type Fetch, fetchOver, ownSocket } from '../http/socket-fetch.ts';

const Address = z.object({ url: z.url(), pid: z.int().positive().optional(), startedAt: z.string().optional() });
const defaultUrl = 'http://127.0.0.1:8714';

type Place = { readonly url?: string | undefined; readonly data: string };

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

/** When a process began, as Linux counts it; undefined for one that is gone, and on systems that do not tell. */
const startOf = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name is in brackets and may hold blanks; the start time is the twentieth field behind it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
};

/** Whether the process that wrote a file runs; its number may be another's by now. */
const isSame = ({ pid, startedAt }: { readonly pid: number; readonly startedAt?: string | undefined }): boolean => {
  const start = startedAt === undefined ? undefined : startOf(pid);
  return isAlive(pid) && (start === undefined || start === startedAt);
};

const Lock = z.object({ pid: z.int().positive(), startedAt: z.string().optional() });

/** Whether the supervisor of a data folder runs: it starts a front that fell again, under the same address. */
const isSupervised = (data: string): boolean => {
  try {
    return isSame(Lock.parse(JSON.parse(readFileSync(join(data, 'lock'), 'utf8'))));
  } catch {
    return false;
  }
};

/** Address of the front that serves a data folder, or is being started again; undefined where nothing runs. */
export const frontOf = (data: string): string | undefined => {
  try {
    const { url, pid, startedAt } = Address.parse(JSON.parse(readFileSync(join(data, 'front.json'), 'utf8')));
    return pid === undefined || isSame({ pid, startedAt }) || isSupervised(data) ? url : undefined;
  } catch {
    return undefined;
  }
};

/** Where the API is: as told, else as the front of the data folder wrote down, else at its usual port. */
export const findUrl = ({ url, data }: Place): string => url ?? frontOf(data) ?? defaultUrl;

/** The administrator's token of a data folder, and the way to its front: only who owns the folder can answer there. */
export type OwnFront = { readonly token: string; readonly fetch: Fetch };

/** The front of the data folder, if it is the one that is asked; its token is shown to no other, and to no port. */
export const findOwn = ({ url, data }: Place): OwnFront | undefined => {
  const own = frontOf(data);
  if (own === undefined || (url !== undefined && new URL(url).origin !== new URL(own).origin)) return undefined;
  try {
    const token = readFileSync(join(data, 'admin.token'), 'utf8').trim();
    return { token, fetch: fetchOver(join(data, ownSocket)) };
  } catch {
    return undefined;
  }
};
