import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openBucket } from '../../../functions/adapters/objects/minio-bucket.ts';
import { codeOf, isPassing, minioErrorOf } from '../../../functions/adapters/objects/minio-errors.ts';
import { storedIn } from '../../../functions/adapters/objects/minio-facts.ts';
import { partSizeFor } from '../../../functions/adapters/objects/minio-multipart.ts';
import { createParts } from '../../../functions/adapters/objects/minio-parts.ts';
import { onLoopback } from '../../builders/on-loopback.ts';

type Reply = (request: IncomingMessage, response: ServerResponse) => void;

/** A bucket at an endpoint that answers one call after the other as the test says, the last answer for ever. */
const aBucketThat = async (replies: readonly Reply[], tries = 4) => {
  const calls: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    calls.push(request);
    request.resume();
    replies[Math.min(calls.length, replies.length) - 1]?.(request, response);
  });
  const { url, close } = await onLoopback(server);
  const pauses: number[] = [];
  const pause = async (made: number) => void pauses.push(made);
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
  const access = { endpoint: url, region: 'us-east-1', credentials, tries, answerWithinMs: 100, pause };
  const bucket = openBucket(access, 'stfs');
  onTestFinished(async () => {
    bucket.close();
    await close();
  });
  const get = () =>
    bucket.call({ method: 'GET', key: 'a' }, async (answer) => Buffer.concat(await answer.toArray()).toString());
  return { bucket, calls, pauses, get };
};

const fine: Reply = (_, response) => response.end('bytes');
const refusing =
  (status: number, code: string): Reply =>
  (_, response) =>
    response.writeHead(status).end(`<Error><Code>${code}</Code><Message>so it is</Message></Error>`);
const cut: Reply = (_, response) => void response.destroy();
const cutWithin: Reply = (_, response) => {
  response.writeHead(200, { 'content-length': '10' });
  response.write('byt', () => response.destroy());
};
const silent: Reply = () => undefined;
const silentWithin: Reply = (_, response) => void response.writeHead(200, { 'content-length': '10' }).write('byt');

describe('a call of S3', () => {
  test.each([
    ['is told to slow down', refusing(503, 'SlowDown')],
    ['meets an error of the service', refusing(500, 'InternalError')],
    ['meets a gateway without words', (_: unknown, response: ServerResponse) => void response.writeHead(502).end()],
    ['had its bytes damaged on the way', refusing(400, 'XAmzContentChecksumMismatch')],
    ['meets another on the same key', refusing(409, 'ConditionalRequestConflict')],
    ['is cut off', cut],
    ['is cut off within its answer', cutWithin],
    ['hears nothing', silent],
    ['hears nothing more', silentWithin],
  ])('that %s is made again', async (_, reply) => {
    const { get, pauses, calls } = await aBucketThat([reply, reply, fine]);
    expect(await get()).toBe('bytes');
    expect(pauses).toEqual([1, 2]);
    expect(calls).toHaveLength(3);
  });

  test('is made so often and no more', async () => {
    const { get, calls } = await aBucketThat([refusing(503, 'SlowDown')]);
    const error = await get().catch((thrown: unknown) => minioErrorOf(thrown, 'a in bucket stfs'));
    expect(error).toMatchObject({
      code: 'store-unavailable',
      name: 'Transient',
      reason: 'a in bucket stfs: SlowDown: so it is',
    });
    expect(calls).toHaveLength(4);
  });

  test.each([
    [403, 'AccessDenied', 'store-unavailable'],
    [403, 'InvalidAccessKeyId', 'store-unavailable'],
    [400, 'ExpiredToken', 'store-unavailable'],
    [403, 'RequestTimeTooSkewed', 'store-unavailable'],
    [404, 'NoSuchBucket', 'store-unavailable'],
    [507, 'XMinioStorageFull', 'store-full'],
    [400, 'XMinioAdminBucketQuotaExceeded', 'store-full'],
    [400, 'XMinioParentIsObject', 'object-key-invalid'],
    [400, 'MalformedXML', 'bug'],
  ])('that is refused with %d %s is made once and is %s', async (status, s3Code, code) => {
    const { get, calls } = await aBucketThat([refusing(status, s3Code)]);
    const error = await get().catch((thrown: unknown) => minioErrorOf(thrown, 'a in bucket stfs'));
    expect(error).toMatchObject({
      code,
      reason: expect.stringMatching(new RegExp(`^a in bucket stfs: ${s3Code}: so it is`)),
    });
    expect(calls).toHaveLength(1);
  });

  test.each(['NoSuchKey', 'PreconditionFailed', 'NoSuchUpload', 'InvalidRange'])(
    'that is answered by %s is made once',
    async (s3Code) => {
      const { get, calls } = await aBucketThat([refusing(400, s3Code)]);
      expect(await get().catch(codeOf)).toBe(s3Code);
      expect(calls).toHaveLength(1);
    },
  );

  test('is signed, with what it sends under a checksum that is signed too', async () => {
    const { bucket, calls } = await aBucketThat([fine]);
    const headers = { 'x-amz-checksum-crc32c': 'AAAAAA==' };
    await bucket.call({ method: 'PUT', key: 'a', headers, body: Buffer.from('a') }, (answer) => void answer.resume());
    expect(calls[0]?.headers.authorization).toMatch(/SignedHeaders=[^,]*x-amz-checksum-crc32c/);
    expect(calls[0]?.headers['x-amz-content-sha256']).toBe('UNSIGNED-PAYLOAD');
  });

  test('is made with the keys of now', async () => {
    const { bucket, calls } = await aBucketThat([fine]);
    let rotations = 0;
    const credentials = async () => ({ accessKeyId: `key-${++rotations}`, secretAccessKey: 'secret' });
    const rotating = openBucket({ ...bucket.access, credentials }, 'stfs');
    onTestFinished(rotating.close);
    for (let made = 0; made < 2; made++)
      await rotating.call({ method: 'GET', key: 'a' }, (answer) => void answer.resume());
    expect(calls.map(({ headers }) => /Credential=([^/]+)/.exec(headers.authorization ?? '')?.[1])).toEqual([
      'key-1',
      'key-2',
    ]);
  });
});

test('what papilio itself got wrong is not tried again', () => {
  expect(isPassing(new TypeError('undefined is not a function'))).toBe(false);
});

describe('what S3 keeps of an object', () => {
  const headers = {
    'content-length': '9',
    'x-amz-meta-papilio-adler32': '11e60398',
    'x-amz-checksum-crc32c': 'LQ42Yw==',
  };

  test('is its facts', () => {
    const facts = { sizeBytes: 9, checksumAdler32: '11e60398', checksumCrc32c: '2d0e3663' };
    expect(storedIn('a', headers).facts).toEqual(facts);
  });

  test.each([
    ['no checksum', { 'x-amz-checksum-crc32c': undefined }],
    ['a checksum of its parts only', { 'x-amz-checksum-crc32c': 'LQ42Yw==-2' }],
    ['no Adler-32', { 'x-amz-meta-papilio-adler32': undefined }],
    ['what is no Adler-32', { 'x-amz-meta-papilio-adler32': 'ADLER' }],
  ])('is refused with %s', (_, changes) => {
    expect(() => storedIn('a', { ...headers, ...changes })).toThrow(
      expect.objectContaining({ code: 'object-corrupt' }),
    );
  });
});

describe('parts', () => {
  const sentIn = async (pieces: readonly Uint8Array[], partSizeBytes: number) => {
    const sent = new Map<number, string>();
    let underWay = 0;
    let mostUnderWay = 0;
    const parts = createParts({
      partSizeBytes,
      atOnce: 2,
      send: async (number, bytes) => {
        underWay += 1;
        mostUnderWay = Math.max(mostUnderWay, underWay);
        await new Promise(setImmediate);
        sent.set(number, bytes.toString());
        underWay -= 1;
        return `etag-${number}`;
      },
    });
    for (const piece of pieces) await parts.keep(piece);
    const all = await parts.end();
    return { all, text: all.map(({ partNumber }) => sent.get(partNumber)), mostUnderWay };
  };

  test.each([
    [['abcdefgh'], ['abc', 'def', 'gh']],
    [
      ['ab', 'cdef'],
      ['abc', 'def'],
    ],
    [
      ['a', 'b', 'c', 'd'],
      ['abc', 'd'],
    ],
    [['abcdefghijklmno'], ['abc', 'def', 'ghi', 'jkl', 'mno']],
  ])('of %j are %j, in order, two at once', async (pieces, expected) => {
    const { all, text, mostUnderWay } = await sentIn(
      pieces.map((piece) => Buffer.from(piece)),
      3,
    );
    expect(text).toEqual(expected);
    expect(all.map(({ etag }) => etag)).toEqual(expected.map((_, at) => `etag-${at + 1}`));
    expect(mostUnderWay).toBeLessThanOrEqual(2);
  });

  test('of which one fails end with its error, when none is under way any more', async () => {
    let done = 0;
    const parts = createParts({
      partSizeBytes: 1,
      atOnce: 2,
      send: async (number) => {
        await new Promise(setImmediate);
        if (number === 2) throw new Error('part 2');
        done += 1;
        return '';
      },
    });
    const keeping = parts.keep(Buffer.from('abcdefgh')).then(parts.end);
    await expect(keeping).rejects.toThrow('part 2');
    await parts.settled();
    const doneThen = done;
    await new Promise(setImmediate);
    expect(done).toBe(doneThen);
  });

  test('are never more than S3 takes', () => {
    expect(partSizeFor(2e9, 16_777_216)).toBe(16_777_216);
    expect(Math.ceil(5e12 / partSizeFor(5e12, 16_777_216))).toBeLessThanOrEqual(10_000);
  });
});
