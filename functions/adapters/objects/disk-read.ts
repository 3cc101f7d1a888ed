import { PapilioError } from '#lib/errors';
import type { ObjectFacts } from '#ports/objects';
import { diskErrorOf, filesBelow, hasCode, passOver, withFile } from './disk-files.ts';
import { keyOfPath } from './disk-places.ts';
import type { Shelf } from './disk-shelf.ts';
import { factsOf, needSameContent } from './facts.ts';
import { checkRange } from './key.ts';

const noBytes = new Uint8Array();

/** Reads of objects that lie in a folder. */
export const createReads = (shelf: Shelf) => {
  const { folder, disk } = shelf;

  const needFacts = async (key: string): Promise<ObjectFacts> => {
    const facts = await shelf.factsAt(key);
    if (facts === undefined) throw new PapilioError('object-missing', key);
    return facts;
  };

  const verify = async (key: string): Promise<ObjectFacts> => {
    const facts = await needFacts(key);
    const found = await withFile(disk, await shelf.dataPath(key), 'r', (file) => passOver(file, async () => {}));
    needSameContent(key, facts, found);
    return facts;
  };

  const readRange = async (key: string, firstByte: number, endByte: number): Promise<Uint8Array> => {
    checkRange(key, firstByte, endByte);
    const { sizeBytes } = await needFacts(key);
    const lengthBytes = Math.min(endByte, sizeBytes) - firstByte;
    if (lengthBytes <= 0) return noBytes;
    const into = Buffer.allocUnsafe(lengthBytes);
    const count = await withFile(disk, await shelf.dataPath(key), 'r', (file) => file.read(into, firstByte));
    return into.subarray(0, count);
  };

  const readStored = async (key: string, firstByte: number, endByte: number): Promise<Uint8Array> => {
    checkRange(key, firstByte, endByte);
    const into = Buffer.allocUnsafe(endByte - firstByte);
    try {
      const count = await withFile(disk, await shelf.dataPath(key), 'r', (file) => file.read(into, firstByte));
      return into.subarray(0, count);
    } catch (error) {
      throw hasCode(error, 'ENOENT', 'ENOTDIR', 'EISDIR') ? new PapilioError('object-missing', key, error) : error;
    }
  };

  /** All of it, held against its recorded checksums. */
  const read = async (key: string): Promise<Uint8Array> => {
    const facts = await needFacts(key);
    const bytes = await disk.readFile(await shelf.dataPath(key));
    needSameContent(key, facts, factsOf(bytes));
    return bytes;
  };

  /** Walks only the folder that the prefix names. */
  const list = async function* (prefix: string): AsyncGenerator<string> {
    const below = prefix.slice(0, Math.max(0, prefix.lastIndexOf('/')));
    try {
      for await (const path of filesBelow(disk, `${folder}/data`, below)) {
        const key = keyOfPath(path);
        if (key.startsWith(prefix)) yield key;
      }
    } catch (error) {
      if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw diskErrorOf(error, folder);
    }
  };

  return { read, readRange, readStored, verify, list };
};
