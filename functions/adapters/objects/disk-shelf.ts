import { PapilioError } from '#lib/errors';
import { jsonOf } from '#lib/model/json';
import type { Disk } from '#ports/disk';
import type { ObjectFacts } from '#ports/objects';
import { createFolderMaker, diskErrorOf, hasCode, parentOf, withFile } from './disk-files.ts';
import { StoredFacts } from './facts.ts';
import { folderAndObject } from './key.ts';

/** @throws object-corrupt for facts that are not as they were written. */
const parseFacts = (key: string, text: string): ObjectFacts => {
  const facts = StoredFacts.safeParse(jsonOf(text));
  if (facts.success) return facts.data;
  throw new PapilioError('object-corrupt', `${key}: its recorded size and checksums cannot be read`);
};

/** What is where in the folder, and what is known of it. */
export const createShelf = (folder: string, disk: Disk) => {
  const dataPath = (key: string): string => `${folder}/data/${key}`;
  const factsPath = (key: string): string => `${folder}/facts/${key}.json`;

  const makeFolder = createFolderMaker(disk, folder);

  const write = (path: string, bytes: Uint8Array): Promise<void> =>
    withFile(disk, path, 'w', async (file) => {
      if (bytes.length > 0) await file.write(bytes, 0);
      await file.sync();
    });

  /** An object is there when its data is; facts alone are the leftover of a crash. */
  const factsAt = async (key: string): Promise<ObjectFacts | undefined> => {
    try {
      if ((await disk.sizeOf(dataPath(key))) === undefined) return undefined;
      return parseFacts(key, (await disk.readFile(factsPath(key))).toString());
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) return undefined;
      throw diskErrorOf(error, factsPath(key));
    }
  };

  const isFolder = async (key: string): Promise<boolean> => {
    try {
      await disk.list(dataPath(key));
      return true;
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
      throw error;
    }
  };

  /** Makes the folders in which an object and its facts will lie. */
  const makePlace = async (key: string): Promise<void> => {
    if (await isFolder(key)) throw folderAndObject(key);
    try {
      await makeFolder(parentOf(dataPath(key)));
      await makeFolder(parentOf(factsPath(key)));
    } catch (error) {
      throw hasCode(error, 'EEXIST', 'ENOTDIR') ? folderAndObject(key) : error;
    }
  };

  /**
   * Gives a synced file its key. Facts first: from the moment the data has its name, its checksums are known, also after a
   * power cut.
   */
  const publish = async (key: string, tempPath: string, facts: ObjectFacts): Promise<void> => {
    await write(factsPath(key), Buffer.from(JSON.stringify(facts)));
    await disk.syncFolder(parentOf(factsPath(key)));
    await disk.link(tempPath, dataPath(key));
    await syncPlace(key);
  };

  /** Makes sure that a key that can be seen is also on the medium. */
  const syncPlace = (key: string): Promise<void> => disk.syncFolder(parentOf(dataPath(key)));

  return { folder, disk, dataPath, factsAt, makePlace, write, publish, syncPlace };
};

/** The places of a folder's objects. */
export type Shelf = ReturnType<typeof createShelf>;
