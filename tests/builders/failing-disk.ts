import type { Disk, DiskFile } from '../../functions/lib/ports/disk.ts';

/** Called before each operation with its name and path; what it throws is the operation's error. */
export type BeforeOperation = (operation: string, path: string) => void;

const failingFile = (file: DiskFile, path: string, before: BeforeOperation): DiskFile => ({
  write: async (bytes, offsetBytes) => {
    before('write', path);
    await file.write(bytes, offsetBytes);
  },
  read: async (into, offsetBytes) => {
    before('read', path);
    return file.read(into, offsetBytes);
  },
  truncate: async (lengthBytes) => {
    before('truncate', path);
    await file.truncate(lengthBytes);
  },
  sync: async () => {
    before('sync', path);
    await file.sync();
  },
  // A file is always closed: a dead process has none open either.
  close: file.close,
});

/** A disk whose operations fail when a test says so. */
export const failingDisk = (disk: Disk, before: BeforeOperation): Disk => {
  const guarded =
    <Rest extends readonly unknown[], T>(name: string, operation: (path: string, ...rest: Rest) => Promise<T>) =>
    async (path: string, ...rest: Rest): Promise<T> => {
      before(name, path);
      return operation(path, ...rest);
    };
  return {
    open: async (path, flags) => {
      before('open', path);
      return failingFile(await disk.open(path, flags), path, before);
    },
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

/** A disk under a process that is killed after so many operations: from then on nothing works. */
export const stoppingDisk = (disk: Disk, operations: number): Disk & { readonly isStopped: () => boolean } => {
  let count = 0;
  const before = (): void => {
    count += 1;
    if (count > operations) throw new Error('the process was killed');
  };
  return { ...failingDisk(disk, before), isStopped: () => count > operations };
};

/** A disk that is full while `isFull` says so. */
export const fullDisk = (disk: Disk, isFull: () => boolean): Disk =>
  failingDisk(disk, (operation) => {
    const growing = operation === 'write' || operation === 'makeFolder';
    if (growing && isFull()) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  });
