import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { PapilioError } from '#lib/errors';
import { createChecksums } from '#lib/model/checksum';
import type { ObjectFacts } from '#ports/objects';
import { factsFrom, factsOf, needSameContent } from './facts.ts';
import { checkRange } from './key.ts';
import { codeOf, isAbsent } from './minio-errors.ts';
import { storedIn, withChecksum } from './minio-facts.ts';
import type { Shelf } from './minio-shelf.ts';

const noBytes = new Uint8Array();

/** Reads of objects that lie in a bucket. */
export const createReads = (shelf: Shelf) => {
  const { bucket, needVersion, forget, stat } = shelf;

  const get = async <T>(
    key: string,
    headers: Record<string, string>,
    take: (answer: IncomingMessage) => Promise<T>,
  ): Promise<T> => {
    const query = await needVersion(key);
    try {
      return await bucket.call({ method: 'GET', key, query, headers }, take);
    } catch (thrown) {
      if (!isAbsent(thrown)) throw thrown;
      forget(key);
      throw new PapilioError('object-missing', key, thrown);
    }
  };

  /** All of it, held against the checksum that S3 keeps. */
  const read = (key: string): Promise<Uint8Array> =>
    get(key, withChecksum, async (answer) => {
      const { facts } = storedIn(key, answer.headers);
      const bytes = await buffer(answer);
      needSameContent(key, facts, factsOf(bytes));
      return bytes;
    });

  const verify = (key: string): Promise<ObjectFacts> =>
    get(key, withChecksum, async (answer) => {
      const { facts } = storedIn(key, answer.headers);
      const checksums = createChecksums();
      for await (const piece of answer) checksums.update(piece);
      needSameContent(key, facts, factsFrom(checksums));
      return facts;
    });

  const needObject = async (key: string): Promise<void> => {
    if ((await stat(key)) === undefined) throw new PapilioError('object-missing', key);
  };

  const readRange = async (key: string, firstByte: number, endByte: number): Promise<Uint8Array> => {
    checkRange(key, firstByte, endByte);
    if (firstByte === endByte) {
      await needObject(key);
      return noBytes;
    }
    try {
      return await get(key, { range: `bytes=${firstByte}-${endByte - 1}` }, buffer);
    } catch (thrown) {
      if (codeOf(thrown) === 'InvalidRange') return noBytes;
      throw thrown;
    }
  };

  return { read, readRange, verify };
};
