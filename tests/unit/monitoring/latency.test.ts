import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLatency } from '../../../functions/monitoring/latency.ts';

const latencyOf = (values: Iterable<number>) => {
  const latency = createLatency();
  for (const value of values) latency.add(value);
  return latency;
};

/** The value at the nearest rank, as the definition has it. */
const nearestRank = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length) - 1)] ?? 0;

const durations = fc.array(fc.integer({ min: 0, max: 100_000_000 }), { minLength: 1, maxLength: 300 });

describe('a distribution of latencies', () => {
  it('is exact up to 1,000 values, whatever their order', () => {
    fc.assert(
      fc.property(durations, (values) => {
        const { p50, p99 } = latencyOf(values).percentiles();
        expect([p50, p99]).toEqual([nearestRank(values, 0.5), nearestRank(values, 0.99)]);
      }),
    );
  });

  it('is at most 0.6 % off with more values, and does not depend on their order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 2, max: 5000 }), (seed, spread) => {
        const values = Array.from({ length: 10_500 }, (_, at) => 1 + ((at * (2 * seed + 1)) % 10_501) * spread);
        const upwards = latencyOf(values).percentiles();
        const downwards = latencyOf(values.toReversed()).percentiles();
        expect(downwards).toEqual(upwards);
        for (const [share, found] of [
          [0.5, upwards.p50],
          [0.99, upwards.p99],
        ] as const) {
          const exact = nearestRank(values, share);
          expect(Math.abs((found ?? 0) - exact) / exact).toBeLessThan(0.006);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('says nothing before the first value and takes a clock that ran backwards for 0', () => {
    expect(latencyOf([]).percentiles()).toEqual({ p50: null, p99: null });
    expect(latencyOf([-5]).percentiles()).toEqual({ p50: 0, p99: 0 });
  });
});
