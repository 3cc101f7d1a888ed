import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRing } from '../../../functions/monitoring/ring.ts';

const bucketMs = 1_000;
const buckets = 60;
const moments = fc.array(fc.integer({ min: 0, max: 200_000 }), { maxLength: 200 });

const ringOf = (all: readonly number[]) => {
  const ring = createRing({ bucketMs, buckets });
  for (const atMs of all) ring.add(atMs);
  return ring;
};

describe('a ring of moments', () => {
  it('counts what lies in its span, in whatever order the moments came', () => {
    fc.assert(
      fc.property(moments, fc.integer({ min: 0, max: 20_000 }), fc.infiniteStream(fc.nat()), (all, laterMs, keys) => {
        const shuffled = all
          .map((atMs) => [keys.next().value, atMs] as const)
          .toSorted(([a], [b]) => a - b)
          .map(([, atMs]) => atMs);
        const nowMs = Math.max(0, ...all) + laterMs;
        const first = (Math.floor(nowMs / bucketMs) - buckets + 1) * bucketMs;
        const live = all.filter((atMs) => atMs >= first);
        const expected = { count: live.length, firstMs: live.length === 0 ? undefined : Math.min(...live) };
        expect(ringOf(shuffled).until(nowMs)).toEqual(expected);
      }),
    );
  });

  it('does not count what lies ahead of now', () => {
    expect(ringOf([5_000]).until(4_000)).toEqual({ count: 0, firstMs: undefined });
    expect(ringOf([5_000]).until(5_000)).toEqual({ count: 1, firstMs: 5_000 });
  });
});
