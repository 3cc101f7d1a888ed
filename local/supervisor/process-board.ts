import { join } from 'node:path';
import { keepFile } from '#lib/keep-file';
import type { Log } from '#lib/log';
import type { Clock } from '#ports/clock';
import type { Disk } from '#ports/disk';
import type { Processes, ProcessLine } from '#schema/processes';

/** Where the supervisor keeps how each of its processes is, in the data folder. */
export const processesFile = 'processes.json';

/** How long to wait before a board that the disk did not take is written again. */
const retryMs = 1_000;

type BoardOptions = {
  readonly folder: string;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly log: Log;
  readonly lines: () => readonly ProcessLine[];
};

/** The file that tells how the processes are. */
export type ProcessBoard = {
  /** Something changed: the file follows, one write at a time, the latest state always last. */
  readonly changed: () => void;
  /** Resolves when the latest state is kept, or was refused by the disk. */
  readonly close: () => Promise<void>;
};

/** Keeps `processes.json` as the processes change. A disk that refuses it is asked again, and holds up nothing. */
export const openProcessBoard = ({ folder, disk, clock, log, lines }: BoardOptions): ProcessBoard => {
  let isDirty = false;
  let isClosed = false;
  let writing: Promise<void> | undefined;
  let cancelRetry = (): void => {};

  const write = async (): Promise<void> => {
    while (isDirty) {
      isDirty = false;
      const board: Processes = { format: 1, processes: [...lines()] };
      await keepFile(disk, join(folder, processesFile), `${JSON.stringify(board)}\n`);
    }
  };
  const changed = (): void => {
    isDirty = true;
    cancelRetry();
    writing ??= write()
      .catch((error: unknown) => {
        log.warn({ reason: String(error) }, 'processes.json cannot be written');
        if (!isClosed) cancelRetry = clock.at(clock.nowMs() + retryMs, changed);
      })
      .finally(() => {
        writing = undefined;
      });
  };
  return {
    changed,
    close: async () => {
      isClosed = true;
      cancelRetry();
      changed();
      await writing;
    },
  };
};
