import { randomUUID } from 'node:crypto';
import { PapilioError } from '#lib/errors';
import type { Objects, PutCheck } from '#ports/objects';
import { createKeyLocks, passOver, withSource } from './disk-files.ts';
import { factsOf, needSameContent } from './facts.ts';
import { createPlaces } from './minio-places.ts';
import { createLargePuts, type PutOptions } from './minio-put-large.ts';
import { createWholePuts } from './minio-put-whole.ts';
import type { Shelf } from './minio-shelf.ts';

/** Puts objects into a bucket, whole or not at all; puts of one key by this process go one after the other. */
export const createPuts = (shelf: Shelf, options: PutOptions): Pick<Objects, 'putFile' | 'putBytes'> => {
  const { disk, partSizeBytes } = options;
  const locked = createKeyLocks();
  const whole = createWholePuts(shelf, createPlaces(shelf));
  const putLarge = createLargePuts(shelf, whole, options);

  const putSmall = async (key: string, path: string, { expect = {}, inspector }: PutCheck) => {
    const pieces: Buffer[] = [];
    const keep = async (bytes: Uint8Array): Promise<void> => {
      pieces.push(Buffer.from(bytes));
    };
    const facts = await withSource(disk, path, (source) => passOver(source, keep, inspector));
    needSameContent(key, expect, facts);
    inspector?.judge();
    return whole.put(key, Buffer.concat(pieces), facts);
  };

  return {
    putFile: (key, path, check = {}) =>
      locked(key, async () => {
        const sizeBytes = await disk.sizeOf(path);
        if (sizeBytes === undefined) throw new PapilioError('object-missing', `the file ${path} is not there`);
        if (sizeBytes <= partSizeBytes) return putSmall(key, path, check);
        return putLarge({ key, path, sizeBytes, check, putId: randomUUID() });
      }),
    putBytes: (key, bytes) => {
      const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      return locked(key, () => whole.put(key, body, factsOf(bytes)));
    },
  };
};
