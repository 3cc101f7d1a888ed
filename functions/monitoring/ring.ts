import * as z from 'zod';

/** How often something happened in a span of time, and when first. */
export type Seen = { readonly count: number; readonly firstMs: number | undefined };

/**
 * Counts by time in fixed memory: a ring of buckets, each of which forgets when a later one takes its place. The moments
 * may come in any order, and it shows the same.
 */
export type Ring = {
  readonly add: (atMs: number) => void;
  /** Of the last `count` buckets up to the one of `nowMs`, the running bucket included; by default of the whole ring. */
  readonly until: (nowMs: number, count?: number) => Seen;
  readonly save: () => SavedRing;
};

/** A bucket's number since 1970, what it counted, and when first. */
const Bucket = z.object({ index: z.int(), count: z.int().min(1), firstMs: z.number() });
type Bucket = z.infer<typeof Bucket>;

/** Buckets that counted anything, in any order. */
export const SavedRing = z.array(Bucket);
export type SavedRing = z.infer<typeof SavedRing>;

type RingSize = { readonly bucketMs: number; readonly buckets: number };

/** A ring that reaches `bucketMs · buckets` back, as it was saved; an empty one by default. */
export const createRing = ({ bucketMs, buckets }: RingSize, saved: SavedRing = []): Ring => {
  const ring: (Bucket | undefined)[] = Array.from({ length: buckets }, () => undefined);
  const placeOf = (index: number): number => ((index % buckets) + buckets) % buckets;
  for (const bucket of saved) ring[placeOf(bucket.index)] = bucket;

  const add = (atMs: number): void => {
    const index = Math.floor(atMs / bucketMs);
    const place = placeOf(index);
    const held = ring[place];
    if (held === undefined || held.index < index) ring[place] = { index, count: 1, firstMs: atMs };
    else if (held.index === index)
      ring[place] = { index, count: held.count + 1, firstMs: Math.min(held.firstMs, atMs) };
  };

  const until = (nowMs: number, count = buckets): Seen => {
    const last = Math.floor(nowMs / bucketMs);
    let seen: Seen = { count: 0, firstMs: undefined };
    for (const bucket of ring) {
      if (bucket === undefined || bucket.index > last || bucket.index <= last - Math.min(count, buckets)) continue;
      seen = { count: seen.count + bucket.count, firstMs: Math.min(seen.firstMs ?? bucket.firstMs, bucket.firstMs) };
    }
    return seen;
  };

  return { add, until, save: () => ring.flatMap((bucket) => bucket ?? []) };
};

/** The last minute, by the second. */
export const minuteRing = (saved?: SavedRing): Ring => createRing({ bucketMs: 1_000, buckets: 60 }, saved);
/** The last ten minutes, by ten seconds. */
export const tenMinuteRing = (saved?: SavedRing): Ring => createRing({ bucketMs: 10_000, buckets: 60 }, saved);
/** The last hour, by the minute. */
export const hourRing = (saved?: SavedRing): Ring => createRing({ bucketMs: 60_000, buckets: 60 }, saved);
