import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { statFields } from '#lib/model/stat-fields';

/** One process for good: a pid is used again, a pid with its start time and boot is not. */
export type ProcessIdentity = { readonly pid: number; readonly start: string; readonly boot: string };

/** A process that never was, for a claim whose pid cannot be read. */
export const unknownProcess: ProcessIdentity = { pid: 0, start: '', boot: 'unknown' };

/** What one look at a process found. */
export type ProcessSample = {
  readonly pid: number;
  readonly session: number;
  readonly memoryMb: number;
  readonly memoryPeakMb: number;
};

const hasProc = existsSync('/proc/self/stat');

const readIfAny = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Processes come and go, and those of other users do not show everything: neither is an error here.
    return '';
  }
};

const run = (command: string, words: readonly string[]): string => {
  try {
    return execFileSync(command, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
};

const isDead = (state: string | undefined): boolean =>
  state === undefined || state === '' || 'ZX'.includes(state.charAt(0));

/** The boot of this machine, `''` where it does not tell. */
export const bootId: string = readIfAny('/proc/sys/kernel/random/boot_id').trim();

/** State letter and start time of a pid, if there is such a process. */
const lookUp = (pid: number): { readonly state: string; readonly start: string } | undefined => {
  if (hasProc) {
    const fields = statFields(readIfAny(`/proc/${pid}/stat`));
    return fields[19] === undefined ? undefined : { state: fields[0] ?? '', start: fields[19] };
  }
  const start = run('ps', ['-o', 'lstart=', '-p', String(pid)]).trim();
  return start === '' ? undefined : { state: run('ps', ['-o', 'stat=', '-p', String(pid)]).trim(), start };
};

/** What a person may look for with `ps`: pid and start time. */
export const handleOf = (identity: ProcessIdentity): string => `${identity.pid}@${identity.start}`;

/** The identity of a process that was started and not yet reaped. */
export const identityOf = (pid: number): ProcessIdentity => ({ pid, start: lookUp(pid)?.start ?? '', boot: bootId });

/** Reads what a wrapper wrote of itself: pid, its /proc stat line (or `ps` start time), boot; a line each. */
export const parseIdentity = (text: string): ProcessIdentity | undefined => {
  const [pid = '', stat = '', boot = ''] = text.split('\n');
  if (!/^[1-9]\d*$/.test(pid) || stat === '') return undefined;
  const start = stat.startsWith(`${pid} (`) ? statFields(stat)[19] : stat.trim();
  return start === undefined ? undefined : { pid: Number(pid), start, boot: boot.trim() };
};

/** True while exactly this process runs; a zombie does not. */
export const isAlive = (identity: ProcessIdentity): boolean => {
  if (identity.boot !== bootId) return false;
  const found = lookUp(identity.pid);
  return found !== undefined && found.start === identity.start && !isDead(found.state);
};

const pids = (): readonly number[] =>
  readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));

const memoryNow = /^VmRSS:\s+(\d+) kB/m;
const memoryPeak = /^VmHWM:\s+(\d+) kB/m;

const megabytes = (status: string, field: RegExp): number => (Number(field.exec(status)?.[1] ?? 0) * 1024) / 1e6;

const sampleProc = (pid: number, sessions: ReadonlySet<number>): ProcessSample | undefined => {
  const fields = statFields(readIfAny(`/proc/${pid}/stat`));
  const session = Number(fields[3]);
  if (isDead(fields[0]) || !sessions.has(session)) return undefined;
  const status = readIfAny(`/proc/${pid}/status`);
  return { pid, session, memoryMb: megabytes(status, memoryNow), memoryPeakMb: megabytes(status, memoryPeak) };
};

/** `ps` has no session on every system; there a process group stands for it. */
const samplePs = (sessions: ReadonlySet<number>): readonly ProcessSample[] =>
  run('ps', ['-A', '-o', 'pid=,pgid=,rss='])
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([pid = 0, session = 0, rssKb = 0]) => {
      const memoryMb = (rssKb * 1024) / 1e6;
      return sessions.has(session) ? [{ pid, session, memoryMb, memoryPeakMb: memoryMb }] : [];
    });

/** Looks once at all processes of these sessions. Cost: one small read a process of the machine, one more a member. */
export const sampleSessions = (sessions: ReadonlySet<number>): readonly ProcessSample[] => {
  if (!hasProc) return samplePs(sessions);
  return pids().flatMap((pid) => sampleProc(pid, sessions) ?? []);
};

/** Sends a signal; a process or group that is not there any more has got what it needed. */
export const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch {
    // ESRCH: gone already. EPERM: a member changed its user and is not ours to end.
  }
};

/** Names, in its environment, the folder that a process works for: an attempt's id alone may exist in two data folders. */
export const folderVariable = 'PAPILIO_ATTEMPT_FOLDER';

const isMarked = (pid: number, folder: string): boolean =>
  `\0${readIfAny(`/proc/${pid}/environ`)}`.includes(`\0${folderVariable}=${folder}\0`);

/**
 * Ends, by SIGKILL, every process of an attempt. While its wrapper lives, that is its process group and session; of
 * those that left the session, or outlived the wrapper, the environment tells (a number alone could be somebody else's).
 */
export const killAll = (identity: ProcessIdentity, folder: string): void => {
  if (isAlive(identity)) {
    const members = sampleSessions(new Set([identity.pid]));
    signal(-identity.pid, 'SIGKILL');
    for (const member of members) signal(member.pid, 'SIGKILL');
  }
  if (!hasProc) return;
  for (const pid of pids()) if (isMarked(pid, folder)) signal(pid, 'SIGKILL');
};
