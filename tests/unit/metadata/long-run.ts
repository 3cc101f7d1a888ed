import { tfsOfBx } from '#lib/model/bx-places';
import { runTotals } from '#lib/model/run-coverage';
import { stfName } from '#lib/model/stf-name';
import { rangesOfSpan, spanOf, tfAt } from '#lib/model/tf-range';
import { coverages } from '#lib/records';
import { readBxPerTfs, readNumbering } from '#lib/run-numbering';
import { coverageId, stfsOfTf } from '#lib/tf-places';
import type { ArchivedStf } from '#schema/stf';
import { indexStfs } from '../../../functions/metadata/index-stfs.fn.ts';
import type { TestDeps } from '../../builders/a-deps.ts';

const run = 2_097_153;
const tfsPerStf = 1000;
const batch = 200;

const reportOf = (sequence: number, deps: TestDeps): ArchivedStf => ({
  stfId: deps.ids.stf(run, sequence),
  runId: deps.ids.run(run),
  sequence,
  name: stfName({ run, sequence }),
  objectKey: 'none',
  content: {
    layout: 'papilio-stf-1',
    tfsPerStf,
    bxPerTf: 65_536,
    tfCount: tfsPerStf,
    tfRanges: rangesOfSpan(spanOf({ run, sequence, tfCount: tfsPerStf, tfsPerStf })).map(({ tfFirst, tfEnd }) => ({
      tfFirst: String(tfFirst),
      tfEnd: String(tfEnd),
    })),
    tfsMissing: [],
    indexFirstByte: 0,
    state: 'run',
    substate: 'physics',
  },
});

/** Enters a run of STFs into the catalogue; returns the totals of its coverage, and samples of its crossings with their STFs. */
export const aLongRun = async (deps: TestDeps, first: number, end: number, samples: number) => {
  for (let at = first; at < end; at += batch) {
    const sequences = Array.from({ length: Math.min(batch, end - at) }, (_, n) => at + n);
    const items = sequences.map((sequence) => ({ itemId: String(sequence), input: reportOf(sequence, deps) }));
    const failed = await indexStfs.runBatch(items, deps);
    if (failed.length > 0) throw new Error(`failed: ${failed.join(', ')}`);
  }
  const numbering = {
    values: () => readBxPerTfs(deps),
    bxPerTfOf: async (of: number) => (await readNumbering(of, deps)).bxPerTf,
  };
  const missed: number[] = [];
  for (let n = 0; n < samples; n++) {
    const sequence = first + Math.floor(((end - first) * n) / samples);
    const bx = tfAt(run, sequence * tfsPerStf + (n % tfsPerStf)) * 65_536n + BigInt(n % 65_536);
    const [place] = await tfsOfBx(bx, numbering);
    const found = place && (await stfsOfTf(place.tf, deps));
    if (found?.run !== run || found.sequences.join() !== String(sequence)) missed.push(sequence);
  }
  return { totals: runTotals((await coverages.need(deps.store, coverageId(run, deps))).doc), missed };
};
