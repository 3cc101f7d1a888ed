import { openAsBlob } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ListedObject, Objects } from '../stepfunctions/distributed/objects.ts';
import { encoded, queryText, type S3Credentials, signed } from './s3-signature.ts';

/** An S3 endpoint, such as a MinIO; buckets are the first part of its paths. */
export type S3Endpoint = S3Credentials & { readonly url: string };

type Call = { method?: string; bucket: string; key?: string; query?: Record<string, string>; body?: Blob };

const UNSIGNED = 'UNSIGNED-PAYLOAD';

const textIn = (xml: string, tag: string): string => new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(xml)?.[1] ?? '';

const unescaped = (text: string): string =>
  text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** A key of a listing that was asked for with `encoding-type=url`. */
const keyOf = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '));

const listedOf = (xml: string): ListedObject => ({
  Etag: unescaped(textIn(xml, 'ETag')),
  Key: keyOf(textIn(xml, 'Key')),
  LastModified: Math.floor(Date.parse(textIn(xml, 'LastModified')) / 1000),
  Size: Number(textIn(xml, 'Size')),
  StorageClass: textIn(xml, 'StorageClass') || 'STANDARD',
});

const caller =
  (endpoint: S3Endpoint) =>
  async ({ method = 'GET', bucket, key, query = {}, body }: Call): Promise<Response> => {
    const { origin, host } = new URL(endpoint.url);
    const path = `/${[bucket, ...(key?.split('/') ?? [])].map(encoded).join('/')}`;
    const headers = signed({ method, host, path, query, payloadHash: UNSIGNED }, endpoint, Date.now());
    const search = queryText(query);
    const url = `${origin}${path}${search && `?${search}`}`;
    const response = await fetch(url, { method, headers, ...(body && { body }) });
    if (response.ok) return response;
    const text = await response.text();
    const reason = unescaped(textIn(text, 'Message')) || `HTTP ${response.status}`;
    throw new Error(`${reason} (${[bucket, key].filter(Boolean).join('/')})`);
  };

/** Writes pieces into a file of this machine first: S3 wants to know a size before it takes the bytes. */
const spooled = async <T>(pieces: AsyncIterable<string>, use: (blob: Blob) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'papilio-s3-'));
  try {
    const path = join(folder, 'object');
    await writeFile(path, pieces);
    return await use(await openAsBlob(path));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** Objects of an S3 endpoint. */
export const s3Objects = (endpoint: S3Endpoint): Objects => {
  const call = caller(endpoint);
  return {
    read: async function* (bucket, key) {
      const { body } = await call({ bucket, key });
      if (body) yield* body;
    },
    list: async function* (bucket, prefix) {
      let token = '';
      do {
        const more = token && { 'continuation-token': token };
        const query = { 'list-type': '2', 'encoding-type': 'url', prefix, ...more };
        const xml = await (await call({ bucket, query })).text();
        for (const [, object = ''] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)) yield listedOf(object);
        token = textIn(xml, 'IsTruncated') === 'true' ? unescaped(textIn(xml, 'NextContinuationToken')) : '';
      } while (token !== '');
    },
    write: (bucket, key, pieces) =>
      spooled(pieces, async (body) => {
        await call({ method: 'PUT', bucket, key, body });
        return body.size;
      }),
  };
};
