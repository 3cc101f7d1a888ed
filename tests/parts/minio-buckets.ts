import type { MinioObjects, MinioObjectsOptions } from '../../functions/adapters/objects/minio.ts';
import type { MinioAccess } from '../../functions/adapters/objects/minio-bucket.ts';
import type { BucketOptions } from '../../functions/adapters/objects/minio-create-bucket.ts';
import { cloud } from '../../functions/lib/deps.ts';
import { nodeDisk } from '../../functions/lib/node-disk.ts';
import { systemClock } from '../../functions/lib/system-clock.ts';
import type { Minio } from '../../local/stack/parts/minio.ts';

/** MinIO's smallest part: what is larger goes in parts. */
export const partSizeBytes = 5 * 1024 * 1024;
/** A lock that an administrator can end. */
export const governance = { mode: 'GOVERNANCE', days: 30 } as const;

/** How a test reaches MinIO, or a proxy before it. */
export const accessTo = (minio: Pick<Minio, 'url' | 'user'>, url = minio.url): MinioAccess => ({
  endpoint: url,
  region: 'us-east-1',
  credentials: minio.user,
});

let buckets = 0;
/** Creates a bucket that nobody else has, and gives its name. */
export const aBucket = async (minio: Minio, options: Omit<BucketOptions, 'bucket'> = {}): Promise<string> => {
  buckets += 1;
  const bucket = `test-${process.pid}-${buckets}`;
  await (await cloud.minioBucket())(accessTo(minio), { bucket, ...options });
  return bucket;
};

/** Opens a bucket as papilio does. */
export const objectsIn = async (
  access: MinioAccess,
  bucket: string,
  more: Partial<MinioObjectsOptions> = {},
): Promise<MinioObjects> => {
  const open = await cloud.minioObjects();
  return open({ ...access, bucket, disk: nodeDisk, nowMs: systemClock.nowMs, partSizeBytes, ...more });
};

/** All keys that begin with a prefix. */
export const keysIn = async (objects: Pick<MinioObjects, 'list'>, prefix: string): Promise<string[]> => {
  const keys: string[] = [];
  for await (const key of objects.list(prefix)) keys.push(key);
  return keys;
};
