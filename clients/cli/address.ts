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

/** Address of the front that serves a data folder; undefined without one, also when it was killed and left its file. */
export const frontOf = (data: string): string | undefined => {
  try {
    const { url, pid } = Address.parse(JSON.parse(readFileSync(join(data, 'front.json'), 'utf8')));
    return pid === undefined || isAlive(pid) ? url : undefined;
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
