import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coverageOf } from '#lib/model/tf-range';
import { addSpectra } from '../../../../../local/sim/daq/spectrum.ts';
import type { HitsFile } from '../../../../../local/sim/payload/hits-file.ts';
import { createMergeSum } from '../../../../../local/sim/payload/merge-sum.ts';

const tfsPerStf = 10;
const fileOf = (sequence: number, missing: number): HitsFile => {
  const first = sequence * tfsPerStf;
  const range = { tfFirst: String(first), tfEnd: String(first + tfsPerStf - missing) };
  const charge = [sequence % 7, sequence % 3];
  return {
    run: 1,
    sequence,
    ...range,
    bxFirst: '0',
    bxEnd: '1',
    tfCount: tfsPerStf - missing,
    tfRanges: [range],
    tfsMissing: [],
    hits: sequence,
    detectors: { tracker: { hits: sequence, charge } },
  };
};
const merging = (files: readonly HitsFile[]) => {
  const sum = createMergeSum();
  for (const file of files) sum.add(`${file.sequence}.json`, file);
  return sum.merged();
};

test('the sum of many files, added one at a time, is that of all of them at once', () => {
  const files = fc
    .uniqueArray(fc.nat(3000), { minLength: 1, maxLength: 2500 })
    .map((all) => all.map((sequence) => fileOf(sequence, sequence % 2)));
  fc.assert(
    fc.property(files, (all) => {
      const { ranges, gaps } = coverageOf(
        all.flatMap(({ tfRanges }) =>
          tfRanges.map((one) => ({ tfFirst: BigInt(one.tfFirst), tfEnd: BigInt(one.tfEnd) })),
        ),
      );
      const text = (some: typeof ranges) =>
        some.map((one) => ({ tfFirst: String(one.tfFirst), tfEnd: String(one.tfEnd) }));
      expect(merging(all)).toMatchObject({
        hits: all.reduce((sum, { hits }) => sum + hits, 0),
        tfCount: all.reduce((sum, { tfCount }) => sum + tfCount, 0),
        ranges: text(ranges),
        gaps: text(gaps),
        detectors: addSpectra(all.map(({ detectors }) => detectors)),
      });
    }),
    { numRuns: 20 },
  );
});

test('TFs that come again are found however many files lie between', () => {
  const files = Array.from({ length: 2500 }, (_, sequence) => fileOf(sequence, 0));
  expect(() => merging([...files, fileOf(3, 0)])).toThrow('TFs are in two inputs');
  expect(() => merging([...files, { ...fileOf(9000, 0), run: 2 }])).toThrow('9000.json is of run 2, not 1');
});
