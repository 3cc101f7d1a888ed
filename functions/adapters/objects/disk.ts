import type { Disk } from '#ports/disk';
import type { Objects } from '#ports/objects';
import { createFolderMaker, diskErrorOf } from './disk-files.ts';
import { createPuts } from './disk-put.ts';
import { createReads } from './disk-read.ts';
import { createShelf } from './disk-shelf.ts';
import { namingWith } from './key.ts';
import { openQuota } from './quota.ts';

/** What the objects of a folder are opened with. */
export type DiskObjectsOptions = {
  /** Holds `data/`, `facts/` and `temp/`; made if it is not there. */
  readonly folder: string;
  readonly disk: Disk;
  /** Sum of the objects' sizes beyond which puts end with `store-full`; without it the disk is the limit. */
  readonly quotaBytes?: number;
  /** Keeps every object under its plain key, without folders of a thousand. */
  readonly isFlat?: boolean;
};

/** Checks the key, then gives the disk's errors a name. */
const named = namingWith(diskErrorOf);

/** Makes the folders, and removes what a crash left half written. */
const prepare = async ({ folder, disk }: DiskObjectsOptions): Promise<void> => {
  const makeFolder = createFolderMaker(disk, folder);
  for (const name of ['data', 'facts', 'temp']) await makeFolder(`${folder}/${name}`);
  for (const name of await disk.list(`${folder}/temp`)) await disk.remove(`${folder}/temp/${name}`);
};

/**
 * Opens the objects of a folder, which one process writes. A put copies into `temp/`, syncs data and facts, then links the
 * data into its place, which fails if the name is taken: nobody ever sees half an object.
 */
export const openDiskObjects = async (options: DiskObjectsOptions): Promise<Objects> => {
  await prepare(options);
  const shelf = createShelf(options);
  const quota = await openQuota(options);
  const puts = createPuts(shelf, quota);
  const reads = createReads(shelf);
  return {
    putFile: named(puts.putFile),
    putBytes: named(puts.putBytes),
    read: named(reads.read),
    readRange: named(reads.readRange),
    readStored: named(reads.readStored),
    stat: named(shelf.factsAt),
    verify: named(reads.verify),
    list: reads.list,
    localPath: named(shelf.dataPath),
  };
};
