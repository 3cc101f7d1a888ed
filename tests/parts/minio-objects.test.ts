import { createHash } from 'node:crypto';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { cloud } from '../../functions/lib/deps.ts';
import { createChecksums } from '../../functions/lib/model/checksum.ts';
import { installMinio, type Minio, startMinio } from '../../local/stack/parts/minio.ts';
import { aFaultyProxy, asS3, type FaultyProxy } from '../builders/a-faulty-proxy.ts';
import { aFolder } from '../builders/a-folder.ts';
import { objectsSuite } from '../contract/objects-suite.ts';
import { aBucket, accessTo, governance, objectsIn, partSizeBytes } from './minio-buckets.ts';
import { rawClient } from './minio-raw.ts';

/** Objects on MinIO itself. */
let minio: Minio;
let proxy: FaultyProxy;

beforeAll(async () => {
  installMinio();
  minio = await startMinio();
  proxy = await aFaultyProxy(minio.url, 0.05, 1, asS3);
}, 900_000);

afterAll(async () => {
  await proxy.close();
  await minio.stop();
});

const open = async (more: Parameters<typeof objectsIn>[2] = {}) => {
  const bucket = await aBucket(minio);
  const objects = await objectsIn(accessTo(minio), bucket, more);
  onTestFinished(objects.close);
  return { bucket, objects };
};

objectsSuite('minio', async () => objectsIn(accessTo(minio), await aBucket(minio)));
objectsSuite('minio with object lock', async () => {
  const bucket = await aBucket(minio, { retention: governance });
  return objectsIn(accessTo(minio), bucket, { isLocked: true });
});
objectsSuite('minio, one call in twenty fails', async () =>
  objectsIn(accessTo(minio, proxy.url), await aBucket(minio)),
);

/** Bytes that compress badly and differ everywhere. */
const someBytes = (sizeBytes: number, seed = 'stf'): Buffer => {
  const block = createHash('sha512').update(seed).digest();
  return Buffer.alloc(sizeBytes, block);
};
const factsOf = (bytes: Buffer) => {
  const checksums = createChecksums();
  checksums.update(bytes);
  const { sizeBytes, adler32, crc32c } = checksums.digest();
  return { sizeBytes, checksumAdler32: adler32, checksumCrc32c: crc32c };
};

const aSource = (bytes: Buffer): string => {
  const folder = aFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  const path = join(folder.path, 'a.stf');
  writeFileSync(path, bytes);
  return path;
};

test.each([
  ['small', 10],
  ['large', partSizeBytes + 1],
])('a link to a %s file is not followed', async (_, sizeBytes) => {
  const { objects } = await open();
  const link = `${aSource(someBytes(sizeBytes))}.link`;
  symlinkSync(link.replace(/\.link$/, ''), link);
  await expect(objects.putFile('a.stf', link)).rejects.toMatchObject({ code: 'object-missing' });
});

describe('a file that goes in parts', () => {
  const large = someBytes(2 * partSizeBytes + 12_345);

  test.each([partSizeBytes, partSizeBytes + 1, 2 * partSizeBytes, large.length])(
    'of %d bytes comes back as it was, with checksums that S3 itself keeps',
    async (sizeBytes) => {
      const { bucket, objects } = await open();
      const bytes = large.subarray(0, sizeBytes);
      const facts = factsOf(bytes);
      expect(await objects.putFile('a', aSource(bytes))).toEqual({ ...facts, created: true });
      expect(Buffer.compare(await objects.read('a'), bytes)).toBe(0);
      expect(await objects.verify('a')).toEqual(facts);
      const kept = await rawClient(minio).headers(bucket, 'a');
      expect(kept['x-amz-checksum-crc32c']).toBe(Buffer.from(facts.checksumCrc32c, 'hex').toString('base64'));
    },
  );

  test('is read once when its Adler-32 is expected, and its inspector sees each byte once either way', async () => {
    const { objects } = await open();
    const path = aSource(large);
    const { checksumAdler32 } = factsOf(large);
    for (const [key, expect_] of [
      ['expected', { checksumAdler32 }],
      ['unknown', {}],
    ] as const) {
      let seenBytes = 0;
      let judged = 0;
      const inspector = {
        see: (bytes: Uint8Array) => {
          seenBytes += bytes.length;
        },
        judge: () => {
          judged += 1;
        },
      };
      await objects.putFile(key, path, { expect: expect_, inspector });
      expect([seenBytes, judged]).toEqual([large.length, 1]);
    }
  });

  test.each([{ sizeBytes: 8 }, { checksumAdler32: '00000001' }, { checksumCrc32c: '00000000' }])(
    'and is not as expected (%j) never becomes visible and leaves no parts',
    async (expected) => {
      const { bucket, objects } = await open();
      const putting = objects.putFile('a', aSource(large), { expect: expected });
      await expect(putting).rejects.toMatchObject({ code: 'object-corrupt' });
      expect(await objects.stat('a')).toBeUndefined();
      expect(await rawClient(minio).uploads(bucket)).toEqual([]);
    },
  );

  test('and is judged bad never becomes visible and leaves no parts', async () => {
    const { bucket, objects } = await open();
    const judge = () => {
      throw new Error('not a container');
    };
    const inspector = { see: () => undefined, judge };
    await expect(objects.putFile('a', aSource(large), { inspector })).rejects.toThrow('not a container');
    expect(await objects.stat('a')).toBeUndefined();
    expect(await rawClient(minio).uploads(bucket)).toEqual([]);
  });

  test('of several processes is put by one, and the others are told', async () => {
    const { bucket, objects } = await open();
    const others = [await objectsIn(accessTo(minio), bucket), await objectsIn(accessTo(minio), bucket)];
    for (const { close } of others) onTestFinished(close);
    const path = aSource(large);
    const differing = aSource(someBytes(large.length, 'other'));
    const puts = [objects.putFile('a', path), ...others.map((other) => other.putFile('a', path))];
    const outcomes = await Promise.all(puts);
    expect(outcomes.filter(({ created }) => created)).toHaveLength(1);
    await expect(objects.putFile('a', differing)).rejects.toMatchObject({ code: 'object-exists' });
    expect(await rawClient(minio).uploads(bucket)).toEqual([]);
  });

  test('and whose upload was left behind by a process that died is dropped when it is old', async () => {
    const { bucket, objects } = await open();
    const raw = rawClient(minio);
    await raw.begin(bucket, 'dead');
    expect(await objects.abortOldUploads(60_000)).toBe(0);
    expect(await raw.uploads(bucket)).toEqual(['dead']);
    expect(await objects.abortOldUploads(-60_000)).toBe(1);
    expect(await raw.uploads(bucket)).toEqual([]);
  });
});

describe('an address that somebody was given', () => {
  const bytes = Buffer.from('an output');

  test('reads an object, and only that one', async () => {
    const { objects } = await open();
    await objects.putBytes('a', bytes);
    await objects.putBytes('b', bytes);
    const url = await objects.presignedGet('a', 60);
    expect(await (await fetch(url)).text()).toBe('an output');
    expect((await fetch(url.replace(/\/a\?/, '/b?'))).status).toBe(403);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
  });

  test('is refused when its time is over', async () => {
    const bucket = await aBucket(minio);
    const past = Date.now() - 120_000;
    const objects = await objectsIn(accessTo(minio), bucket, { nowMs: () => past });
    onTestFinished(objects.close);
    await objects.putBytes('a', bytes);
    expect((await fetch(await objects.presignedGet('a', 60))).status).toBe(403);
  });

  test('puts one object of the facts it was made for, once', async () => {
    const { objects } = await open();
    const { url, headers } = await objects.presignedPut('a', factsOf(bytes), 60);
    const put = (body: Buffer, sent: Record<string, string> = headers) =>
      fetch(url, { method: 'PUT', body: new Uint8Array(body), headers: sent });
    const { 'if-none-match': _, ...without } = headers;
    expect((await put(bytes, without)).ok).toBe(false);
    expect(await objects.stat('a')).toBeUndefined();
    expect((await put(Buffer.from('an 0utput'))).status).toBe(400);
    expect((await put(bytes)).status).toBe(200);
    expect((await put(bytes)).status).toBe(412);
    expect(await objects.verify('a')).toEqual(factsOf(bytes));
    expect(await objects.putBytes('a', bytes)).toMatchObject({ created: false });
  });

  test.each([0, 1.5, 8 * 86_400])('is not made for %d s', async (validS) => {
    const { objects } = await open();
    await expect(objects.presignedGet('a', validS)).rejects.toMatchObject({ code: 'input-invalid' });
  });
});

describe('what is refused', () => {
  test('a bucket that is not there is named', async () => {
    await expect(objectsIn(accessTo(minio), 'not-there')).rejects.toMatchObject({
      code: 'store-unavailable',
      reason: 'bucket not-there is not there: create it first',
    });
  });

  test('a bucket that goes while it is open is named', async () => {
    const { bucket, objects } = await open();
    await rawClient(minio).removeBucket(bucket);
    await expect(objects.putBytes('a', Buffer.from('a'))).rejects.toMatchObject({
      code: 'store-unavailable',
      reason: expect.stringMatching(/NoSuchBucket.*create it first/),
    });
  });

  test.each([
    ['a key that nobody has', { accessKeyId: 'nobody', secretAccessKey: 'nothing-of-it' }, /credentials|access key/],
    ['a wrong secret', { accessKeyId: 'papilio', secretAccessKey: 'nothing-of-it' }, /credentials|secret/],
    [
      'keys that have expired',
      { accessKeyId: 'papilio', secretAccessKey: 'papilio-of-loopback', sessionToken: 'expired' },
      /credentials|token/,
    ],
  ])('%s, at once and with the reason', async (_, credentials, reason) => {
    const bucket = await aBucket(minio);
    let pauses = 0;
    const pause = async () => {
      pauses += 1;
    };
    const opening = objectsIn({ ...accessTo(minio), credentials, pause }, bucket);
    await expect(opening).rejects.toMatchObject({ code: 'store-unavailable', reason: expect.stringMatching(reason) });
    expect(pauses).toBe(0);
  });

  test('a bucket without object lock, where one with it is wanted', async () => {
    const bucket = await aBucket(minio);
    const create = await cloud.minioBucket();
    const creating = create(accessTo(minio), { bucket, retention: governance });
    await expect(creating).rejects.toMatchObject({
      code: 'store-unavailable',
      reason: expect.stringContaining('without object lock'),
    });
    await expect(objectsIn(accessTo(minio), bucket, { isLocked: true })).rejects.toMatchObject({
      code: 'store-unavailable',
      reason: `bucket ${bucket} does not lock what is put`,
    });
  });
});
