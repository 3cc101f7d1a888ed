import { PapilioError } from '#lib/errors';
import { boundedMap } from './bounded-map.ts';
import type { Bucket } from './minio-bucket.ts';
import { isAbsent } from './minio-errors.ts';
import { type Stored, storedIn, withChecksum } from './minio-facts.ts';
import { createRetention, type Retention } from './minio-retention.ts';
import { firstVersionOf } from './minio-versions.ts';

/** What a shelf is made of; `retention` where the bucket locks what is put. */
export type ShelfOptions = {
  readonly bucket: Bucket;
  readonly nowMs: () => number;
  readonly retention?: Retention | undefined;
};

const remembered = 10_000;

/**
 * Which object a key stands for. In a bucket with object lock it is the first version that was put under it: whoever may
 * write can lay others over it, or a delete marker, and changes nothing that papilio reads.
 */
export const createShelf = ({ bucket, nowMs, retention }: ShelfOptions) => {
  const versions = boundedMap<string, string>(remembered);
  const lock = retention && createRetention(bucket, retention, nowMs);

  /** What names the version that counts; undefined if there is no such object. */
  const versionQuery = async (key: string): Promise<Record<string, string> | undefined> => {
    if (lock === undefined) return {};
    const versionId = versions.get(key) ?? (await firstVersionOf(bucket, key));
    if (versionId === undefined) return undefined;
    versions.set(key, versionId);
    return { versionId };
  };

  const forget = (key: string): void => void versions.delete(key);

  /** Notes what a put made. */
  const remember = (key: string, versionId: string | undefined): void => {
    if (lock !== undefined && versionId !== undefined) versions.set(key, versionId);
  };

  const stat = async (key: string): Promise<Stored | undefined> => {
    const query = await versionQuery(key);
    if (query === undefined) return undefined;
    const headers = withChecksum;
    try {
      return await bucket.call({ method: 'HEAD', key, query, headers }, (answer) => storedIn(key, answer.headers));
    } catch (thrown) {
      if (!isAbsent(thrown)) throw thrown;
      forget(key);
      return undefined;
    }
  };

  /** @throws object-missing */
  const needVersion = async (key: string): Promise<Record<string, string>> => {
    const query = await versionQuery(key);
    if (query !== undefined) return query;
    throw new PapilioError('object-missing', key);
  };

  return {
    bucket,
    isLocked: lock !== undefined,
    /** Locks an object for the whole time from now on. @throws object-missing */
    protect: async (key: string): Promise<void> => lock?.protect(key, await needVersion(key)),
    needVersion,
    remember,
    forget,
    stat,
  };
};

/** The objects of a bucket by key. */
export type Shelf = ReturnType<typeof createShelf>;
