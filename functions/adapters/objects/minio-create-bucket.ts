import { NotificationConfig, QueueConfig, RETENTION_MODES, RETENTION_VALIDITY_UNITS } from 'minio';
import { PapilioError } from '#lib/errors';
import { type Bucket, type MinioAccess, openBucket } from './minio-bucket.ts';
import { codeOf, minioErrorOf } from './minio-errors.ts';
import type { Retention } from './minio-retention.ts';

/** A bucket as it is to be. */
export type BucketOptions = {
  readonly bucket: string;
  /** For how long it locks each new version; a bucket that locks must have been created so. */
  readonly retention?: Retention;
  /** Whom S3 tells of each new object: `arn:minio:sqs::NAME:webhook`, or the ARN of a queue on AWS. */
  readonly eventsTo?: string;
};

const withoutLock: ReadonlySet<string> = new Set([
  'InvalidBucketState',
  'ObjectLockConfigurationNotFoundError',
  'MethodNotAllowed',
]);

const isThereAlready = (thrown: unknown): boolean =>
  ['BucketAlreadyOwnedByYou', 'BucketAlreadyExists'].includes(codeOf(thrown));

/** Has a bucket lock each new version. @throws store-unavailable if it is there without object lock */
const lock = async (bucket: Bucket, { mode, days }: Retention): Promise<void> => {
  const config = { mode: RETENTION_MODES[mode], unit: RETENTION_VALIDITY_UNITS.DAYS, validity: days };
  try {
    await bucket.ask(async (client) => client.setObjectLockConfig(bucket.name, config));
  } catch (thrown) {
    if (!withoutLock.has(codeOf(thrown))) throw thrown;
    const reason = `bucket ${bucket.name} is there without object lock, which a bucket gets when it is created or never`;
    throw new PapilioError('store-unavailable', reason, thrown);
  }
};

const tellOf = async (bucket: Bucket, arn: string): Promise<void> => {
  const config = new NotificationConfig();
  const queue = new QueueConfig(arn);
  queue.addEvent('s3:ObjectCreated:*');
  config.add(queue);
  await bucket.ask((client) => client.setBucketNotification(bucket.name, config));
};

/** Creates a bucket, if it is not there, and has S3 tell of its objects. @throws store-unavailable */
export const createMinioBucket = async (access: MinioAccess, options: BucketOptions): Promise<void> => {
  const { retention, eventsTo } = options;
  const bucket = openBucket(access, options.bucket);
  try {
    await bucket
      .ask((client) => client.makeBucket(bucket.name, access.region, { ObjectLocking: retention !== undefined }))
      .catch((thrown: unknown) => {
        if (!isThereAlready(thrown)) throw thrown;
      });
    if (retention !== undefined) await lock(bucket, retention);
    if (eventsTo !== undefined) await tellOf(bucket, eventsTo);
  } catch (thrown) {
    throw minioErrorOf(thrown, `bucket ${bucket.name}`);
  } finally {
    bucket.close();
  }
};
