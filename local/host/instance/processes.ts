import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { statFields } from '#lib/model/stat-fields';

/** Named in the environment of every process of this host. */
export const hostMark = 'PAPILIO_FUNCTION_HOST';
/**
 * Named in the environment of every process of one instance, with its host: of those that left its session, only this tells, and
 * other hosts of this machine have instances of the same names.
 */
export const instanceMark = 'PAPILIO_FUNCTION_INSTANCE';

/** What the mark of an instance says. */
export const markOf = (host: string, instance: string): string => `${host}/${instance}`;

/** Memory comes in pages of this size on the systems whose /proc is read here. */
const pageBytes = 4096;

const signalOne = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch {
    // ESRCH: all of it has ended. EPERM: it changed its user and is not ours to end.
  }
};

/** Sends a signal to a process group; one that is gone has got what it needed. */
export const signalGroup = (pid: number, signal: NodeJS.Signals): void => signalOne(-pid, signal);

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

const pidsOf = (names: readonly string[]): readonly string[] => names.filter((name) => /^\d+$/.test(name));

/**
 * Resident memory by session, in MiB, in one pass over the processes of this machine: an instance and what it started are a
 * session. Empty where there is no /proc. Cost: one small read a process.
 */
export const memoryBySession = (): ReadonlyMap<number, number> => {
  const sums = new Map<number, number>();
  for (const pid of pidsIn('/proc')) {
    const fields = statFields(textOf(`/proc/${pid}/stat`));
    const session = Number(fields[3]);
    const residentMb = (Number(fields[21]) * pageBytes) / 2 ** 20;
    if (Number.isFinite(residentMb)) sums.set(session, (sums.get(session) ?? 0) + residentMb);
  }
  return sums;
};

const pidsIn = (folder: string): readonly string[] => {
  try {
    return pidsOf(readdirSync(folder));
  } catch {
    return [];
  }
};

/** Who a signal does not end: one that waits for a disk. It is left to the system. */
const looks = 50;

/** Kills every process whose environment has this mark, wherever it went, and looks until there is none. */
export const killMarked = async (mark: string, value: string): Promise<void> => {
  for (let look = 0; look < looks; look += 1) {
    const found = await marked(`\0${mark}=${value}\0`);
    if (found.length === 0) return;
    for (const pid of found) signalOne(pid, 'SIGKILL');
  }
};

const marked = async (text: string): Promise<readonly number[]> => {
  const names = await readdir('/proc').catch(() => []);
  const isMarked = async (pid: string): Promise<boolean> =>
    `\0${await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')}`.includes(text);
  const looked = await Promise.all(pidsOf(names).map(async (pid) => ((await isMarked(pid)) ? [Number(pid)] : [])));
  return looked.flat();
};
