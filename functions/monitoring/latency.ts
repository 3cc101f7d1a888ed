import * as z from 'zod';
import type { Percentiles } from '#schema/status';

/**
 * A distribution of durations in bounded memory. Up to 1,000 values every one is kept and the percentiles are exact;
 * from then on values are counted in buckets that grow by 1 %, so a percentile is at most 0.5 % off (2,100 buckets reach
 * from 1 ms to a month). It depends on the values only, never on their order.
 */
export type Latency = {
  readonly add: (durationMs: number) => void;
  readonly count: () => number;
  readonly percentiles: () => Percentiles;
  readonly save: () => SavedLatency;
};

/** The values, or the buckets that are not empty with their counts, in turn: `{"buckets": [531, 2, 532, 17]}`. */
export const SavedLatency = z.union([
  z.object({ values: z.array(z.number().min(0)) }),
  z.object({ buckets: z.array(z.int().min(0)) }),
]);
export type SavedLatency = z.infer<typeof SavedLatency>;

const exactValues = 1_000;
const growth = Math.log(1.01);

/** 0 holds everything below 1 ms; bucket n holds [1.01^(n-1), 1.01^n) ms. */
const bucketOf = (durationMs: number): number => (durationMs < 1 ? 0 : Math.floor(Math.log(durationMs) / growth) + 1);
/** The middle of a bucket, in proportion. */
const middleOf = (bucket: number): number => (bucket === 0 ? 0.5 : Math.exp((bucket - 0.5) * growth));

/** Position of a percentile among `count` sorted values, counted from 0: the nearest rank. */
const rankOf = (share: number, count: number): number => Math.max(0, Math.ceil(share * count) - 1);

const rounded = (value: number): number => Math.round(value * 10) / 10;

/** Finds the value at a rank in a histogram. */
const valueAt = (buckets: readonly number[], rank: number): number => {
  let before = 0;
  for (const [bucket, held] of buckets.entries()) {
    before += held ?? 0;
    if (before > rank) return middleOf(bucket);
  }
  return 0;
};

const bucketsOf = (saved: readonly number[]): number[] => {
  const buckets: number[] = [];
  for (let index = 0; index < saved.length; index += 2) {
    const [at = 0, held = 0] = saved.slice(index, index + 2);
    while (buckets.length <= at) buckets.push(0);
    buckets[at] = held;
  }
  return buckets;
};

/** A distribution as it was saved; an empty one by default. */
export const createLatency = (saved: SavedLatency = { values: [] }): Latency => {
  let values: number[] = 'values' in saved ? [...saved.values] : [];
  let isSorted = false;
  let buckets: number[] | undefined = 'buckets' in saved ? bucketsOf(saved.buckets) : undefined;
  let count = buckets === undefined ? values.length : buckets.reduce((sum, held) => sum + held, 0);

  const bucket = (into: number[], durationMs: number): void => {
    const at = bucketOf(durationMs);
    while (into.length <= at) into.push(0);
    into[at] = (into[at] ?? 0) + 1;
  };

  const add = (durationMs: number): void => {
    // Clocks of two machines may disagree by a little; time never ran backwards for the STF.
    const value = Math.max(0, durationMs);
    count += 1;
    if (buckets) bucket(buckets, value);
    else values.push(value);
    isSorted = false;
    if (values.length <= exactValues) return;
    buckets = [];
    for (const kept of values) bucket(buckets, kept);
    values = [];
  };

  const at = (share: number): number => {
    const rank = rankOf(share, count);
    if (buckets) return rounded(valueAt(buckets, rank));
    if (!isSorted) values.sort((a, b) => a - b);
    isSorted = true;
    return rounded(values[rank] ?? 0);
  };

  return {
    add,
    count: () => count,
    save: () =>
      buckets === undefined
        ? { values: [...values] }
        : { buckets: [...buckets.entries()].flatMap((entry) => (entry[1] === 0 ? [] : entry)) },
    percentiles: () => (count === 0 ? { p50: null, p99: null } : { p50: at(0.5), p99: at(0.99) }),
  };
};
