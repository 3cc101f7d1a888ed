import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { PapilioError } from '../../functions/lib/errors.ts';
import { pauseByChance } from '../../functions/lib/pause.ts';
import type { Objects } from '../../functions/lib/ports/objects.ts';
import { installMinio, type Minio, startMinio } from '../../local/stack/parts/minio.ts';
import { aFaultyProxy, asS3 } from '../builders/a-faulty-proxy.ts';
import { aFolder } from '../builders/a-folder.ts';
import { aStoppingProxy } from '../builders/a-stopping-proxy.ts';
import { stopWhole } from '../builders/stop-whole.ts';
import { aBucket, accessTo, keysIn, objectsIn, partSizeBytes } from './minio-buckets.ts';
import { rawClient } from './minio-raw.ts';

/** Objects on a MinIO that dies, is away, or is reached badly. */
let minio: Minio;
beforeAll(async () => {
  installMinio();
  minio = await startMinio();
}, 900_000);
afterAll(() => minio.stop());

const other = Buffer.from('other content');
const small = Buffer.from('an STF');
const large = Buffer.alloc(2 * partSizeBytes + 77, 'STF');
const sources = aFolder();
afterAll(() => sources[Symbol.dispose]());
const sourceOf = (bytes: Buffer): string => {
  const path = join(sources.path, `${bytes.length}.stf`);
  writeFileSync(path, bytes);
  return path;
};

/** Puts as a state machine does: what may pass is tried again, for ever. */
const putUntilDone = async (objects: Objects, key: string, path: string): Promise<number> => {
  for (let tries = 1; ; tries++) {
    try {
      await objects.putFile(key, path);
      return tries;
    } catch (thrown) {
      if (!(thrown instanceof PapilioError) || thrown.kind !== 'Transient') throw thrown;
      await pauseByChance(tries);
    }
  }
};

describe('a MinIO that is away', () => {
  test('is an outage that passes: a put ends after its tries, and the next one succeeds', async () => {
    const bucket = await aBucket(minio);
    let pauses = 0;
    const pause = async () => {
      pauses += 1;
    };
    const objects = await objectsIn({ ...accessTo(minio), tries: 5, pause }, bucket);
    onTestFinished(objects.close);
    await minio.kill();
    onTestFinished(minio.restart);
    const calls = [objects.putBytes('a', small), objects.putFile('b', sourceOf(large)), objects.read('a')];
    for (const outcome of await Promise.allSettled(calls))
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { code: 'store-unavailable', name: 'Transient', reason: expect.stringMatching(/ECONNREFUSED/) },
      });
    expect(pauses).toBeGreaterThanOrEqual(3 * 4);
    expect(pauses).toBeLessThanOrEqual(3 * 2 * 4);
    await minio.restart();
    expect(await objects.putBytes('a', small)).toMatchObject({ created: true });
  });

  test('but holds its connections is given up in time, and has nothing twice when it goes on', async () => {
    const bucket = await aBucket(minio);
    const objects = await objectsIn({ ...accessTo(minio), tries: 2, answerWithinMs: 1_000 }, bucket);
    onTestFinished(objects.close);
    const pid = minio.pid() ?? 0;
    await stopWhole(pid);
    onTestFinished(() => void process.kill(pid, 'SIGCONT'));
    await expect(objects.putBytes('a', small)).rejects.toMatchObject({
      code: 'store-unavailable',
      reason: expect.stringContaining('nothing came for 1000 ms'),
    });
    process.kill(pid, 'SIGCONT');
    await putUntilDone(objects, 'a', sourceOf(small));
    expect(await objects.verify('a')).toMatchObject({ sizeBytes: small.length });
    expect(await keysIn(objects, '')).toEqual(['a']);
  });

  test('and is killed again and again as STFs arrive loses none that it acknowledged', async () => {
    const bucket = await aBucket(minio);
    const objects = await objectsIn({ ...accessTo(minio), tries: 2 }, bucket);
    onTestFinished(objects.close);
    const files = [sourceOf(small), sourceOf(large)] as const;
    const acknowledged: string[] = [];
    let begun = 0;
    let killing = Promise.resolve();
    const killNow = async (): Promise<void> => {
      await minio.kill();
      await minio.restart();
    };
    const writer = async (of: number): Promise<void> => {
      for (let number = 0; number < 12; number++) {
        const key = `run/${of}/${number}.stf`;
        const putting = putUntilDone(objects, key, number % 3 === 0 ? files[1] : files[0]);
        begun += 1;
        if (begun % 9 === 0) killing = killing.then(killNow);
        await putting;
        acknowledged.push(key);
      }
    };
    await Promise.all([0, 1, 2, 3].map(writer));
    await killing;
    expect(acknowledged).toHaveLength(48);
    expect(new Set(await keysIn(objects, ''))).toEqual(new Set(acknowledged));
    for (const key of acknowledged) {
      const { sizeBytes } = await objects.verify(key);
      const path = files.find((file) => file.endsWith(`/${sizeBytes}.stf`)) ?? 'neither of them';
      expect(await objects.putFile(key, path)).toMatchObject({ created: false });
    }
  });
});

describe('a MinIO that is reached badly', () => {
  test('has a put that was done and not heard of as its own, in one piece and in parts', async () => {
    const bucket = await aBucket(minio);
    const proxy = await aFaultyProxy(minio.url, 0.2, 5, asS3);
    onTestFinished(proxy.close);
    const objects = await objectsIn({ ...accessTo(minio, proxy.url), tries: 20, pause: async () => {} }, bucket);
    onTestFinished(objects.close);
    for (let number = 0; number < 12; number++) {
      expect(await objects.putFile(`small/${number}`, sourceOf(small))).toMatchObject({ created: true });
      expect(await objects.putFile(`large/${number}`, sourceOf(large))).toMatchObject({ created: true });
    }
    for (const times of Object.values(proxy.met)) expect(times).toBeGreaterThan(0);
    for await (const key of objects.list('')) await objects.verify(key);
    expect(await keysIn(objects, '')).toHaveLength(24);
    // What was begun and not heard of is dropped with what is old.
    await objects.abortOldUploads(-60_000);
    expect(await rawClient(minio).uploads(bucket)).toEqual([]);
  });

  test.each([
    ['in one piece', small, 2],
    ['in parts', large, 6],
  ])('and whose put %s is cut off at any call has the whole object or none', async (_, bytes, leastCalls) => {
    for (const isLastDone of [true, false]) expect(await cutAtEachCall(bytes, isLastDone)).toBeGreaterThan(leastCalls);
  });
});

/** Puts in a process that is cut off after so many calls; true if the put was acknowledged. */
const putUntilCut = async (url: string, bucket: string, key: string, path: string): Promise<boolean> => {
  try {
    const objects = await objectsIn({ ...accessTo(minio, url), tries: 1 }, bucket);
    await objects.putFile(key, path).finally(objects.close);
    return true;
  } catch {
    return false;
  }
};

/** What must hold of a key after a put that may have been cut off: all of it or nothing, and it can be repeated. */
const expectSound = async (objects: Objects, key: string, path: string, isAcknowledged: boolean): Promise<void> => {
  const found = await objects.stat(key);
  if (isAcknowledged) expect(found).toBeDefined();
  if (found !== undefined) expect(await objects.verify(key)).toEqual(found);
  expect(await objects.putFile(key, path)).toMatchObject({ created: found === undefined });
  await expect(objects.putBytes(key, other)).rejects.toMatchObject({ code: 'object-exists' });
};

/** Cuts a put off at each of its calls in turn, until one gets through; returns how many calls that is. */
const cutAtEachCall = async (bytes: Buffer, isLastDone: boolean): Promise<number> => {
  const bucket = await aBucket(minio);
  const objects = await objectsIn(accessTo(minio), bucket);
  onTestFinished(objects.close);
  const path = sourceOf(bytes);
  for (let calls = 1; ; calls++) {
    const key = `${calls}/a.stf`;
    const proxy = await aStoppingProxy(minio.url, calls, isLastDone);
    const isAcknowledged = await putUntilCut(proxy.url, bucket, key, path);
    await proxy.close();
    await expectSound(objects, key, path, isAcknowledged);
    if (!proxy.isStopped()) return calls;
  }
};

const writer = `
import { accessTo, objectsIn } from './tests/parts/minio-buckets.ts';
const [url, bucket, path, first] = process.argv.slice(1);
const user = { accessKeyId: 'papilio', secretAccessKey: 'papilio-of-loopback' };
const objects = await objectsIn(accessTo({ url, user }), bucket);
const beforeBytes = process.memoryUsage().rss;
for (let at = Number(first); at < Number(process.argv[5]); at++) {
  await objects.putFile('stf/' + at, path);
  console.log(JSON.stringify({ at, beforeBytes, peakBytes: process.resourceUsage().maxRSS * 1024 }));
}
objects.close();`;

const aWriter = (bucket: string, path: string, first: number, end: number) => {
  const args = ['--input-type=module', '--eval', writer, minio.url, bucket, path, String(first), String(end)];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
};

describe('a process that puts', () => {
  test('and is killed again and again loses nothing acknowledged and shows nothing half', async () => {
    const bucket = await aBucket(minio);
    const objects = await objectsIn(accessTo(minio), bucket);
    onTestFinished(objects.close);
    const path = sourceOf(large);
    let written = 0;
    for (const acknowledged of [1, 2, 3]) {
      const child = aWriter(bucket, path, written, 1_000);
      const exited = once(child, 'exit');
      let lines = 0;
      child.stdout.on('data', () => {
        lines += 1;
        if (lines >= acknowledged) child.kill('SIGKILL');
      });
      expect(await exited).toEqual([null, 'SIGKILL']);
      const keys = await keysIn(objects, 'stf/');
      expect(keys.length).toBeGreaterThanOrEqual(written + lines);
      for (const key of keys) expect(await objects.verify(key)).toMatchObject({ sizeBytes: large.length });
      written = keys.length;
    }
  });

  test('an STF of 2 GB holds a few parts of it in memory', async () => {
    const bucket = await aBucket(minio);
    const path = join(sources.path, 'sparse.stf');
    writeFileSync(path, '');
    truncateSync(path, 2_000_000_000);
    const child = aWriter(bucket, path, 0, 1);
    const [said] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    const { beforeBytes, peakBytes } = z
      .object({ beforeBytes: z.number(), peakBytes: z.number() })
      .parse(JSON.parse(said));
    expect(peakBytes - beforeBytes).toBeLessThan(150_000_000);
    const objects = await objectsIn(accessTo(minio), bucket);
    onTestFinished(objects.close);
    expect(await objects.verify('stf/0')).toMatchObject({ sizeBytes: 2_000_000_000 });
    await rawClient(minio).remove(bucket, 'stf/0');
  });
});
