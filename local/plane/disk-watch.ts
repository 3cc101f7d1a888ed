import type { Log } from '#lib/log';
import type { Clock } from '#ports/clock';
import type { Disk } from '#ports/disk';
import type { DiskReport, DiskState } from '#schema/condition';
import { probeWrite } from '../engine/disk.ts';
import type { JournalHealth } from '../engine/group-commit.ts';

/** What a journal tells of its disk: its health, and a size that grows with each write. */
export type JournalSign = () => JournalHealth & { readonly sizeBytes: number };

/** What a plane's disk is watched by. */
export type DiskWatchOptions = {
  readonly folder: string;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly log: Log;
  /** Absent where the plane has no journal of its own. */
  readonly journal?: JournalSign | undefined;
  /** Why the quota watch stopped the plane for want of free space, if it did. */
  readonly fullReason: () => string | undefined;
  readonly fileSystem: () => Promise<string>;
};

/** A disk that is watched. */
export type DiskWatch = { readonly report: () => Promise<DiskReport>; readonly close: () => void };

const everyMs = 5_000;
/** A write that takes longer is one that fails: the disk has stopped answering. */
const slowMs = 15_000;

type Trouble = { readonly state: Exclude<DiskState, 'ok'>; readonly sinceMs: number; readonly error: string };

const stateByCode: Readonly<Record<string, Trouble['state']>> = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  EROFS: 'read-only',
};

/** State of a disk that fails with these words: Node begins them with the code, `EROFS: read-only file system, open`. */
export const diskStateOf = (error: string): Trouble['state'] =>
  Object.entries(stateByCode).find(([code]) => error.includes(code))?.[1] ?? 'failing';

const asTrouble = (error: string, sinceMs: number): Trouble => ({ state: diskStateOf(error), sinceMs, error });

/**
 * Watches whether a plane can write: by its journal, which tries again every second while it fails, and while the journal is
 * idle by a small write every 5 s. Probes never overlap.
 */
export const watchDisk = (options: DiskWatchOptions): DiskWatch => {
  const { folder, disk, clock, log, journal, fullReason, fileSystem } = options;
  let probed: Trouble | undefined;
  let full: Trouble | undefined;
  let writingSinceMs: number | undefined;
  let lastBytes: number | undefined;
  let isOpen = true;

  const note = (found: Trouble | undefined): void => {
    if (found !== undefined && probed === undefined) log.error({ folder, reason: found.error }, 'disk refuses a write');
    if (found === undefined && probed !== undefined) log.info({ folder }, 'disk takes writes again');
    probed = found && { ...found, sinceMs: probed?.sinceMs ?? found.sinceMs };
  };
  /** A journal that has written since the last look proves the disk by itself. */
  const hasWritten = (): boolean => {
    const sign = journal?.();
    const before = lastBytes;
    lastBytes = sign?.sizeBytes;
    return sign?.state === 'ok' && before !== undefined && sign.sizeBytes !== before;
  };
  const probe = async (): Promise<void> => {
    if (probed === undefined && hasWritten()) return;
    writingSinceMs = clock.nowMs();
    const failure = await probeWrite(disk, folder).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    writingSinceMs = undefined;
    if (isOpen) note(failure === undefined ? undefined : asTrouble(failure, clock.nowMs()));
  };
  let cancel = (): void => {};
  const next = (): void => {
    cancel = clock.at(clock.nowMs() + everyMs, () => void probe().then(() => isOpen && next()));
  };
  next();

  const slow = (): Trouble | undefined =>
    writingSinceMs !== undefined && clock.nowMs() - writingSinceMs > slowMs
      ? { state: 'failing', sinceMs: writingSinceMs, error: `a write takes longer than ${slowMs / 1000} s` }
      : undefined;
  const ofJournal = (): Trouble | undefined => {
    const sign = journal?.();
    if (sign === undefined || sign.state === 'ok') return undefined;
    return asTrouble(sign.error, Date.parse(sign.sinceAt));
  };
  const ofQuota = (): Trouble | undefined => {
    const error = fullReason();
    full = error === undefined ? undefined : { state: 'full', sinceMs: full?.sinceMs ?? clock.nowMs(), error };
    return full;
  };
  return {
    report: async () => {
      const quota = ofQuota();
      const trouble = ofJournal() ?? slow() ?? probed ?? quota;
      if (trouble === undefined) return { state: 'ok' };
      const { state, sinceMs, error } = trouble;
      return { state, since: new Date(sinceMs).toISOString(), error, fileSystem: await fileSystem() };
    },
    close: () => {
      isOpen = false;
      cancel();
    },
  };
};
