import type { Disk } from '#ports/disk';

const refuse = (path: string): Promise<never> =>
  Promise.reject(Object.assign(new Error(`EROFS: ${path} belongs to another plane`), { code: 'EROFS' }));

/**
 * A disk on which another process writes. Its folders exist or will, and what it has half written in `temp/` is not shown,
 * so that nobody tidies it up.
 */
export const readOnlyDisk = (disk: Disk): Disk => ({
  ...disk,
  open: (path, flags) => (flags === 'r' ? disk.open(path, flags) : refuse(path)),
  list: async (folder) => (folder.endsWith('/temp') ? [] : disk.list(folder)),
  makeFolder: async () => undefined,
  syncFolder: async () => undefined,
  rename: refuse,
  link: refuse,
  remove: refuse,
});
