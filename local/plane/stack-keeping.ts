import { dirname, join, resolve } from 'node:path';
import { emulatorAnswersWithinMs as answerWithinMs } from '#lib/answering-within';
import type { Config } from '#lib/config';
import { type AwsAccess, cloud } from '#lib/deps';
import { PapilioError } from '#lib/errors';
import { sealingMessages } from '#lib/message-seal';
import { nodeDisk } from '#lib/node-disk';
import type { Seal } from '#lib/seal';
import { openSeal } from '#lib/seal-key';
import { sealedStore } from '#lib/sealed-store';
import { systemClock } from '#lib/system-clock';
import type { Clock } from '#ports/clock';
import { type BucketNoun, bucketName, isLockedBucket } from '#schema/bucket';
import { storeTableNames } from '#schema/store-table';
import { accounts, type Plane } from '../../functions/catalog.ts';
import { awsConfigOf, readStack, type StackFile, s3ConfigOf, sealKeyName, sqsConfigOf } from '../stack/stack-file.ts';

type Owner = Pick<Config, 'PAPILIO_INSTANCE' | 'PAPILIO_WING' | 'PAPILIO_REGION'>;

const foreign = (path: string, stack: StackFile, config: Owner): PapilioError => {
  const { PAPILIO_INSTANCE: instance, PAPILIO_WING: wing, PAPILIO_REGION: region } = config;
  return new PapilioError(
    'folder-foreign',
    `${path} is the stack of ${stack.instance} at ${stack.wing} in ${stack.region}, not of ${instance} at ${wing} in ${region}`,
  );
};

/** A stack that papilio works on: anybody on the machine can send to its queues, so what papilio says there is sealed. */
export type OpenStack = StackFile & { readonly sealKeyFile: string; readonly seal: Seal };

/** The stack that the settings name; undefined without one. @throws config-invalid, folder-foreign, folder-unusable */
export const stackOf = async (config: Owner & Pick<Config, 'PAPILIO_STACK'>): Promise<OpenStack | undefined> => {
  if (config.PAPILIO_STACK === undefined) return undefined;
  const path = resolve(config.PAPILIO_STACK);
  const stack = await readStack(path);
  if (stack === undefined) throw new PapilioError('config-invalid', `PAPILIO_STACK: there is no ${path}`);
  const isOwn = stack.instance === config.PAPILIO_INSTANCE && stack.wing === config.PAPILIO_WING;
  if (!isOwn || stack.region !== config.PAPILIO_REGION) throw foreign(path, stack, config);
  const sealKeyFile = join(dirname(path), sealKeyName);
  return { ...stack, sealKeyFile, seal: await openSeal(sealKeyFile) };
};

type StoreOptions = {
  readonly clock: Clock;
  /** The plane itself makes tables that are not there, and removes what has expired; whoever only reads does neither. */
  readonly isOwner: boolean;
};

/** A plane's store and log in the stack's DynamoDB. @throws store-unavailable */
export const openStackStore = async (stack: OpenStack, plane: Plane, { clock, isOwner }: StoreOptions) => {
  const open = await cloud.dynamoStore();
  const owner = { instance: stack.instance, wing: stack.wing, plane };
  const tables = storeTableNames(owner);
  const aws = awsConfigOf(stack, accounts[plane], 'dynamodb');
  const { store, log } = await open({ aws, tables, clock, createTables: isOwner, sweep: isOwner });
  return { store: sealedStore(store, stack.seal), log };
};

/** The buckets of both planes in the stack's MinIO, of which the archive's locks what is put. @throws store-unavailable */
export const openStackBuckets = async (stack: StackFile, { nowMs }: Clock) => {
  const openObjects = await cloud.minioObjects();
  const access = { ...s3ConfigOf(stack), disk: nodeDisk, nowMs };
  const open = (noun: BucketNoun) =>
    openObjects({ ...access, bucket: bucketName(stack, noun), isLocked: isLockedBucket(noun) });
  const [archive, outputs] = await Promise.all([open('archive'), open('outputs')]);
  return {
    archive,
    outputs,
    close: () => {
      archive.close();
      outputs.close();
    },
  };
};

/** How a plane's functions reach the stack. A queue is used by the keys of its account: AWS lets no other use it without a policy. */
export const stackAccess = (stack: OpenStack, plane: Plane): AwsAccess => ({
  queues: {
    ...sqsConfigOf(stack, accounts[plane]),
    queueBaseUrl: stack.endpoints.sqs,
    answerWithinMs,
    seal: sealingMessages(stack.seal, systemClock.nowMs),
    ...(plane === 'archive' ? {} : { shared: sqsConfigOf(stack, accounts.archive) }),
  },
  machines: { ...awsConfigOf(stack, accounts[plane], 'sfn'), answerWithinMs, areForgotten: true },
});
