import * as z from 'zod';
import type { ListedObject } from '../../stepfunctions/distributed/objects.ts';
import type { CallService, ServiceAnswer } from '../../stepfunctions/host.ts';
import type { Json } from '../../stepfunctions/json.ts';
import { seededUuid } from '../../stepfunctions/random.ts';
import { JsonValue } from '../../stepfunctions/stimulus.ts';
import type { FolderObjects } from '../folder-objects.ts';
import { AwsError } from '../part.ts';
import { TooLarge, textOf, tooLarge } from './body-text.ts';

type Action = (objects: FolderObjects, input: unknown) => Promise<Json>;

/** An action whose parameters are parsed; a folder keeps no more of an object than its bytes. */
const action =
  <S extends z.ZodType>(schema: S, run: (objects: FolderObjects, input: z.infer<S>) => Promise<Json>): Action =>
  (objects, input) =>
    run(objects, schema.parse(input));

const inBucket = { Bucket: z.string() };
const At = z.strictObject({ ...inBucket, Key: z.string() });

const checkBucket = async (objects: FolderObjects, bucket: string): Promise<void> => {
  if (!(await objects.hasBucket(bucket)))
    throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404);
};

const found = async (objects: FolderObjects, bucket: string, key: string): Promise<ListedObject> => {
  await checkBucket(objects, bucket);
  const object = await objects.find(bucket, key);
  if (object === undefined) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
  return object;
};

const timeOf = ({ LastModified }: ListedObject): string =>
  new Date(LastModified * 1000).toISOString().replace('.000Z', 'Z');

const headOf = (object: ListedObject) => ({
  AcceptRanges: 'bytes',
  ContentLength: object.Size,
  ETag: object.Etag,
  LastModified: timeOf(object),
  Metadata: {},
});

async function* whole(text: string): AsyncGenerator<string> {
  yield text;
}

const written = async (objects: FolderObjects, bucket: string, key: string, text: string): Promise<ListedObject> => {
  await checkBucket(objects, bucket);
  await objects.write(bucket, key, whole(text));
  return found(objects, bucket, key);
};

const List = z.strictObject({
  ...inBucket,
  Prefix: z.string().default(''),
  MaxKeys: z.int().min(0).max(1000).default(1000),
  StartAfter: z.string().optional(),
  ContinuationToken: z.string().optional(),
});

/** One page of the keys behind the last one of the page before. */
const listed = async (objects: FolderObjects, input: z.infer<typeof List>): Promise<Json> => {
  const { Bucket: Name, Prefix, MaxKeys, ContinuationToken, StartAfter } = input;
  await checkBucket(objects, Name);
  const after = Buffer.from(ContinuationToken ?? StartAfter ?? '');
  const Contents: Json[] = [];
  let last = '';
  for await (const object of objects.list(Name, Prefix)) {
    if (Buffer.compare(Buffer.from(object.Key), after) <= 0) continue;
    if (Contents.length === MaxKeys) {
      return { Contents, IsTruncated: true, KeyCount: MaxKeys, MaxKeys, Name, NextContinuationToken: last, Prefix };
    }
    const { Etag: ETag, Key, Size, StorageClass } = object;
    Contents.push({ ETag, Key, LastModified: timeOf(object), Size, StorageClass });
    last = Key;
  }
  return { Contents, IsTruncated: false, KeyCount: Contents.length, MaxKeys, Name, Prefix };
};

const ACTIONS: ReadonlyMap<string, Action> = new Map([
  [
    'GetObject',
    action(At, async (objects, { Bucket, Key }) => {
      const head = headOf(await found(objects, Bucket, Key));
      return { ...head, Body: await textOf(objects.read(Bucket, Key)) };
    }),
  ],
  ['HeadObject', action(At, async (objects, { Bucket, Key }) => headOf(await found(objects, Bucket, Key)))],
  [
    'PutObject',
    action(At.extend({ Body: JsonValue.default('') }), async (objects, { Bucket, Key, Body }) => {
      const { Etag: ETag } = await written(objects, Bucket, Key, JSON.stringify(Body));
      return { ETag };
    }),
  ],
  [
    'DeleteObject',
    action(At, async (objects, { Bucket, Key }) => {
      await checkBucket(objects, Bucket);
      await objects.remove(Bucket, Key);
      return {};
    }),
  ],
  ['ListObjectsV2', action(List, listed)],
]);

const failureOf = (error: unknown, invocationId: string): ServiceAnswer => {
  if (error instanceof TooLarge) return tooLarge('s3');
  if (error instanceof z.ZodError) {
    const said = error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
    return {
      ok: false,
      error: 'States.Runtime',
      cause: `The Parameters could not be used to start the Task: [${said}]`,
    };
  }
  if (!(error instanceof AwsError)) {
    return { ok: false, error: 'SdkClientException', cause: error instanceof Error ? error.message : String(error) };
  }
  const http = { status: error.status, requestId: seededUuid(`request/${invocationId}`) };
  return { ok: false, error: error.code, cause: error.message, http };
};

/** S3 without one: objects are files, a bucket is a folder. */
export const folderS3 =
  (objects: FolderObjects): CallService =>
  async ({ action: name, input, invocationId }) => {
    const run = ACTIONS.get(name);
    if (run === undefined) {
      const cause = `A folder of objects has no ${name}. Name an S3 by AWS_ENDPOINT_URL_S3.`;
      return { ok: false, error: 'SdkClientException', cause };
    }
    try {
      return { ok: true, output: await run(objects, input) };
    } catch (error) {
      return failureOf(error, invocationId);
    }
  };
