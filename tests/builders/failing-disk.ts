import type { Disk, DiskFile } from '../../functions/lib/ports/disk.ts';

/** An operation of a disk that is about to happen. */
export type Access = {
  readonly operation: string;
  readonly path: string;
  /** Of a write: does the first half of it only. */
  readonly half?: () => Promise<void>;
};

/** Called instead of each operation: does it by `run`, or fails. */
export type Intercept = <T>(access: Access, run: () => Promise<T>) => Promise<T>;

const interceptedFile = (file: DiskFile, path: string, intercept: Intercept): DiskFile => ({
  write: (bytes, offsetBytes) => {
    const half = () => file.write(bytes.subarray(0, bytes.length >> 1), offsetBytes);
    return intercept({ operation: 'write', path, half }, () => file.write(bytes, offsetBytes));
  },
  read: (into, offsetBytes) => intercept({ operation: 'read', path }, () => file.read(into, offsetBytes)),
  truncate: (lengthBytes) => intercept({ operation: 'truncate', path }, () => file.truncate(lengthBytes)),
  sync: () => intercept({ operation: 'sync', path }, file.sync),
  // A file is always closed: a dead process has none open either.
  close: file.close,
});

/** A disk with somebody between it and its user. */
export const interceptedDisk = (disk: Disk, intercept: Intercept): Disk => {
  const guarded =
    <Rest extends readonly unknown[], T>(operation: string, run: (path: string, ...rest: Rest) => Promise<T>) =>
    (path: string, ...rest: Rest): Promise<T> =>
      intercept({ operation, path }, () => run(path, ...rest));
  return {
    open: async (path, flags) =>
      interceptedFile(await intercept({ operation: 'open', path }, () => disk.open(path, flags)), path, intercept),
    readFile: guarded('readFile', disk.readFile),
    list: guarded('list', disk.list),
    makeFolder: guarded('makeFolder', disk.makeFolder),
    rename: guarded('rename', disk.rename),
    link: guarded('link', disk.link),
    remove: guarded('remove', disk.remove),
    syncFolder: guarded('syncFolder', disk.syncFolder),
    sizeOf: guarded('sizeOf', disk.sizeOf),
  };
};

/** Called before each operation with its name and path; what it throws is the operation's error. */
export type BeforeOperation = (operation: string, path: string) => void;

/** A disk whose operations fail when a test says so. */
export const failingDisk = (disk: Disk, before: BeforeOperation): Disk =>
  interceptedDisk(disk, async ({ operation, path }, run) => {
    before(operation, path);
    return run();
  });

/** A disk under a process that is killed after so many operations: from then on nothing works. */
export const stoppingDisk = (disk: Disk, operations: number): Disk & { readonly isStopped: () => boolean } => {
  let count = 0;
  const before = (): void => {
    count += 1;
    if (count > operations) throw new Error('the process was killed');
  };
  return { ...failingDisk(disk, before), isStopped: () => count > operations };
};

const noSpace = () => Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });

/** A disk that is full while `isFull` says so. */
export const fullDisk = (disk: Disk, isFull: () => boolean): Disk =>
  failingDisk(disk, (operation) => {
    const growing = operation === 'write' || operation === 'makeFolder';
    if (growing && isFull()) throw noSpace();
  });

/** How the access of a given number fails, and whether the process goes with it. */
export const faultKinds = ['kill', 'error', 'late error', 'short write', 'full'] as const;
export type FaultKind = (typeof faultKinds)[number];

/** A disk on which one access fails, the first one being number 1. */
export type FaultyDisk = Disk & { readonly accesses: () => number; readonly isKilled: () => boolean };

/** So many tries to write come to nothing while a disk is full. */
const fullTries = 3;

/** Makes a disk whose access `at` fails: `late error` says so although it was done, `full` lasts for some writes. */
export const faultyDisk = (disk: Disk, kind: FaultKind, at: number): FaultyDisk => {
  let count = 0;
  let refused = 0;
  const failure = () => Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
  const isFull = (operation: string) => kind === 'full' && count >= at && operation === 'write' && refused < fullTries;
  const refuse = async (half?: () => Promise<void>) => {
    refused += 1;
    await half?.();
    throw noSpace();
  };
  const intercept: Intercept = async ({ operation, half }, run) => {
    count += 1;
    if (isKilled()) throw new Error('the process was killed');
    if (isFull(operation)) await refuse(half);
    if (count !== at || kind === 'full') return run();
    await (kind === 'late error' ? run() : kind === 'short write' && half?.());
    throw failure();
  };
  const isKilled = () => kind === 'kill' && count >= at;
  return { ...interceptedDisk(disk, intercept), accesses: () => count, isKilled };
};
