import { PapilioError } from '#lib/errors';
import type { Disk } from '#ports/disk';
import type { ObjectFacts, Objects } from '#ports/objects';
import { namingWith } from './key.ts';
import { type Bucket, type MinioAccess, openBucket } from './minio-bucket.ts';
import { minioErrorOf } from './minio-errors.ts';
import { crcHeaders, metaHeaders } from './minio-facts.ts';
import { createLists, type Listed } from './minio-list.ts';
import { abortUploadsBefore, partLeastBytes } from './minio-multipart.ts';
import { presign } from './minio-presign.ts';
import { createPuts } from './minio-put.ts';
import { createReads } from './minio-read.ts';
import { type Retention, retentionOf } from './minio-retention.ts';
import { createShelf } from './minio-shelf.ts';

/** What the objects of a bucket are opened with. */
export type MinioObjectsOptions = MinioAccess & {
  readonly bucket: string;
  /** Where `putFile` finds its files. */
  readonly disk: Disk;
  readonly nowMs: () => number;
  /** The bucket locks what is put, by its own default: what counts is the first version of a key. */
  readonly isLocked?: boolean;
  /** Files above this size go in parts of it, at least 5 MiB; `partsAtOnce` and one more are in memory. */
  readonly partSizeBytes?: number;
  readonly partsAtOnce?: number;
};

/** An address that allows one put, and the headers with which alone it does. */
export type PresignedPut = { readonly url: string; readonly headers: Readonly<Record<string, string>> };

/** Objects in a bucket, and what only a bucket can do. */
export type MinioObjects = Objects & {
  /** An address from which whoever has it can read an object for a while, at most seven days. */
  readonly presignedGet: (key: string, validS: number) => Promise<string>;
  /** An address to which an object of these facts, and no other, can be put once. */
  readonly presignedPut: (key: string, facts: ObjectFacts, validS: number) => Promise<PresignedPut>;
  /** Objects with the moments in which they were put. */
  readonly listed: (prefix: string) => AsyncIterable<Listed>;
  /** Locks an object for the whole time from now on. */
  readonly protect: (key: string) => Promise<void>;
  /** Drops what uploads left that began longer ago and never came to their end; returns how many. */
  readonly abortOldUploads: (olderThanMs: number) => Promise<number>;
  readonly close: () => void;
};

const usualPartBytes = 16 * 1024 * 1024;
const usualPartsAtOnce = 2;
const presignedMostS = 7 * 86_400;

const checkValidity = (key: string, validS: number): void => {
  if (Number.isSafeInteger(validS) && validS >= 1 && validS <= presignedMostS) return;
  throw new PapilioError('input-invalid', `${key}: an address is valid for 1 to ${presignedMostS} s, not ${validS}`);
};

const createAddresses = (bucket: Bucket, nowMs: () => number) => {
  const { endpoint, region } = bucket.access;
  const addressOf = async (key: string, validS: number, put?: Record<string, string>): Promise<string> => {
    checkValidity(key, validS);
    return presign({
      method: put === undefined ? 'GET' : 'PUT',
      url: new URL(`/${bucket.name}/${key}`, endpoint),
      headers: put ?? {},
      validS,
      region,
      credentials: await bucket.credentialsNow(),
      nowMs: nowMs(),
    });
  };
  const presignedPut = async (key: string, facts: ObjectFacts, validS: number): Promise<PresignedPut> => {
    const headers = {
      ...crcHeaders(facts.checksumCrc32c),
      ...metaHeaders(facts.checksumAdler32, 'presigned'),
      'content-length': String(facts.sizeBytes),
      'if-none-match': '*',
    };
    return { url: await addressOf(key, validS, headers), headers };
  };
  return { presignedGet: (key: string, validS: number) => addressOf(key, validS), presignedPut };
};

/** Checks the key, then gives S3's errors a name. */
const namedFor = (bucket: Bucket) =>
  namingWith((thrown, key) => minioErrorOf(thrown, `${key} in bucket ${bucket.name}`));

const namedList = (bucket: Bucket) =>
  async function* <T>(items: AsyncIterable<T>): AsyncGenerator<T> {
    try {
      yield* items;
    } catch (thrown) {
      throw minioErrorOf(thrown, `bucket ${bucket.name}`);
    }
  };

/** @throws store-unavailable if the bucket does not answer, is not there, or does not lock what it should */
const needBucket = async (bucket: Bucket, isLocked: boolean): Promise<Retention | undefined> => {
  try {
    if (!(await bucket.ask((client) => client.bucketExists(bucket.name))))
      throw new PapilioError('store-unavailable', `bucket ${bucket.name} is not there: create it first`);
    return isLocked ? await retentionOf(bucket) : undefined;
  } catch (thrown) {
    bucket.close();
    throw minioErrorOf(thrown, `bucket ${bucket.name} at ${bucket.access.endpoint}`);
  }
};

/**
 * Opens the objects of a bucket. A put is visible when all of it is there and S3 has compared it with its checksums, and
 * only if the key is not taken (`If-None-Match`). Many processes may write one bucket. @throws store-unavailable
 */
export const openMinioObjects = async (options: MinioObjectsOptions): Promise<MinioObjects> => {
  const { disk, nowMs, isLocked = false, partSizeBytes = usualPartBytes, partsAtOnce = usualPartsAtOnce } = options;
  const bucket = openBucket(options, options.bucket);
  const retention = await needBucket(bucket, isLocked);
  const shelf = createShelf({ bucket, nowMs, retention });
  const sizes = { disk, partSizeBytes: Math.max(partSizeBytes, partLeastBytes), partsAtOnce };
  const puts = createPuts(shelf, sizes);
  const reads = createReads(shelf);
  const lists = createLists(shelf);
  const addresses = createAddresses(bucket, nowMs);
  const named = namedFor(bucket);
  const inList = namedList(bucket);
  return {
    putFile: named(puts.putFile),
    putBytes: named(puts.putBytes),
    read: named(reads.read),
    readRange: named(reads.readRange),
    readStored: named(reads.readRange),
    stat: named(async (key) => (await shelf.stat(key))?.facts),
    verify: named(reads.verify),
    list: (prefix) => inList(lists.list(prefix)),
    localPath: async () => undefined,
    presignedGet: named(addresses.presignedGet),
    presignedPut: named(addresses.presignedPut),
    listed: (prefix) => inList(lists.listed(prefix)),
    protect: named(shelf.protect),
    abortOldUploads: (olderThanMs) =>
      abortUploadsBefore(bucket, nowMs() - olderThanMs).catch((thrown: unknown) => {
        throw minioErrorOf(thrown, `bucket ${bucket.name}`);
      }),
    close: bucket.close,
  };
};
