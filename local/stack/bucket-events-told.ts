import type { Clock } from '#ports/clock';
import type { Queues } from '#ports/queues';
import { messageOf, type PutObject } from './bucket-event.ts';
import type { BucketEventsMark } from './bucket-events-mark.ts';

/** An object as a bucket lists it. */
type Listed = { readonly key: string; readonly sizeBytes: number; readonly modifiedAtMs: number };

/** Whose events go where. */
export type BucketOfEvents = {
  readonly bucket: string;
  readonly region: string;
  /** Lists the bucket. */
  readonly listed: (prefix: string) => AsyncIterable<Listed>;
  readonly queues: Queues;
  readonly queue: string;
  readonly mark: BucketEventsMark;
  readonly clock: Clock;
};

/** By so much the clocks here and in S3 may differ, and an object be seen later than the moment it bears. */
const overlapMs = 120_000;
const atOnce = 100;

/** Sends what a bucket tells of into a queue: each object at least once, and seldom twice. A key is put once. */
export const createTold = ({ bucket, region, listed, queues, queue, mark, clock }: BucketOfEvents) => {
  /** What was sent lately, and when: it needs no telling again by a list. */
  const sent = new Map<string, number>();

  const send = async (objects: readonly PutObject[]): Promise<void> => {
    if (objects.length === 0) return;
    await queues.send(
      queue,
      objects.map((object) => messageOf(bucket, region, object)),
    );
    for (const { key } of objects) sent.set(key, clock.nowMs());
  };

  const forgetBefore = (beforeMs: number): void => {
    for (const [key, atMs] of sent) if (atMs < beforeMs) sent.delete(key);
  };

  /** Sends all that was put since the mark and of which nobody told; then the mark moves. O(objects in the bucket). */
  const catchUp = async (): Promise<void> => {
    const beganMs = clock.nowMs();
    const sinceMs = (await mark.read()) - overlapMs;
    let found: PutObject[] = [];
    for await (const { key, sizeBytes, modifiedAtMs } of listed('')) {
      if (modifiedAtMs < sinceMs || sent.has(key)) continue;
      found.push({ key, sizeBytes, atMs: modifiedAtMs });
      if (found.length < atOnce) continue;
      await send(found);
      found = [];
    }
    await send(found);
    await mark.write(beganMs);
    forgetBefore(beganMs - 2 * overlapMs);
  };

  return { send, catchUp };
};

/** What sends a bucket's events. */
export type Told = ReturnType<typeof createTold>;
