import type { Plane } from '../catalog.ts';
import { emulatorAnswersWithinMs as answerWithinMs } from './answering-within.ts';
import { type Config, readConfig } from './config.ts';
import { type AwsAccess, cloud, createDeps, type Deps } from './deps.ts';
import { PapilioError } from './errors.ts';
import { sealingMessages } from './message-seal.ts';
import { nodeDisk } from './node-disk.ts';
import type { Objects } from './ports/objects.ts';
import { type BucketNoun, bucketName, isLockedBucket } from './schema/bucket.ts';
import { storeTableNames } from './schema/store-table.ts';
import type { Seal } from './seal.ts';
import { openSeal } from './seal-key.ts';
import { sealedStore } from './sealed-store.ts';
import { systemClock } from './system-clock.ts';

/** Facility functions run beside their facility, in their plane's process: no other has one at hand. */
const noFacilities = new Map();

const planeOf = ({ PAPILIO_PLANE: plane }: Config): Plane => {
  if (plane !== undefined) return plane;
  throw new PapilioError('config-invalid', 'PAPILIO_PLANE: a function that runs on its own belongs to a plane');
};

/**
 * How a function that runs on its own reaches its queues and state machines. Endpoints that are not AWS's own are an
 * emulator's: queues are asked there, as a queue's URL names a host that nobody has, and executions lie in its memory.
 */
export const awsAccessOf = ({ PAPILIO_REGION: region, ...config }: Config, seal?: Seal): AwsAccess => {
  const { AWS_ENDPOINT_URL_SQS: sqs, AWS_ENDPOINT_URL_SFN: sfn } = config;
  const queueBaseUrl = sqs ?? `https://sqs.${region}.amazonaws.com`;
  const queues = { region, queueBaseUrl, useQueueUrlAsEndpoint: false };
  const sealed = seal === undefined ? {} : { seal: sealingMessages(seal, systemClock.nowMs) };
  const emulated = { disableHostPrefix: true, answerWithinMs, areForgotten: true };
  return {
    queues: { ...queues, ...sealed, ...(sqs === undefined ? {} : { endpoint: sqs, answerWithinMs }) },
    machines: { region, ...(sfn === undefined ? {} : { endpoint: sfn, ...emulated }) },
  };
};

const openStore = async (config: Config, plane: Plane, seal: Seal | undefined) => {
  const openDynamoStore = await cloud.dynamoStore();
  const { PAPILIO_REGION: region, AWS_ENDPOINT_URL_DYNAMODB: endpoint } = config;
  const owner = { instance: config.PAPILIO_INSTANCE, wing: config.PAPILIO_WING, plane };
  const tables = storeTableNames(owner);
  const aws = { region, ...(endpoint === undefined ? {} : { endpoint }) };
  const { store } = await openDynamoStore({ aws, tables, clock: systemClock });
  return seal === undefined ? store : sealedStore(store, seal);
};

const openBuckets = async (config: Config): Promise<{ readonly archive: Objects; readonly outputs: Objects }> => {
  const openObjects = await cloud.minioObjects();
  const { PAPILIO_REGION: region, AWS_ENDPOINT_URL_S3: endpoint = `https://s3.${region}.amazonaws.com` } = config;
  const { PAPILIO_S3_ACCESS_KEY_ID: accessKeyId = '', PAPILIO_S3_SECRET_ACCESS_KEY: secretAccessKey = '' } = config;
  const owner = { instance: config.PAPILIO_INSTANCE, wing: config.PAPILIO_WING };
  const { nowMs } = systemClock;
  const access = { endpoint, region, credentials: { accessKeyId, secretAccessKey }, disk: nodeDisk, nowMs };
  const open = (noun: BucketNoun) =>
    openObjects({ ...access, bucket: bucketName(owner, noun), isLocked: isLockedBucket(noun) });
  const [archive, outputs] = await Promise.all([open('archive'), open('outputs')]);
  return { archive, outputs };
};

/** Opens all that a function reaches from its environment alone. */
const openFromEnvironment = async (): Promise<Deps> => {
  const config = readConfig();
  const plane = planeOf(config);
  const { PAPILIO_SEAL_KEY_FILE: keyFile } = config;
  const seal = keyFile === undefined ? undefined : await openSeal(keyFile);
  const [store, buckets] = await Promise.all([openStore(config, plane, seal), openBuckets(config)]);
  return createDeps({
    config,
    plane,
    clock: systemClock,
    store,
    ...buckets,
    incomingFolder: config.PAPILIO_INCOMING,
    batches: noFacilities,
    aws: awsAccessOf(config, seal),
  });
};

let opening: Promise<Deps> | undefined;

/**
 * What a function reaches that runs on its own: under Lambda's runtime, or in a container. Opened by the first call of a
 * process and kept; a call that could not open it leaves that to the next one. @throws config-invalid, store-unavailable
 */
export const openCloudDeps = (): Promise<Deps> => {
  opening ??= openFromEnvironment().catch((thrown: unknown) => {
    opening = undefined;
    throw thrown;
  });
  return opening;
};
