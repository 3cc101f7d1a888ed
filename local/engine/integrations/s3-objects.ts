import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import type { ListedObject, Objects } from '../../stepfunctions/distributed/objects.ts';
import { isReadable } from './body-text.ts';
import { type Endpoints, endpointConfig } from './endpoints.ts';
import { openSdk, type Sdk } from './sdk-clients.ts';

/** A key of a listing that was asked for with `encoding-type=url`. */
const keyOf = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '));

const Listed = z
  .object({
    Key: z.string().transform(keyOf),
    Size: z.number(),
    LastModified: z.date().transform((date) => Math.floor(date.getTime() / 1000)),
    ETag: z.string(),
    StorageClass: z.string().default('STANDARD'),
  })
  .transform(({ ETag: Etag, ...object }): ListedObject => ({ Etag, ...object }));

const Page = z.object({
  Contents: z.array(Listed).default([]),
  NextContinuationToken: z.string().optional(),
});

const Found = z.object({ Body: z.custom<AsyncIterable<Uint8Array>>(isReadable) });

/** Writes pieces into a file of this machine first: S3 wants to know a size before it takes the bytes. */
const spooled = async <T>(
  pieces: AsyncIterable<string>,
  use: (file: { readonly path: string; readonly sizeBytes: number }) => Promise<T>,
): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'papilio-s3-'));
  try {
    const path = join(folder, 'object');
    await writeFile(path, pieces);
    return await use({ path, sizeBytes: (await stat(path)).size });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

type Asked = Readonly<Record<string, unknown>> & { readonly Bucket: string; readonly Key?: string };

/** A file of results has gigabytes, and is answered when all of it is there. */
const answerWithinMs = 600_000;

/** A Map that is given up reads no further; nothing else ends a request but its time. */
const untilTheEnd = AbortSignal.any([]);

/** Objects of an S3 at a URL, reached by AWS's own client, which is loaded when a Map first asks for one. */
export const s3Objects = (url: string, endpoints: Endpoints, region: string): Objects => {
  let opened: Promise<Sdk> | undefined;
  const ask = async (action: string, input: Asked): Promise<object> => {
    opened ??= openSdk('s3', endpointConfig(url, endpoints, region, answerWithinMs));
    const { client, command } = await opened;
    try {
      return await client.send(command(action, input), { abortSignal: untilTheEnd });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`${reason} (${[input.Bucket, input.Key].filter(Boolean).join('/')})`, { cause: error });
    }
  };
  return {
    read: async function* (Bucket, Key) {
      yield* Found.parse(await ask('GetObject', { Bucket, Key })).Body;
    },
    list: async function* (Bucket, Prefix) {
      let ContinuationToken: string | undefined;
      do {
        const input = { Bucket, Prefix, EncodingType: 'url', ContinuationToken };
        const page = Page.parse(await ask('ListObjectsV2', input));
        yield* page.Contents;
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken !== undefined);
    },
    write: (Bucket, Key, pieces) =>
      spooled(pieces, async ({ path, sizeBytes: ContentLength }) => {
        await ask('PutObject', { Bucket, Key, Body: createReadStream(path), ContentLength });
        return ContentLength;
      }),
  };
};
