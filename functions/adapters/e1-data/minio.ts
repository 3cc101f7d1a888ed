import type { BxNumbering } from '#lib/model/bx-places';
import type { E1Data } from '#ports/e1-data';
import type { Objects } from '#ports/objects';
import { openE1Data } from './over-objects.ts';

/** Objects that their medium locks. */
type LockedObjects = Objects & {
  readonly protect: (key: string) => Promise<void>;
  readonly close: () => void;
};

/** What E1 data in a bucket are opened with. The bucket locks what is put, and has nothing else in it. */
export type E1MinioOptions = {
  readonly bucket: string;
  /** UTC stamp of an act. */
  readonly now: () => string;
  /** Opens the bucket's objects, each locked from its first moment on. */
  readonly openObjects: () => Promise<LockedObjects>;
  /** Where the BXs a TF of runs are known from. */
  readonly bxNumbering?: BxNumbering;
  /** Takes the bucket for this process, throws `folder-in-use` if another has it, and gives it back. */
  readonly takeBucket: (bucket: string) => Promise<() => Promise<void>>;
};

/**
 * E1 data in a bucket whose versions S3 itself keeps: what was written is locked from its first moment on, and what
 * somebody lays over it, a deletion too, is not what is read. @throws store-unavailable
 */
export const openE1Minio = async ({
  bucket,
  now,
  openObjects,
  takeBucket,
  bxNumbering,
}: E1MinioOptions): Promise<E1Data> => {
  const giveBack = await takeBucket(bucket);
  let objects: LockedObjects | undefined;
  const close = async (): Promise<void> => {
    objects?.close();
    await giveBack();
  };
  try {
    objects = await openObjects();
    return await openE1Data({ objects, now, lock: objects.protect, close, ...(bxNumbering && { bxNumbering }) });
  } catch (error) {
    await close();
    throw error;
  }
};
