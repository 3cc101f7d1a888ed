import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const Address = z.object({ url: z.url(), pid: z.int().positive().optional() });
const defaultUrl = 'http://127.0.0.1:8714';

type Place = { readonly url?: string | undefined; readonly data: string };

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

const Lock = z.object({ pid: z.int().positive() });

/** Whether the supervisor of a data folder runs: it starts a front that fell again, under the same address. */
const isSupervised = (data: string): boolean => {
  try {
    return isAlive(Lock.parse(JSON.parse(readFileSync(join(data, 'lock'), 'utf8'))).pid);
  } catch {
    return false;
  }
};

/** Address of the front that serves a data folder, or is being started again; undefined where nothing runs. */
export const frontOf = (data: string): string | undefined => {
  try {
    const { url, pid } = Address.parse(JSON.parse(readFileSync(join(data, 'front.json'), 'utf8')));
    return pid === undefined || isAlive(pid) || isSupervised(data) ? url : undefined;
  } catch {
    return undefined;
  }
};

/** Where the API is: as told, else as the front of the data folder wrote down, else at its usual port. */
export const findUrl = ({ url, data }: Place): string => url ?? frontOf(data) ?? defaultUrl;

/** The token of the data folder whose front is asked; no other front is shown it. */
export const findToken = ({ url, data }: Place): string | undefined => {
  const own = frontOf(data);
  if (own === undefined || (url !== undefined && new URL(url).origin !== new URL(own).origin)) return undefined;
  try {
    return readFileSync(join(data, 'admin.token'), 'utf8').trim();
  } catch {
    return undefined;
  }
};
