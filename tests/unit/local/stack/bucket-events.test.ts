import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { PapilioError } from '../../../../functions/lib/errors.ts';
import { messageOf, putObjectsIn } from '../../../../local/stack/bucket-event.ts';
import { startBucketEvents } from '../../../../local/stack/bucket-events.ts';
import { bucketEventsMark } from '../../../../local/stack/bucket-events-mark.ts';
import { aFolder } from '../../../builders/a-folder.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';

/** As MinIO posts it: keys are encoded whole. */
const postOf = (key: string, eventName = 's3:ObjectCreated:Put', bucket = 'stfs') => ({
  EventName: eventName,
  Key: `${bucket}/${key}`,
  Records: [
    {
      eventName,
      eventTime: '2026-01-01T00:00:00.000Z',
      s3: { bucket: { name: bucket }, object: { key: encodeURIComponent(key), size: 6 } },
    },
  ],
});

describe('what MinIO posts', () => {
  test('is the message that AWS would send', () => {
    const [object] = putObjectsIn(postOf('run/1/a.stf'), 'stfs') ?? [];
    expect(object).toEqual({ key: 'run/1/a.stf', sizeBytes: 6, atMs: Date.UTC(2026, 0, 1) });
    expect(object && messageOf('stfs', 'us-east-1', object)).toMatchObject({
      Records: [
        {
          eventSource: 'aws:s3',
          eventName: 'ObjectCreated:Put',
          eventTime: '2026-01-01T00:00:00.000Z',
          s3: { bucket: { name: 'stfs' }, object: { key: 'run/1/a.stf', size: 6 } },
        },
      ],
    });
  });

  test('of another bucket, or of a deletion, is nothing', () => {
    expect(putObjectsIn(postOf('a', 's3:ObjectCreated:Put', 'other'), 'stfs')).toEqual([]);
    expect(putObjectsIn(postOf('a', 's3:ObjectRemoved:Delete'), 'stfs')).toEqual([]);
  });

  test.each([undefined, {}, { Records: [{}] }, { Records: 'a' }, 'a text'])(
    'and is no post (%j) is known as none',
    (body) => {
      expect(putObjectsIn(body, 'stfs')).toBeUndefined();
    },
  );

  test('with a key that is encoded in no way is known as none', () => {
    const post = postOf('a');
    for (const record of post.Records) record.s3.object.key = '%E0%A4%A';
    expect(putObjectsIn(post, 'stfs')).toBeUndefined();
  });
});

/** A bucket and a queue in memory, and a receiver between them that is started as often as wanted. */
const aReceiver = () => {
  const folder = aFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  const clock = fakeClock();
  const objects: { key: string; sizeBytes: number; modifiedAtMs: number }[] = [];
  const keys: string[] = [];
  let isAway = false;
  const queues = {
    send: async (_: string, bodies: readonly unknown[]) => {
      if (isAway) throw new PapilioError('plane-unavailable', 'queue stfs: away');
      for (const body of bodies) keys.push(...(putObjectsIn(body, 'stfs') ?? []).map(({ key }) => key));
    },
  };
  const start = async () => {
    const events = await startBucketEvents({
      bucket: 'stfs',
      region: 'us-east-1',
      queue: 'stfs',
      queues,
      clock,
      mark: bucketEventsMark(join(folder.path, 'mark.json')),
      listed: async function* () {
        yield* objects;
      },
      port: 0,
      token: 'a token',
    });
    onTestFinished(events.close);
    return events;
  };
  const put = (key: string) => void objects.push({ key, sizeBytes: 6, modifiedAtMs: clock.nowMs() });
  const post = async (port: number, body: unknown, token = 'a token') => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`http://127.0.0.1:${port}`, { method: 'POST', headers, body: JSON.stringify(body) })).status;
  };
  const setAway = (away: boolean): void => {
    isAway = away;
  };
  return { clock, keys, start, put, post, setAway };
};

describe('a receiver of events', () => {
  test('answers 200 when the queue has the object, and does not list it again', async () => {
    const { start, put, post, keys } = aReceiver();
    const events = await start();
    await events.caughtUp();
    put('a');
    expect(await post(events.port, postOf('a'))).toBe(200);
    expect(keys).toEqual(['a']);
    await events.caughtUp();
    expect(keys).toEqual(['a']);
  });

  test('finds by listing what it was not told of while it was away, and not what lies before its mark', async () => {
    const { start, put, keys, clock } = aReceiver();
    put('first');
    await clock.advance(600_000);
    const events = await start();
    await events.caughtUp();
    await events.close();
    await clock.advance(600_000);
    put('meanwhile');
    await (await start()).caughtUp();
    expect(keys.filter((key) => key === 'meanwhile')).toHaveLength(1);
    expect(keys.filter((key) => key === 'first')).toHaveLength(1);
  });

  test('answers 503 while the queue is away, and sends it all when it is back', async () => {
    const { start, put, post, keys, clock, setAway } = aReceiver();
    const events = await start();
    await events.caughtUp();
    setAway(true);
    put('a');
    expect(await post(events.port, postOf('a'))).toBe(503);
    await expect(events.caughtUp()).rejects.toMatchObject({ code: 'plane-unavailable' });
    setAway(false);
    await clock.advance(5_000);
    await expect.poll(() => keys).toEqual(['a']);
  });

  test('looks for itself now and then', async () => {
    const { start, put, keys, clock } = aReceiver();
    const events = await start();
    await events.caughtUp();
    await clock.whenTimers(1);
    put('nobody tells of it');
    await clock.advance(600_000);
    await expect.poll(() => keys).toEqual(['nobody tells of it']);
  });

  test.each([
    ['another token', 403, postOf('a'), 'a tokem'],
    ['no token', 403, postOf('a'), ''],
    ['no post of MinIO', 400, { Records: [{}] }, 'a token'],
    ['too much', 400, 'x'.repeat(1_000_001), 'a token'],
  ])('refuses %s with %d', async (_, status, body, token) => {
    const { start, post, keys } = aReceiver();
    const { port, caughtUp } = await start();
    await caughtUp();
    expect(await post(port, body, token)).toBe(status);
    expect(keys).toEqual([]);
  });
});
