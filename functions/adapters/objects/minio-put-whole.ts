import { randomUUID } from 'node:crypto';
import { PapilioError } from '#lib/errors';
import type { ObjectFacts } from '#ports/objects';
import { existsWithOther, isSameContent } from './facts.ts';
import { crcHeaders, metaHeaders } from './minio-facts.ts';
import { isTaken } from './minio-multipart.ts';
import type { Places } from './minio-places.ts';
import type { Shelf } from './minio-shelf.ts';

/** What a put came to. */
export type Put = ObjectFacts & { readonly created: boolean };

/** Puts of content that is in memory, and what every put ends with. */
export const createWholePuts = (shelf: Shelf, places: Places) => {
  const { bucket, stat, isLocked } = shelf;

  /** What a put of a key that is there comes to; undefined if it is not. */
  const again = async (key: string, offered: ObjectFacts, putId?: string): Promise<Put | undefined> => {
    const existing = await stat(key);
    if (existing === undefined) return undefined;
    if (!isSameContent(existing.facts, offered)) throw existsWithOther(key, existing.facts, offered);
    places.remember(key);
    // Whose first try had its answer lost finds its own object.
    return { ...existing.facts, created: putId !== undefined && existing.putId === putId };
  };

  /** What a put comes to that was refused because its key is taken. */
  const taken = async (key: string, offered: ObjectFacts, putId: string): Promise<Put> => {
    const put = await again(key, offered, putId);
    if (put !== undefined) return put;
    throw new PapilioError('store-unavailable', `${key}: its put was refused, and there is no such object`);
  };

  const made = (key: string, facts: ObjectFacts, versionId: string | undefined): Put => {
    shelf.remember(key, versionId);
    places.remember(key);
    return { ...facts, created: true };
  };

  /** Puts bytes with their facts, if the key is not taken. */
  const put = async (key: string, body: Buffer, facts: ObjectFacts): Promise<Put> => {
    // S3 would let a new version in over a deletion.
    const existing = isLocked ? await again(key, facts) : undefined;
    if (existing !== undefined) return existing;
    await places.need(key);
    const putId = randomUUID();
    const headers = {
      ...crcHeaders(facts.checksumCrc32c),
      ...metaHeaders(facts.checksumAdler32, putId),
      'content-type': 'application/octet-stream',
      'if-none-match': '*',
    };
    try {
      const versionId = await bucket.call({ method: 'PUT', key, headers, body }, (answer) => {
        answer.resume();
        return answer.headers['x-amz-version-id']?.toString();
      });
      return made(key, facts, versionId);
    } catch (thrown) {
      if (isTaken(thrown)) return taken(key, facts, putId);
      throw thrown;
    }
  };

  return { put, again, taken, made, needPlace: places.need };
};

/** Puts of content in memory. */
export type WholePuts = ReturnType<typeof createWholePuts>;
