import { chmod, lstat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { PapilioError } from '#lib/errors';
import type { BxNumbering } from '#lib/model/bx-places';
import type { Disk } from '#ports/disk';
import type { E1Data } from '#ports/e1-data';
import type { Objects } from '#ports/objects';
import { openE1Data } from './over-objects.ts';

/** What E1 data in a folder are opened with. */
export type E1FilesOptions = {
  /** One process at a time opens it. */
  readonly folder: string;
  readonly disk: Disk;
  readonly now: () => string;
  readonly openObjects: (options: { readonly folder: string; readonly disk: Disk }) => Promise<Objects>;
  /** Takes the folder for this process, throws if another has it, and gives it back. */
  /** Where the BXs a TF of runs are known from. */
  readonly bxNumbering?: BxNumbering;
  readonly takeFolder: (folder: string) => Promise<() => Promise<void>>;
};

const fileMode = 0o444;
const closedFolderMode = 0o555;
const openFolderMode = 0o700;

const isLink = async (path: string): Promise<boolean> => {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch {
    return false;
  }
};

/** @throws folder-unusable when a part of the path below the root is a link: it may lead anywhere. */
const refuseLinks = async (root: string, path: string): Promise<void> => {
  let below = root;
  for (const name of relative(root, path).split(sep)) {
    below = join(below, name);
    if (await isLink(below)) throw new PapilioError('folder-unusable', `${below} is a link, which may lead elsewhere`);
  }
};

/** Files under their names can be read only, and their folders are closed but for the moment of a new name. */
const close = async (path: string): Promise<void> => {
  await chmod(path, fileMode);
  await chmod(dirname(path), closedFolderMode);
};

const guarded = (disk: Disk, root: string): Disk => {
  const noLinks =
    <Rest extends readonly unknown[], T>(operation: (path: string, ...rest: Rest) => Promise<T>) =>
    async (path: string, ...rest: Rest): Promise<T> => {
      await refuseLinks(root, path);
      return operation(path, ...rest);
    };
  return {
    open: noLinks(disk.open),
    readFile: noLinks(disk.readFile),
    list: noLinks(disk.list),
    makeFolder: noLinks(disk.makeFolder),
    rename: noLinks(disk.rename),
    remove: noLinks(disk.remove),
    syncFolder: noLinks(disk.syncFolder),
    sizeOf: noLinks(disk.sizeOf),
    link: async (from, to) => {
      await refuseLinks(root, to);
      await chmod(dirname(to), openFolderMode);
      try {
        await disk.link(from, to);
      } finally {
        await close(to).catch(() => chmod(dirname(to), closedFolderMode));
      }
    },
  };
};

/**
 * E1 data as files that nothing but papilio has to understand: put once, synced, read-only, by one process. A user with
 * the rights of papilio, or root, can still change them; `verify` finds it. @throws folder-in-use
 */
export const openE1Files = async ({
  folder,
  disk,
  now,
  openObjects,
  takeFolder,
  bxNumbering,
}: E1FilesOptions): Promise<E1Data> => {
  await disk.makeFolder(folder);
  const giveBack = await takeFolder(folder).catch((error: Error) => {
    throw new PapilioError('folder-in-use', error.message, error);
  });
  try {
    const objects = await openObjects({ folder, disk: guarded(disk, folder) });
    const lock = async (key: string): Promise<void> => close((await objects.localPath(key)) ?? folder);
    return await openE1Data({ objects, now, lock, close: giveBack, ...(bxNumbering && { bxNumbering }) });
  } catch (error) {
    await giveBack();
    throw error;
  }
};
