import { shardMark, thousandOf } from '#lib/model/shard';
import type { Disk } from '#ports/disk';
import { hasCode } from './disk-files.ts';
import { foldersAbove } from './key.ts';

/** Paths of an object's data and facts. */
type Place = { readonly data: string; readonly facts: string };

/** Path of a key below `data/`: its last segment lies in the folder of its thousand. */
const shardedPathOf = (key: string): string => {
  const slash = key.lastIndexOf('/') + 1;
  const name = key.slice(slash);
  const thousand = thousandOf(name);
  return thousand === undefined ? key : `${key.slice(0, slash)}${thousand}/${name}`;
};

/** The key of a path below `data/`. */
export const keyOfPath = (path: string): string =>
  path
    .split('/')
    .filter((segment) => !segment.startsWith(shardMark))
    .join('/');

/** Options of a shelf. */
export type ShelfOptions = {
  readonly folder: string;
  readonly disk: Disk;
  /** Keeps every object under its plain key: for trees of few objects that others read by path. */
  readonly isFlat?: boolean;
};

/**
 * Places of the objects in a folder. New ones lie in folders of a thousand; those of earlier builds lie directly under
 * their key, and are found there.
 */
export const createPlaces = ({ folder, disk, isFlat = false }: ShelfOptions) => {
  const placeAt = (path: string): Place => ({ data: `${folder}/data/${path}`, facts: `${folder}/facts/${path}.json` });
  const newPlaceOf = (key: string): Place => placeAt(isFlat ? key : shardedPathOf(key));

  const isThere = async (path: string): Promise<boolean> => {
    try {
      return (await disk.sizeOf(path)) !== undefined;
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
      throw error;
    }
  };

  /** Where an object lies, or would lie. */
  const placeOf = async (key: string): Promise<Place> => {
    const [mine, plain] = [newPlaceOf(key), placeAt(key)];
    if (mine.data === plain.data || (await isThere(mine.data))) return mine;
    // A folder may have this name; an object has facts.
    return (await isThere(plain.facts)) && (await isThere(plain.data)) ? plain : mine;
  };

  /** True for a key below an object that lies in a folder of its thousand; of any other the disk itself says so. */
  const isBelowObject = async (key: string): Promise<boolean> => {
    for (const above of foldersAbove(key)) {
      const path = newPlaceOf(above).data;
      if (path !== placeAt(above).data && (await isThere(path))) return true;
    }
    return false;
  };

  /** True if the key names a folder of further keys. */
  const isFolder = async (key: string): Promise<boolean> => {
    try {
      await disk.list(placeAt(key).data);
      return true;
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
      throw error;
    }
  };

  return { newPlaceOf, placeOf, isBelowObject, isFolder };
};
