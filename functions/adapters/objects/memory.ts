import { PapilioError } from '#lib/errors';
import type { Disk } from '#ports/disk';
import type { ObjectFacts, Objects, PutCheck } from '#ports/objects';
import { existsWithOther, factsOf, isSameContent, needSameContent } from './facts.ts';
import { checkObjectKey, checkRange, folderAndObject, foldersAbove } from './key.ts';

type Stored = { readonly bytes: Buffer; readonly facts: ObjectFacts };

const readSource = async (disk: Pick<Disk, 'readFile'>, path: string): Promise<Buffer> => {
  try {
    return await disk.readFile(path);
  } catch (error) {
    throw new PapilioError('object-missing', `the file ${path} cannot be read`, error);
  }
};

/** Objects in memory: the same contract as on disk, for tests. `disk` is where `putFile` finds its files. */
export const createMemoryObjects = ({ disk }: { readonly disk: Pick<Disk, 'readFile'> }): Objects => {
  const objects = new Map<string, Stored>();
  const folders = new Set<string>();

  const find = (key: string): Stored => {
    checkObjectKey(key);
    const stored = objects.get(key);
    if (stored !== undefined) return stored;
    throw new PapilioError('object-missing', key);
  };

  const put = (key: string, bytes: Uint8Array, { expect = {}, inspector }: PutCheck) => {
    const facts = factsOf(bytes);
    inspector?.see(bytes);
    needSameContent(key, expect, facts);
    inspector?.judge();
    const existing = objects.get(key);
    if (existing !== undefined) {
      if (isSameContent(existing.facts, facts)) return { ...facts, created: false };
      throw existsWithOther(key, existing.facts, facts);
    }
    if (folders.has(key) || foldersAbove(key).some((folder) => objects.has(folder))) throw folderAndObject(key);
    for (const folder of foldersAbove(key)) folders.add(folder);
    objects.set(key, { bytes: Buffer.from(bytes), facts });
    return { ...facts, created: true };
  };

  return {
    putFile: async (key, sourcePath, check = {}) => {
      checkObjectKey(key);
      return put(key, await readSource(disk, sourcePath), check);
    },
    putBytes: async (key, bytes) => {
      checkObjectKey(key);
      return put(key, bytes, {});
    },
    read: async (key) => Buffer.from(find(key).bytes),
    readRange: async (key, firstByte, endByte) => {
      checkRange(key, firstByte, endByte);
      return Buffer.from(find(key).bytes.subarray(firstByte, endByte));
    },
    readStored: async (key, firstByte, endByte) => {
      checkRange(key, firstByte, endByte);
      return Buffer.from(find(key).bytes.subarray(firstByte, endByte));
    },
    stat: async (key) => {
      checkObjectKey(key);
      return objects.get(key)?.facts;
    },
    verify: async (key) => {
      const { bytes, facts } = find(key);
      needSameContent(key, facts, factsOf(bytes));
      return facts;
    },
    list: async function* (prefix) {
      yield* [...objects.keys()].filter((key) => key.startsWith(prefix));
    },
    localPath: async () => undefined,
  };
};
