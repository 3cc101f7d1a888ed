import { createServer, type IncomingMessage } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { s3Objects } from '../../../../../local/engine/integrations/s3-objects.ts';
import { onLoopback } from '../../../../builders/on-loopback.ts';

/** An S3 that answers what the test says, and keeps what it was asked. */
const anEndpoint = async (answer: (request: IncomingMessage) => { status?: number; body: string }) => {
  const asked: { readonly method: string; readonly url: string; readonly body: string; readonly length: string }[] = [];
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request;
    asked.push({ method, url, body: await textOf(request), length: headers['content-length'] ?? '' });
    const { status = 200, body } = answer(request);
    response.writeHead(status).end(headers.authorization?.startsWith('AWS4-HMAC-SHA256 ') ? body : 'unsigned');
  });
  const { url, close } = await onLoopback(server);
  onTestFinished(close);
  return { asked, objects: s3Objects(url, { accessKeyId: 'a', secretAccessKey: 's' }, 'us-east-1') };
};

const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};

const contents = (key: string) =>
  `<Contents><Key>${key}</Key><LastModified>2022-11-17T15:31:21.000Z</LastModified><ETag>&quot;e&quot;</ETag><Size>5</Size><StorageClass>STANDARD</StorageClass></Contents>`;

test('a listing goes on to its last page', async () => {
  const { asked, objects } = await anEndpoint(({ url }) => ({
    body: url?.includes('continuation-token')
      ? `<ListBucketResult>${contents('in/c')}<IsTruncated>false</IsTruncated></ListBucketResult>`
      : `<ListBucketResult><IsTruncated>true</IsTruncated>${contents('in/a+%26')}${contents('in/b')}<NextContinuationToken>t&amp;1</NextContinuationToken></ListBucketResult>`,
  }));
  const listed = await all(objects.list('b', 'in/'));
  expect(listed.map(({ Key }) => Key)).toEqual(['in/a &', 'in/b', 'in/c']);
  expect(listed[0]).toEqual({
    Etag: '"e"',
    Key: 'in/a &',
    LastModified: 1_668_699_081,
    Size: 5,
    StorageClass: 'STANDARD',
  });
  const { pathname, searchParams } = new URL(asked[1]?.url ?? '', 'http://any');
  expect([pathname, Object.fromEntries(searchParams)]).toEqual([
    '/b/',
    { 'continuation-token': 't&1', 'encoding-type': 'url', 'list-type': '2', prefix: 'in/' },
  ]);
});

test('an object is put with its size, and read in pieces', async () => {
  const { asked, objects } = await anEndpoint(() => ({ body: 'content' }));
  async function* pieces(): AsyncGenerator<string> {
    yield 'a';
    yield 'é';
  }
  expect(await objects.write('b', "x/(y) 'z", pieces())).toBe(3);
  expect(asked[0]).toEqual({ method: 'PUT', url: '/b/x/%28y%29%20%27z?x-id=PutObject', body: 'aé', length: '3' });
  expect(Buffer.concat(await all(objects.read('b', 'f'))).toString()).toBe('content');
});

test('what S3 refuses is told in its words', async () => {
  const body = '<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>';
  const { objects } = await anEndpoint(() => ({ status: 404, body }));
  await expect(all(objects.read('b', 'f'))).rejects.toThrow('The specified key does not exist. (b/f)');
});
