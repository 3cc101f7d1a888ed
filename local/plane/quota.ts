import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '#lib/config';
import type { Log } from '#lib/log';
import type { Clock } from '#ports/clock';
import type { Plane } from '../../functions/catalog.ts';
import type { Pause } from './pause.ts';

/** What a plane may use of the disk. Undefined: as much as there is. */
export type Limits = {
  /** For everything in the plane's folder. */
  readonly quotaBytes?: number;
  /** What must stay free on the disk. */
  readonly reserveBytes: number;
};

/** The limits of a plane, as its configuration has them. */
export const limitsOf = (
  plane: Plane,
  config: Pick<Config, 'PAPILIO_WORK_QUOTA_MB' | 'PAPILIO_ARCHIVE_RESERVE_MB'>,
): Limits => {
  const { PAPILIO_WORK_QUOTA_MB: quotaMb, PAPILIO_ARCHIVE_RESERVE_MB: reserveMb } = config;
  // Archiving stops only when nothing is left; the margin is what its journal and store need to say so.
  if (plane === 'archive') return { reserveBytes: Math.min(reserveMb, 16) * 1e6 };
  return { reserveBytes: reserveMb * 1e6, ...(quotaMb === undefined ? {} : { quotaBytes: quotaMb * 1e6 }) };
};

/** Space as last measured, for `/status`. */
export type Space = {
  readonly usedBytes: number | undefined;
  readonly freeBytes: number;
  readonly paused?: string;
  /** The pause is for want of free space on the disk, not for the plane's own quota. */
  readonly isDiskFull?: true;
};

/** Measures a folder and its disk; a port for tests. */
export type Meter = {
  readonly used: (folder: string) => Promise<number>;
  readonly free: (folder: string) => Promise<number>;
};

const everyMs = 2_000;
/** Measuring takes at most a twentieth of the time, however many files there are. */
const restPerWork = 19;
/** Work goes on when this much of the limit is free again, so that a full plane does not flutter. */
const slack = 0.05;

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

const sizeOf = async (path: string): Promise<number> => {
  try {
    return (await stat(path)).blocks * 512;
  } catch (error) {
    if (isGone(error)) return 0;
    throw error;
  }
};

const used = async (folder: string): Promise<number> => {
  let sum = 0;
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    const at = next;
    const entries = await readdir(at, { withFileTypes: true }).catch((error: unknown) => {
      if (isGone(error)) return [];
      throw error;
    });
    for (const entry of entries) if (entry.isDirectory()) folders.push(join(at, entry.name));
    const sizes = await Promise.all(
      entries.filter((entry) => entry.isFile()).map((entry) => sizeOf(join(at, entry.name))),
    );
    sum += sizes.reduce((total, size) => total + size, 0);
  }
  return sum;
};

/** The real disk: blocks that files hold, not what they claim. */
export const diskMeter: Meter = {
  used,
  free: async (folder) => {
    const found = await statfs(folder);
    return found.bavail * found.bsize;
  },
};

const slackIn = ({ paused }: Space): number => (paused === undefined ? 0 : slack);

const isAboveQuota = ({ quotaBytes }: Limits, space: Space): boolean =>
  quotaBytes !== undefined && (space.usedBytes ?? 0) > quotaBytes * (1 - slackIn(space));

const isDiskFull = ({ reserveBytes }: Limits, space: Space): boolean =>
  space.freeBytes < reserveBytes * (1 + slackIn(space));

/** Why a plane must not take work, if it must not. */
export const reasonToPause = (limits: Limits, space: Space): string | undefined => {
  const { quotaBytes = 0, reserveBytes } = limits;
  if (isAboveQuota(limits, space)) {
    return `it holds ${megabytes(space.usedBytes ?? 0)} of its quota of ${megabytes(quotaBytes)}`;
  }
  if (isDiskFull(limits, space)) {
    return `the disk has ${megabytes(space.freeBytes)} left, ${megabytes(reserveBytes)} are reserved`;
  }
  return undefined;
};

type QuotaOptions = {
  readonly folder: string;
  readonly limits: Limits;
  readonly pause: Pause;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter?: Meter;
};

/** Watches the space of a plane: pauses it when it must stop, and lets it go on by itself. */
export const watchQuota = async ({ folder, limits, pause, clock, log, meter = diskMeter }: QuotaOptions) => {
  let space: Space = { usedBytes: undefined, freeBytes: 0 };
  let cancel = () => {};
  let isOpen = true;

  const measure = async () => {
    const usedBytes = limits.quotaBytes === undefined ? undefined : await meter.used(folder);
    const freeBytes = await meter.free(folder);
    const measured = { ...space, usedBytes, freeBytes };
    const reason = reasonToPause(limits, measured);
    const isFull = isDiskFull(limits, measured);
    space = {
      usedBytes,
      freeBytes,
      ...(reason === undefined ? {} : { paused: reason }),
      ...(isFull ? { isDiskFull: true } : {}),
    };
    if (!isOpen || (reason === undefined) === (pause.reason() === undefined)) return;
    if (reason === undefined) log.info({ folder }, 'space again; work is taken');
    else log.warn({ folder, reason }, 'no space; work is not taken');
    pause.set(reason);
  };
  const again = async () => {
    const beganMs = clock.nowMs();
    await measure().catch((error: unknown) => log.warn({ folder, reason: String(error) }, 'space not measured'));
    const tookMs = clock.nowMs() - beganMs;
    if (isOpen) cancel = clock.at(clock.nowMs() + Math.max(everyMs, tookMs * restPerWork), () => void again());
  };
  await again();
  return {
    space: () => space,
    close: () => {
      isOpen = false;
      cancel();
    },
  };
};
