import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { Instance, Wing } from '#schema/id';
import { hasCode } from '../engine/disk.ts';
import { writeWhole } from './write-whole.ts';

/** The services that a stack gives, each at an endpoint of its own or all at one. */
export const services = ['sfn', 'sqs', 'dynamodb', 's3', 'events', 'lambda'] as const;
export type StackService = (typeof services)[number];

/** What of a stack runs: a process that is known again by its start, and where it listens. */
export const StackPart = z.object({
  name: z.enum(['localstack', 'ministack', 'dynamodb-local', 'minio']),
  version: z.string(),
  pid: z.int().positive(),
  /** In ticks since the system's start, as `/proc` has it. */
  startedAt: z.string(),
  /** The system's start that those ticks count from. */
  boot: z.string().optional(),
  port: z.int().min(1).max(65_535),
});
export type StackPart = z.infer<typeof StackPart>;

const endpoint = z.url({ protocol: /^http$/, hostname: /^127\.0\.0\.1$/ });

/** A stack as it was brought up: whose it is, where its services are, what of it runs. Papilio owns it; `stack up` and `down` change it. */
export const StackFile = z.object({
  format: z.literal(1),
  kind: z.enum(['localstack', 'ministack']),
  /** Where the stack keeps all that it keeps. */
  folder: z.string(),
  instance: Instance,
  wing: Wing,
  region: z.string(),
  endpoints: z.record(z.enum(services), endpoint),
  /** Who may do all on MinIO; the file is readable by its owner only. */
  minio: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
  /** What calls of the emulator are signed with; absent in a stack that an earlier papilio began, whose emulator takes any. */
  secret: z.string().min(16).optional(),
  parts: z.array(StackPart),
  createdAt: z.iso.datetime(),
});
export type StackFile = z.infer<typeof StackFile>;

/** Where a stack lies if nobody says where. */
export const defaultFolder = '.papilio-stack';

/** In the same folder: the key by which papilio's processes know what comes from each other. Only its owner reads it. */
export const sealKeyName = 'seal.key';

/** The file of a stack in its folder. */
export const stackPath = (folder: string): string => join(folder, 'stack.json');

/** Reads what a stack is; undefined where there is none. @throws folder-foreign if the file is not a stack's */
export const readStack = async (path: string): Promise<StackFile | undefined> => {
  try {
    const parsed = StackFile.safeParse(JSON.parse(await readFile(path, 'utf8')));
    if (parsed.success) return parsed.data;
    throw new PapilioError('folder-foreign', `${path}: ${z.prettifyError(parsed.error)}`);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    if (error instanceof PapilioError) throw error;
    throw new PapilioError('folder-foreign', `${path} cannot be read: ${String(error)}`, error);
  }
};

/** Writes what a stack is, whole or not at all. */
export const writeStack = (stack: StackFile): Promise<void> =>
  writeWhole(stackPath(stack.folder), `${JSON.stringify(stack, undefined, 2)}\n`);

/** How an AWS client reaches a service of a stack, under the account of a plane: emulators take it from the key's id. */
export const awsConfigOf = (stack: StackFile, account: string, service: StackService) => ({
  region: stack.region,
  endpoint: stack.endpoints[service],
  credentials: { accessKeyId: account, secretAccessKey: stack.secret ?? 'papilio' },
  // An endpoint on loopback has no `sync-` in front of it.
  disableHostPrefix: true,
});

/** The same for a client of SQS: its queues' addresses name a host that nobody has. */
export const sqsConfigOf = (stack: StackFile, account: string) => ({
  ...awsConfigOf(stack, account, 'sqs'),
  useQueueUrlAsEndpoint: false,
});

/** How a client of S3 reaches MinIO. */
export const s3ConfigOf = ({ region, endpoints, minio }: StackFile) => ({
  region,
  endpoint: endpoints.s3,
  credentials: minio,
  forcePathStyle: true,
});
