import { PapilioError } from '#lib/errors';
import { jsonOf } from '#lib/model/json';
import type { ObjectFacts } from '#ports/objects';
import { createFolderMaker, diskErrorOf, hasCode, parentOf, withFile } from './disk-files.ts';
import { createPlaces, type ShelfOptions } from './disk-places.ts';
import { StoredFacts } from './facts.ts';
import { folderAndObject } from './key.ts';

/** @throws object-corrupt for facts that are not as they were written. */
const parseFacts = (key: string, text: string): ObjectFacts => {
  const facts = StoredFacts.safeParse(jsonOf(text));
  if (facts.success) return facts.data;
  throw new PapilioError('object-corrupt', `${key}: its recorded size and checksums cannot be read`);
};

/** Objects of a folder, and what is known of them. */
export const createShelf = (options: ShelfOptions) => {
  const { folder, disk } = options;
  const { newPlaceOf, placeOf, isBelowObject, isFolder } = createPlaces(options);

  const dataPath = async (key: string): Promise<string> => (await placeOf(key)).data;

  const makeFolder = createFolderMaker(disk, folder);

  const write = (path: string, bytes: Uint8Array): Promise<void> =>
    withFile(disk, path, 'w', async (file) => {
      if (bytes.length > 0) await file.write(bytes, 0);
      await file.sync();
    });

  /** An object is there when its data is; facts alone are the leftover of a crash. */
  const factsAt = async (key: string): Promise<ObjectFacts | undefined> => {
    const { data, facts } = await placeOf(key);
    try {
      if ((await disk.sizeOf(data)) === undefined) return undefined;
      return parseFacts(key, (await disk.readFile(facts)).toString());
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) return undefined;
      throw diskErrorOf(error, facts);
    }
  };

  /** Makes the folders in which an object and its facts will lie. */
  const makePlace = async (key: string): Promise<void> => {
    if ((await isFolder(key)) || (await isBelowObject(key))) throw folderAndObject(key);
    const { data, facts } = newPlaceOf(key);
    try {
      await makeFolder(parentOf(data));
      await makeFolder(parentOf(facts));
    } catch (error) {
      throw hasCode(error, 'EEXIST', 'ENOTDIR') ? folderAndObject(key) : error;
    }
  };

  /** Writes what is known of an object that is about to have its key, synced. */
  const writeFacts = async (key: string, facts: ObjectFacts): Promise<void> => {
    const path = newPlaceOf(key).facts;
    await write(path, Buffer.from(JSON.stringify(facts)));
    await disk.syncFolder(parentOf(path));
  };

  /**
   * Gives a synced file its key. Its facts are written by then: from the moment the data has its name, its checksums are
   * known, also after a power cut.
   */
  const publish = async (key: string, tempPath: string): Promise<void> => {
    const { data } = newPlaceOf(key);
    await disk.link(tempPath, data);
    await disk.syncFolder(parentOf(data));
  };

  /** Makes sure that a key that can be seen is also on the medium. */
  const syncPlace = async (key: string): Promise<void> => disk.syncFolder(parentOf(await dataPath(key)));

  return { folder, disk, dataPath, factsAt, makePlace, write, writeFacts, publish, syncPlace };
};

/** The places of a folder's objects. */
export type Shelf = ReturnType<typeof createShelf>;
