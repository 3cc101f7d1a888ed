import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tfRangeOf } from '#lib/model/tf-range';
import { coverages, tfSegments } from '#lib/records';
import { coverageId, gapAround, segmentId, stfsOfTf } from '#lib/tf-places';
import type { ArchivedStf } from '#schema/stf';
import { indexStfs } from '../../../functions/metadata/index-stfs.fn.ts';
import { aDeps, type TestDeps } from '../../builders/a-deps.ts';

const run = 1001;
const tfOf = (sequence: number, place = 0) =>
  tfRangeOf({ run, sequence, tfCount: 1, tfsPerStf: 1000 }).tfFirst + BigInt(place);

/** An STF of 1000 TFs without those at the places `missing`. */
const anArchived = (sequence: number, missing: readonly number[] = []): ArchivedStf => {
  const edges = [-1, ...missing, 1000];
  const tfRanges = edges.slice(1).flatMap((end, at) => {
    const first = (edges[at] ?? -1) + 1;
    return first < end ? [{ tfFirst: String(tfOf(sequence, first)), tfEnd: String(tfOf(sequence, end)) }] : [];
  });
  const name = `swf.${run}.${String(sequence).padStart(6, '0')}.stf`;
  return {
    stfId: `test_stf_00001001-${String(sequence).padStart(8, '0')}`,
    runId: 'test_run_00001001',
    sequence,
    name,
    objectKey: `00001001/${name}`,
    content: {
      layout: 'papilio-stf-1',
      tfCount: 1000 - missing.length,
      tfRanges,
      tfsMissing: missing.map((place) => ({
        tfFirst: String(tfOf(sequence, place)),
        tfEnd: String(tfOf(sequence, place + 1)),
      })),
      indexFirstByte: 1_000_000,
      state: 'run',
      substate: 'physics',
    },
  };
};
const enter = (deps: TestDeps, ...stfs: readonly ArchivedStf[]) =>
  indexStfs.runBatch(
    stfs.map((input, at) => ({ itemId: String(at), input })),
    deps,
  );
const coveredEvents = async (deps: TestDeps) => (await deps.events()).filter(({ type }) => type === 'run.covered');

test('a TF is found in its STF, and one that is missing in none', async () => {
  const deps = aDeps();
  expect(await enter(deps, anArchived(1), anArchived(2, [10, 11]), anArchived(17))).toEqual([]);
  expect(await stfsOfTf(tfOf(1, 999), deps)).toEqual({ run, sequences: [1] });
  expect(await stfsOfTf(tfOf(2, 9), deps)).toEqual({ run, sequences: [2] });
  expect(await stfsOfTf(tfOf(2, 10), deps)).toEqual({ run, sequences: [] });
  expect(await stfsOfTf(tfOf(17, 0), deps)).toEqual({ run, sequences: [17] });
  expect(await stfsOfTf(tfOf(18, 0), deps)).toEqual({ run, sequences: [] });
});

test('a gap is named by the STFs around it, also across empty segments', async () => {
  const deps = aDeps();
  await enter(deps, anArchived(1), anArchived(2, [10, 11]), anArchived(70));
  expect(await gapAround(tfOf(2, 10), deps)).toEqual({
    before: { tf: tfOf(2, 10), sequence: 2 },
    after: { tf: tfOf(2, 12), sequence: 2 },
  });
  const wide = { before: { tf: tfOf(3), sequence: 2 }, after: { tf: tfOf(70), sequence: 70 } };
  for (const sequence of [3, 16, 40, 69]) expect(await gapAround(tfOf(sequence), deps)).toEqual(wide);
  expect(await gapAround(tfOf(0), deps)).toEqual({ after: { tf: tfOf(1), sequence: 1 } });
  expect(await gapAround(tfOf(71), deps)).toEqual({ before: { tf: tfOf(71), sequence: 70 } });
  expect(await gapAround(0n, deps)).toEqual({});
});

test('gaps are told when they come and when a late STF closes them, and else nothing is', async () => {
  const deps = aDeps();
  await enter(deps, anArchived(1));
  await enter(deps, anArchived(2));
  expect(await coveredEvents(deps)).toEqual([]);
  await enter(deps, anArchived(4));
  expect((await coveredEvents(deps)).at(-1)?.data).toMatchObject({ run, gaps: 1, tfsHeld: 3000, tfsOverlapped: 0 });
  await enter(deps, anArchived(5));
  expect(await coveredEvents(deps)).toHaveLength(1);
  await enter(deps, anArchived(3));
  expect((await coveredEvents(deps)).at(-1)?.data).toMatchObject({ gaps: 0, tfsHeld: 5000 });
});

test('an overlap is kept with both of its STFs, and told', async () => {
  const deps = aDeps();
  const odd = anArchived(2);
  const shifted = { tfFirst: String(tfOf(1, 500)), tfEnd: String(tfOf(2, 500)) };
  const { content } = odd;
  await enter(deps, anArchived(1), { ...odd, ...(content && { content: { ...content, tfRanges: [shifted] } }) });
  expect(await stfsOfTf(tfOf(1, 700), deps)).toEqual({ run, sequences: [1, 2] });
  expect((await coveredEvents(deps)).at(-1)?.data).toMatchObject({ tfsOverlapped: 500 });
});

test('an STF whose TFs lie in more segments than a transaction takes is entered whole', async () => {
  const deps = aDeps();
  const { content, ...stf } = anArchived(0);
  const tfRanges = Array.from({ length: 250 }, (_, at) => {
    const tfFirst = tfOf(0) + BigInt(at) * 16_384n;
    return { tfFirst: String(tfFirst), tfEnd: String(tfFirst + 5n) };
  });
  expect(await enter(deps, { ...stf, ...(content && { content: { ...content, tfRanges } }) }, anArchived(3))).toEqual(
    [],
  );
  for (const { tfFirst } of tfRanges) expect(await stfsOfTf(BigInt(tfFirst), deps)).toEqual({ run, sequences: [0] });
  expect((await coverages.need(deps.store, coverageId(run, deps))).doc.others).toHaveLength(250);
});

test('a file of an unknown layout enters nothing and holds nobody up', async () => {
  const deps = aDeps();
  const { content: _, ...unknown } = anArchived(1);
  expect(await enter(deps, unknown, anArchived(2))).toEqual([]);
  expect(await stfsOfTf(tfOf(1), deps)).toEqual({ run, sequences: [] });
  expect(await stfsOfTf(tfOf(2), deps)).toEqual({ run, sequences: [2] });
});

test('any order, any grouping and any repeats give the same records', async () => {
  const stfs = [0, 1, 2, 3, 15, 16, 17, 40].map((sequence) => anArchived(sequence, sequence % 3 === 0 ? [5, 900] : []));
  const recordsOf = async (deps: TestDeps) => [
    (await coverages.need(deps.store, coverageId(run, deps))).doc,
    await Promise.all([0, 1, 2].map(async (at) => (await tfSegments.get(deps.store, segmentId(run, at, deps)))?.doc)),
  ];
  const straight = aDeps();
  await enter(straight, ...stfs);
  const expected = await recordsOf(straight);
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray(stfs, { minLength: stfs.length }),
      fc.array(fc.constantFrom(...stfs), { maxLength: 4 }),
      fc.integer({ min: 1, max: 4 }),
      async (order, repeats, size) => {
        const deps = aDeps();
        const arrived = [...order, ...repeats];
        for (let at = 0; at < arrived.length; at += size) await enter(deps, ...arrived.slice(at, at + size));
        expect(await recordsOf(deps)).toEqual(expected);
      },
    ),
    { numRuns: 30 },
  );
});
