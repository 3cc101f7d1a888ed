import type { E1Data } from '#ports/e1-data';
import type { MinioObjects, MinioObjectsOptions } from '../objects/minio.ts';
import { openE1Data } from './over-objects.ts';

/** What E1 data in a bucket are opened with. The bucket locks what is put, and has nothing else in it. */
export type E1MinioOptions = Omit<MinioObjectsOptions, 'isLocked'> & {
  /** UTC stamp of an act. */
  readonly now: () => string;
  readonly openObjects: (options: MinioObjectsOptions) => Promise<MinioObjects>;
  /** Takes the bucket for this process, throws `folder-in-use` if another has it, and gives it back. */
  readonly takeBucket: (bucket: string) => Promise<() => Promise<void>>;
};

/**
 * E1 data in a bucket whose versions S3 itself keeps: what was written is locked from its first moment on, and what
 * somebody lays over it, a deletion too, is not what is read. @throws store-unavailable
 */
export const openE1Minio = async (options: E1MinioOptions): Promise<E1Data> => {
  const { now, openObjects, takeBucket, ...of } = options;
  const giveBack = await takeBucket(of.bucket);
  try {
    const objects = await openObjects({ ...of, isLocked: true });
    const close = async (): Promise<void> => {
      objects.close();
      await giveBack();
    };
    return await openE1Data({ objects, now, lock: objects.protect, close });
  } catch (error) {
    await giveBack();
    throw error;
  }
};
