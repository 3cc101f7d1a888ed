import { join } from 'node:path';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../functions/lib/system-clock.ts';
import { putObjectsIn } from '../../local/stack/bucket-event.ts';
import { startBucketEvents } from '../../local/stack/bucket-events.ts';
import { bucketEventsMark } from '../../local/stack/bucket-events-mark.ts';
import { freePort } from '../../local/stack/parts/free-port.ts';
import { installMinio, type Minio, startMinio } from '../../local/stack/parts/minio.ts';
import { aFolder } from '../builders/a-folder.ts';
import { someQueues } from '../builders/a-queue.ts';
import { aBucket, accessTo, objectsIn } from './minio-buckets.ts';

/** Events of buckets on MinIO itself, into a queue of papilio's own SQS. */
let minio: Minio;
let port: number;
const token = 'a-token-of-this-test';
const bytes = Buffer.from('an STF');

beforeAll(async () => {
  installMinio();
  port = await freePort();
  // Nobody listens there yet.
  minio = await startMinio({ webhooks: { PAPILIO: { url: `http://127.0.0.1:${port}`, token } } });
}, 900_000);
afterAll(() => minio.stop());

/** A bucket that tells, its objects, a queue, and the receiver between them. */
const aTellingBucket = async () => {
  const folder = aFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  const { client, create } = await someQueues();
  const { url } = await create('stfs');
  const bucket = await aBucket(minio, { eventsTo: 'arn:minio:sqs::PAPILIO:webhook' });
  const objects = await objectsIn({ ...accessTo(minio), tries: 40 }, bucket);
  onTestFinished(objects.close);
  const queues = {
    send: async (_: string, bodies: readonly unknown[]) => {
      for (const body of bodies)
        await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: JSON.stringify(body) }));
    },
  };
  const start = () =>
    startBucketEvents({
      bucket,
      region: 'us-east-1',
      queue: 'stfs',
      queues,
      clock: systemClock,
      mark: bucketEventsMark(join(folder.path, 'mark.json')),
      listed: objects.listed,
      port,
      token,
    });
  const told: string[] = [];
  /** Keys that the queue has told of so far. */
  const keys = async (): Promise<ReadonlySet<string>> => {
    for (;;) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 }),
      );
      if (Messages.length === 0) return new Set(told);
      for (const { Body = '' } of Messages)
        told.push(...(putObjectsIn(JSON.parse(Body), bucket) ?? []).map(({ key }) => key));
    }
  };
  return { objects, start, keys, told };
};

describe('a bucket that tells of its objects', () => {
  test('is heard by the receiver, object by object, each once', async () => {
    const { objects, start, keys, told } = await aTellingBucket();
    const events = await start();
    onTestFinished(events.close);
    await events.caughtUp();
    for (const key of ['run/1/a.stf', 'run/1/b.stf']) await objects.putBytes(key, bytes);
    await expect.poll(keys, { timeout: 20_000 }).toEqual(new Set(['run/1/a.stf', 'run/1/b.stf']));
    await events.caughtUp();
    expect(await keys()).toEqual(new Set(told));
    expect(told).toHaveLength(2);
  });

  test('is caught up with after the receiver was away', async () => {
    const { objects, start, keys } = await aTellingBucket();
    const first = await start();
    await first.caughtUp();
    await objects.putBytes('before', bytes);
    await first.close();
    for (let number = 0; number < 15; number++) await objects.putBytes(`while-away/${number}`, bytes);
    const second = await start();
    onTestFinished(second.close);
    await second.caughtUp();
    const expected = ['before', ...Array.from({ length: 15 }, (_, number) => `while-away/${number}`)];
    expect(await keys()).toEqual(new Set(expected));
  });

  test('and dies again and again as STFs arrive has each acknowledged one told of', async () => {
    const { objects, start, keys } = await aTellingBucket();
    const events = await start();
    onTestFinished(events.close);
    const put: string[] = [];
    let killing = Promise.resolve();
    for (let number = 0; number < 30; number++) {
      const key = `run/${number}.stf`;
      await objects.putBytes(key, bytes);
      put.push(key);
      // At once: the event of what was just acknowledged may never be sent.
      if (number % 10 === 5) killing = killing.then(minio.kill).then(minio.restart);
    }
    await killing;
    await events.caughtUp();
    expect(await keys()).toEqual(new Set(put));
  });
});
