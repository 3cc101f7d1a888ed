import { PapilioError } from '#lib/errors';
import type { Disk } from '#ports/disk';
import type { ObjectFacts, PutCheck } from '#ports/objects';
import { passOver, withSource } from './disk-files.ts';
import { needSameContent } from './facts.ts';
import { createUploads, isTaken } from './minio-multipart.ts';
import type { Put, WholePuts } from './minio-put-whole.ts';
import type { Shelf } from './minio-shelf.ts';

/** How objects are put: what is larger than a part goes in parts, some at once. */
export type PutOptions = {
  readonly disk: Disk;
  readonly partSizeBytes: number;
  readonly partsAtOnce: number;
};

/** A file to be put in parts. */
export type LargeFile = {
  readonly key: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly check: PutCheck;
  readonly putId: string;
};

type Keep = Parameters<typeof passOver>[1];
const keepNothing: Keep = async () => {};

/** Puts of files that are too large to be in memory: a file is read once, if its Adler-32 is expected, and else twice. */
export const createLargePuts = (shelf: Shelf, { again, taken, made, needPlace }: WholePuts, options: PutOptions) => {
  const { disk, partSizeBytes, partsAtOnce } = options;
  const uploads = createUploads(shelf, partSizeBytes, partsAtOnce);

  /** Reads a file once; `keep` gets its pieces. @throws object-corrupt, and what the inspector throws */
  const pass = async ({ key, path, check }: LargeFile, keep: Keep): Promise<ObjectFacts> => {
    const facts = await withSource(disk, path, (source) => passOver(source, keep, check.inspector));
    needSameContent(key, check.expect ?? {}, facts);
    check.inspector?.judge();
    return facts;
  };

  /** The Adler-32 that S3 is told when an upload begins. */
  const adlerOf = async ({ path, check }: LargeFile): Promise<string> =>
    check.expect?.checksumAdler32 ??
    (await withSource(disk, path, (source) => passOver(source, keepNothing))).checksumAdler32;

  const putInParts = async (file: LargeFile): Promise<Put> => {
    const { key, sizeBytes, putId } = file;
    await needPlace(key);
    const checksumAdler32 = await adlerOf(file);
    let offered: ObjectFacts | undefined;
    const passOnce = async (keep: Keep): Promise<ObjectFacts> => {
      offered = await pass(file, keep);
      // The file may have changed since its Adler-32 was taken.
      needSameContent(key, { checksumAdler32 }, offered);
      return offered;
    };
    try {
      const { facts, versionId } = await uploads.upload({ key, sizeBytes, checksumAdler32, putId, pass: passOnce });
      return made(key, facts, versionId);
    } catch (thrown) {
      if (offered !== undefined && isTaken(thrown)) return taken(key, offered, putId);
      throw thrown;
    }
  };

  return async (file: LargeFile): Promise<Put> => {
    if ((await shelf.stat(file.key)) === undefined) return putInParts(file);
    const put = await again(file.key, await pass(file, keepNothing));
    if (put !== undefined) return put;
    throw new PapilioError('store-unavailable', `${file.key}: it went while it was looked at`);
  };
};
