import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BLOCKS_PER_RUN,
  bxRangeOf,
  coverageOf,
  holdsTf,
  missingIn,
  ordinalIn,
  placeOf,
  RUN_END,
  rangesOfSpan,
  runPlaceOf,
  SEQUENCE_END,
  spanOf,
  TFS_PER_BLOCK,
  TFS_PER_RUN,
  tfAt,
  tfRangeOf,
} from '#lib/model/tf-range';
import { BxRange, TfRange } from '#schema/tf';

const RUN_21 = 2 ** 21;
const runs = fc.oneof(
  fc.integer({ min: 0, max: RUN_END - 1 }),
  fc.integer({ min: 0, max: RUN_21 - 1 }),
  fc.constantFrom(0, 1, RUN_21 - 1, RUN_21, RUN_21 + 1, 2 * RUN_21, RUN_END - 1),
);
/** Any TFs an STF, any sequence that has numbers with them, borders of blocks among them. */
const places = fc
  .record({
    run: runs,
    tfsPerStf: fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 2 ** 27 })),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    block: fc.integer({ min: 1, max: BLOCKS_PER_RUN - 1 }),
    isAtBorder: fc.boolean(),
  })
  .map(({ run, tfsPerStf, share, block, isAtBorder }) => {
    const last = Math.min(SEQUENCE_END, Math.floor(TFS_PER_RUN / tfsPerStf)) - 1;
    const border = Math.floor((block * TFS_PER_BLOCK) / tfsPerStf);
    return {
      run,
      tfsPerStf,
      tfCount: tfsPerStf,
      sequence: Math.min(last, isAtBorder ? border : Math.round(last * share)),
    };
  });

describe('the numbering of TFs and BXs', () => {
  it('gives the numbers of the formula', () => {
    const range = tfRangeOf({ run: 102_363, sequence: 1, tfCount: 1000, tfsPerStf: 1000 });
    expect(range).toEqual({ tfFirst: 13_738_929_292_264n, tfEnd: 13_738_929_293_264n });
    expect(bxRangeOf(range)).toEqual({ bxFirst: 900_394_470_097_813_504n, bxEnd: 900_394_470_163_349_504n });
  });

  it('keeps every number of block 0 of a run below 2^21, and gives block k the number run + k · 2^21', () => {
    fc.assert(
      fc.property(fc.nat(RUN_21 - 1), fc.nat(BLOCKS_PER_RUN - 1), fc.nat(TFS_PER_BLOCK - 1), (run, block, index) => {
        expect(tfAt(run, index)).toBe(BigInt(run) * 2n ** 27n + BigInt(index));
        const number = BigInt(run) + BigInt(block) * 2n ** 21n;
        expect(tfAt(run, block * TFS_PER_BLOCK + index)).toBe(number * 2n ** 27n + BigInt(index));
      }),
    );
  });

  it('never gives two TFs of any runs the same number, for every number leads back to its run and place', () => {
    fc.assert(
      fc.property(runs, fc.oneof(fc.nat(2 ** 28), fc.maxSafeInteger()), (run, any) => {
        const index = Math.abs(any) % TFS_PER_RUN;
        const tf = tfAt(run, index);
        expect(tf).toBeLessThan(2n ** 64n);
        expect(runPlaceOf(tf)).toEqual({ run, index });
      }),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (tf) => {
        const { run, index } = runPlaceOf(tf);
        expect(tfAt(run, index)).toBe(tf);
      }),
    );
  });

  it('rises within a run from one block to the next', () => {
    fc.assert(
      fc.property(runs, fc.nat(BLOCKS_PER_RUN - 2), (run, block) => {
        const first = (block + 1) * TFS_PER_BLOCK;
        expect(tfAt(run, first)).toBeGreaterThan(tfAt(run, first - 1));
      }),
    );
  });

  it('leaves no gap and no overlap between an STF and the next of its run', () => {
    fc.assert(
      fc.property(places, (place) => {
        fc.pre(place.sequence > 0);
        const [before, after] = [spanOf({ ...place, sequence: place.sequence - 1 }), spanOf(place)];
        expect(before.end).toBe(after.first);
        const { overlaps, gaps } = coverageOf([...rangesOfSpan(before), ...rangesOfSpan(after)]);
        expect({ overlaps, gaps }).toEqual({ overlaps: [], gaps: [] });
      }),
    );
  });

  it('cuts an STF in two where it lies in two blocks of its run', () => {
    const place = { run: 1001, sequence: 134_217, tfCount: 1000, tfsPerStf: 1000 };
    const second = (1001n + 2n ** 21n) * 2n ** 27n;
    expect(rangesOfSpan(spanOf(place))).toEqual([
      { tfFirst: 1001n * 2n ** 27n + 134_217_000n, tfEnd: 1002n * 2n ** 27n },
      { tfFirst: second, tfEnd: second + 272n },
    ]);
    expect(tfRangeOf(place)).toEqual({ tfFirst: 1001n * 2n ** 27n + 134_217_000n, tfEnd: second + 272n });
    fc.assert(
      fc.property(places, (one) => {
        const span = spanOf(one);
        const ranges = rangesOfSpan(span);
        expect(ranges.reduce((sum, { tfFirst, tfEnd }) => sum + Number(tfEnd - tfFirst), 0)).toBe(one.tfCount);
        for (const { tfFirst, tfEnd } of ranges)
          expect([holdsTf(span, tfFirst), holdsTf(span, tfEnd - 1n)]).toEqual([true, true]);
        expect(holdsTf(span, ranges.at(-1)?.tfEnd ?? 0n)).toBe(false);
      }),
    );
  });

  it('finds run, sequence and TF of every crossing', () => {
    const bxPerTfs = fc.oneof(fc.constant(65_536), fc.integer({ min: 1, max: 2 ** 32 - 1 }));
    fc.assert(
      fc.property(
        places,
        fc.nat(),
        bxPerTfs,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (place, step, bxPerTf, share) => {
          const { run, sequence, tfsPerStf } = place;
          const indexInStf = step % tfsPerStf;
          const bxInTf = Math.floor(bxPerTf * share);
          const indexInRun = sequence * tfsPerStf + indexInStf;
          const tf = tfAt(run, indexInRun);
          const bx = tf * BigInt(bxPerTf) + BigInt(bxInTf);
          expect(bx).toBeLessThan(2n ** 96n);
          expect(placeOf(bx, { tfsPerStf, bxPerTf })).toEqual({ run, sequence, tf, indexInRun, indexInStf, bxInTf });
        },
      ),
    );
  });

  it('has numbers for the last sequence of the last run, and none beyond', () => {
    const last = { run: RUN_END - 1, sequence: SEQUENCE_END - 1, tfCount: 1374, tfsPerStf: 1374 };
    expect(runPlaceOf(tfRangeOf(last).tfFirst)).toEqual({ run: RUN_END - 1, index: (SEQUENCE_END - 1) * 1374 });
    expect(() => spanOf({ ...last, tfCount: 1375, tfsPerStf: 1375 })).toThrow(/passes the 137438953472 TFs/);
    expect(() => placeOf(2n ** 80n)).toThrow(RangeError);
    expect(() => placeOf(2n ** 80n - 1n)).toThrow(/^run 134217727 /);
    expect(() => placeOf(-1n)).toThrow(RangeError);
    expect(() => bxRangeOf(tfRangeOf(last), 2 ** 32)).toThrow(RangeError);
  });

  it('loses no digit through JSON', () => {
    fc.assert(
      fc.property(places, (place) => {
        const range = tfRangeOf(place);
        const bxs = bxRangeOf(range, 2 ** 32 - 1);
        const wire = JSON.stringify({ ...TfRange.encode(range), ...BxRange.encode(bxs) });
        expect(TfRange.decode(JSON.parse(wire))).toEqual(range);
        expect(BxRange.decode(JSON.parse(wire))).toEqual(bxs);
      }),
    );
  });

  it.each([
    ['a run of 2^60', { run: 2 ** 60 }, /^run 115292150460684/],
    ['a run of 9 digits', { run: 100_000_000 }, /^run 100000000 /],
    ['a run below 0', { run: -1 }, /^run -1 /],
    ['half a run', { run: 1.5 }, /^run 1.5 /],
    ['a sequence below 0', { sequence: -1 }, /^sequence -1 /],
    ['a sequence of 9 digits', { sequence: 100_000_000 }, /^sequence 100000000 /],
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

  it('joins what follows each other from one block of a run to the next, and cuts gaps at their border', () => {
    const at = (index: number) => tfAt(1001, index);
    const upToBorder = { tfFirst: at(TFS_PER_BLOCK - 5), tfEnd: at(TFS_PER_BLOCK - 1) + 1n };
    const fromBorder = { tfFirst: at(TFS_PER_BLOCK), tfEnd: at(TFS_PER_BLOCK + 7) };
    expect(coverageOf([fromBorder, upToBorder])).toEqual({ ranges: [upToBorder, fromBorder], gaps: [], overlaps: [] });
    const late = { tfFirst: at(TFS_PER_BLOCK + 3), tfEnd: at(TFS_PER_BLOCK + 7) };
    const early = { tfFirst: at(10), tfEnd: at(20) };
    expect(coverageOf([late, early]).gaps).toEqual([
      { tfFirst: at(20), tfEnd: at(TFS_PER_BLOCK - 1) + 1n },
      { tfFirst: at(TFS_PER_BLOCK), tfEnd: at(TFS_PER_BLOCK + 3) },
    ]);
    expect(missingIn({ run: 1001, first: TFS_PER_BLOCK - 5, end: TFS_PER_BLOCK + 7 }, [upToBorder, late])).toEqual([
      { tfFirst: at(TFS_PER_BLOCK), tfEnd: at(TFS_PER_BLOCK + 3) },
    ]);
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
