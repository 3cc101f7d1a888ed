import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bxRangeOf, coverageOf, ordinalIn, placeOf, RUN_END, TFS_PER_RUN, tfRangeOf } from '#lib/model/tf-range';
import { BxRange, TfRange } from '#schema/tf';

const runs = fc.integer({ min: 0, max: RUN_END - 1 });
const places = fc
  .record({
    run: runs,
    tfsPerStf: fc.integer({ min: 1, max: 5000 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ run, tfsPerStf, share }) => {
    const last = Math.floor(TFS_PER_RUN / tfsPerStf) - 1;
    return { run, tfsPerStf, tfCount: tfsPerStf, sequence: Math.round(last * share) };
  });

describe('the numbering of TFs and BXs', () => {
  it('gives the numbers of the formula', () => {
    const range = tfRangeOf({ run: 102_363, sequence: 1, tfCount: 1000, tfsPerStf: 1000 });
    expect(range).toEqual({ tfFirst: 13_738_929_292_264n, tfEnd: 13_738_929_293_264n });
    expect(bxRangeOf(range)).toEqual({ bxFirst: 900_394_470_097_813_504n, bxEnd: 900_394_470_163_349_504n });
  });

  it('leaves no gap and no overlap between an STF and the next of its run', () => {
    fc.assert(
      fc.property(places, (place) => {
        fc.pre(place.sequence > 0);
        const before = tfRangeOf({ ...place, sequence: place.sequence - 1 });
        expect(before.tfEnd).toBe(tfRangeOf(place).tfFirst);
        expect(bxRangeOf(before).bxEnd).toBe(bxRangeOf(tfRangeOf(place)).bxFirst);
      }),
    );
  });

  it('never gives two STFs the same TF', () => {
    fc.assert(
      fc.property(places, runs, fc.nat(), (place, run, step) => {
        const last = Math.floor(TFS_PER_RUN / place.tfsPerStf);
        const other = { ...place, run, sequence: (place.sequence + step) % last };
        fc.pre(other.run !== place.run || other.sequence !== place.sequence);
        const [a, b] = [tfRangeOf(place), tfRangeOf(other)];
        expect(a.tfEnd <= b.tfFirst || b.tfEnd <= a.tfFirst).toBe(true);
      }),
    );
  });

  it('finds run, sequence and TF of every crossing', () => {
    fc.assert(
      fc.property(places, fc.nat(), fc.integer({ min: 0, max: 65_535 }), (place, step, bxInTf) => {
        const indexInStf = step % place.tfsPerStf;
        const tf = tfRangeOf(place).tfFirst + BigInt(indexInStf);
        const { run, sequence, tfsPerStf } = place;
        const indexInRun = sequence * tfsPerStf + indexInStf;
        const found = placeOf(tf * 65_536n + BigInt(bxInTf), { tfsPerStf });
        expect(found).toEqual({ run, sequence, tf, indexInRun, indexInStf, bxInTf });
      }),
    );
  });

  it('fills 64 bits to the last number and not beyond', () => {
    const last = { run: RUN_END - 1, sequence: TFS_PER_RUN / 1024 - 1, tfCount: 1024, tfsPerStf: 1024 };
    expect(bxRangeOf(tfRangeOf(last)).bxEnd).toBe(2n ** 64n);
    expect(placeOf(2n ** 64n - 1n)).toMatchObject({ run: RUN_END - 1, indexInRun: TFS_PER_RUN - 1, bxInTf: 65_535 });
    expect(() => bxRangeOf(tfRangeOf(last), 65_537)).toThrow(RangeError);
    expect(() => placeOf(2n ** 64n)).toThrow(RangeError);
    expect(() => placeOf(-1n)).toThrow(RangeError);
  });

  it('loses no digit through JSON', () => {
    fc.assert(
      fc.property(places, (place) => {
        const range = tfRangeOf(place);
        const bxs = bxRangeOf(range);
        // The end of the very last STF of the last run is one more than 64 bits hold.
        fc.pre(bxs.bxEnd < 2n ** 64n);
        const wire = JSON.stringify({ ...TfRange.encode(range), ...BxRange.encode(bxs) });
        expect(TfRange.decode(JSON.parse(wire))).toEqual(range);
        expect(BxRange.decode(JSON.parse(wire))).toEqual(bxs);
      }),
    );
  });

  it.each([
    ['a run of 2^60', { run: 2 ** 60 }, /^run 115292150460684/],
    ['a run below 0', { run: -1 }, /^run -1 /],
    ['half a run', { run: 1.5 }, /^run 1.5 /],
    ['a sequence below 0', { sequence: -1 }, /^sequence -1 /],
    ['a sequence beyond the run', { sequence: 134_218 }, /^sequence 134218 .* passes the 134217728 TFs/],
    ['no TFs', { tfCount: 0 }, /^tfCount 0 /],
    ['more TFs than an STF has', { tfCount: 1001 }, /^tfCount 1001 /],
    ['STFs without TFs', { tfsPerStf: 0 }, /^tfsPerStf 0 /],
  ])('refuses %s by name', (_, wrong, message) => {
    const place = { run: 1, sequence: 0, tfCount: 1000, tfsPerStf: 1000, ...wrong };
    expect(() => tfRangeOf(place)).toThrow(message);
    expect(() => tfRangeOf(place)).toThrow(RangeError);
  });
});

describe('the coverage of ranges', () => {
  const range = (tfFirst: number, tfEnd: number) => ({ tfFirst: BigInt(tfFirst), tfEnd: BigInt(tfEnd) });

  it('names what is there, missing and there twice', () => {
    expect(coverageOf([range(7, 9), range(0, 3), range(3, 5), range(8, 12), range(8, 9)])).toEqual({
      ranges: [range(0, 5), range(7, 12)],
      gaps: [range(5, 7)],
      overlaps: [range(8, 12), range(8, 9)].map(({ tfFirst }) => ({ tfFirst, tfEnd: 9n })),
    });
    expect(coverageOf([])).toEqual({ ranges: [], gaps: [], overlaps: [] });
  });

  it('agrees with counting TFs one by one, in any order', () => {
    const parts = fc.array(
      fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 9 })).map(([first, length]) => range(first, first + length)),
      { maxLength: 8 },
    );
    const tfsOf = (ranges: readonly TfRange[]) =>
      new Set(
        ranges.flatMap(({ tfFirst, tfEnd }) =>
          Array.from({ length: Number(tfEnd - tfFirst) }, (_, at) => Number(tfFirst) + at),
        ),
      );
    fc.assert(
      fc.property(parts, (list) => {
        const { ranges, gaps, overlaps } = coverageOf(list);
        const times = new Map<number, number>();
        for (const part of list) for (const tf of tfsOf([part])) times.set(tf, (times.get(tf) ?? 0) + 1);
        const [first, end] = [Math.min(...times.keys()), Math.max(...times.keys()) + 1];
        const between = Array.from({ length: Math.max(0, end - first) }, (_, at) => first + at);
        expect(tfsOf(ranges)).toEqual(new Set(times.keys()));
        expect(tfsOf(gaps)).toEqual(new Set(between.filter((tf) => !times.has(tf))));
        expect(tfsOf(overlaps)).toEqual(new Set(between.filter((tf) => (times.get(tf) ?? 0) > 1)));
      }),
    );
  });
});

describe('the place of a TF in a file with missing TFs', () => {
  it('counts those that are there', () => {
    const range = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }));
    fc.assert(
      fc.property(fc.array(range, { maxLength: 6 }), (steps) => {
        let end = 0n;
        const ranges = steps.map(([gap, length]) => {
          const tfFirst = end + BigInt(gap);
          end = tfFirst + BigInt(length);
          return { tfFirst, tfEnd: end };
        });
        const tfs = ranges.flatMap(({ tfFirst, tfEnd }) =>
          Array.from({ length: Number(tfEnd - tfFirst) }, (_, at) => tfFirst + BigInt(at)),
        );
        for (let tf = 0n; tf <= end; tf++) {
          const place = tfs.indexOf(tf);
          expect(ordinalIn(ranges, tf)).toBe(place < 0 ? undefined : place);
        }
      }),
    );
  });
});
