import type { BucketAnchorOptions } from '../adapters/anchor/bucket.ts';
import type { E1FilesOptions } from '../adapters/e1-data/files.ts';
import type { E1MinioOptions } from '../adapters/e1-data/minio.ts';
import type { MachineAccess } from '../adapters/machines/sfn.ts';
import type { MinioObjectsOptions } from '../adapters/objects/minio.ts';
import type { QueueAccess } from '../adapters/queues/sqs.ts';
import type { Plane } from '../catalog.ts';
import type { Config } from './config.ts';
import { createIds } from './ids.ts';
import { createLog, type Log } from './log.ts';
import type { Batch } from './ports/batch.ts';
import type { Clock } from './ports/clock.ts';
import type { Ids } from './ports/ids.ts';
import type { Incoming } from './ports/incoming.ts';
import type { Machines } from './ports/machines.ts';
import type { Objects } from './ports/objects.ts';
import type { Queues } from './ports/queues.ts';
import type { Store } from './ports/store.ts';

/** All that a function may reach. */
export type Deps = {
  readonly config: Config;
  readonly plane: Plane;
  readonly store: Store;
  /** Archived STFs: written by the archive plane; the work plane may only read them. */
  readonly archive: Objects;
  /** Outputs of processing; the archive plane has none. */
  readonly outputs: Objects;
  /** Where DAQ leaves STF files. */
  readonly incoming: Incoming;
  readonly queues: Queues;
  readonly machines: Machines;
  /** The adapter of a facility. @throws facility-missing */
  readonly batch: (facility: string) => Batch;
  readonly clock: Clock;
  /** The clock as a UTC stamp. */
  readonly now: () => string;
  readonly ids: Ids;
  readonly log: Log;
};

/** How a plane's queues and state machines are reached. */
export type AwsAccess = { readonly queues: QueueAccess; readonly machines: MachineAccess };

/** What the place it runs in gives to the composition root. */
export type Surroundings = {
  readonly config: Config;
  readonly plane: Plane;
  readonly clock: Clock;
  readonly store: Store;
  readonly archive: Objects;
  readonly outputs: Objects;
  readonly incomingFolder: string;
  readonly batches: ReadonlyMap<string, Batch>;
  /** How the two AWS clients reach their services: endpoint, signer, request handler. */
  readonly aws: AwsAccess;
  readonly log?: Log;
};

/** The only composition root: adapters are named here and nowhere else, and loaded when they are needed. */
export const createDeps = async (surroundings: Surroundings): Promise<Deps> => {
  const { config, plane, clock, batches } = surroundings;
  const { createSqsQueues } = await import('../adapters/queues/sqs.ts');
  const { createSfnMachines } = await import('../adapters/machines/sfn.ts');
  const { openIncoming } = await import('../adapters/incoming/folder.ts');
  const { needBatch } = await import('../adapters/batch/registry.ts');
  return {
    config,
    plane,
    clock,
    store: surroundings.store,
    archive: surroundings.archive,
    outputs: surroundings.outputs,
    incoming: openIncoming(surroundings.incomingFolder),
    queues: createSqsQueues(surroundings.aws.queues, plane),
    machines: createSfnMachines(surroundings.aws.machines, plane, config.PAPILIO_REGION),
    batch: needBatch(batches),
    now: () => new Date(clock.nowMs()).toISOString(),
    ids: createIds(config.PAPILIO_INSTANCE, config.PAPILIO_WING, config.PAPILIO_EPOCH),
    log: surroundings.log ?? createLog(config.PAPILIO_LOG_LEVEL, { plane, instance: config.PAPILIO_INSTANCE }),
  };
};

/** What a place without a cloud opens for itself: its adapters, each loaded when it is asked for. */
export const embedded = {
  sqliteStore: async () => (await import('../adapters/store/sqlite.ts')).openSqliteStore,
  inspectStore: async () => (await import('../adapters/store/sqlite-inspect.ts')).inspectStore,
  diskObjects: async () => (await import('../adapters/objects/disk.ts')).openDiskObjects,
  e1Files: async () => {
    const { openE1Files } = await import('../adapters/e1-data/files.ts');
    const openObjects = await embedded.diskObjects();
    return (options: Omit<E1FilesOptions, 'openObjects'>) =>
      openE1Files({ ...options, openObjects: (of) => openObjects({ ...of, isFlat: true }) });
  },
  fileAnchor: async () => (await import('../adapters/anchor/file.ts')).openFileAnchor,
  x509Identity: async () => (await import('../adapters/identity/x509.ts')).openX509Identity,
  oidcIdentity: async () => (await import('../adapters/identity/oidc.ts')).openOidcIdentity,
  localBatch: async () => (await import('../adapters/batch/local.ts')).openLocalBatch,
  sqsQueues: async () => (await import('../adapters/queues/sqs.ts')).createSqsQueues,
  queueUrl: async () => (await import('../adapters/queues/sqs.ts')).queueUrl,
  machineArn: async () => (await import('../adapters/machines/sfn.ts')).machineArn,
  inProcessFunctions: async () => (await import('../adapters/functions/in-process.ts')).createInProcessFunctions,
};

type E1MinioAccess = Omit<MinioObjectsOptions, 'isLocked'> & Omit<E1MinioOptions, 'bucket' | 'openObjects'>;

type AnchorBucket = Omit<MinioObjectsOptions, 'isLocked'> & Pick<BucketAnchorOptions, 'name' | 'prefix'>;

/** What a place on AWS, or on what speaks its interfaces, opens for itself: loaded when it is asked for, likewise. */
export const cloud = {
  dynamoStore: async () => (await import('../adapters/store/dynamo.ts')).openDynamoStore,
  minioObjects: async () => (await import('../adapters/objects/minio.ts')).openMinioObjects,
  minioBucket: async () => (await import('../adapters/objects/minio-create-bucket.ts')).createMinioBucket,
  e1Minio: async () => {
    const { openE1Minio } = await import('../adapters/e1-data/minio.ts');
    const openObjects = await cloud.minioObjects();
    return ({ now, takeBucket, ...of }: E1MinioAccess) =>
      openE1Minio({ bucket: of.bucket, now, takeBucket, openObjects: () => openObjects({ ...of, isLocked: true }) });
  },
  bucketAnchor: async () => {
    const { openBucketAnchor } = await import('../adapters/anchor/bucket.ts');
    const openObjects = await cloud.minioObjects();
    return ({ name, prefix, ...of }: AnchorBucket) =>
      openBucketAnchor({ name, prefix, open: () => openObjects({ ...of, isLocked: true }) });
  },
  lambdaFunctions: async () => (await import('../adapters/functions/lambda.ts')).createLambdaFunctions,
  openFaasFunctions: async () => (await import('../adapters/functions/openfaas.ts')).createOpenFaasFunctions,
  openFaasAdmin: async () => (await import('../adapters/functions/openfaas-admin.ts')).openOpenFaasAdmin,
};
