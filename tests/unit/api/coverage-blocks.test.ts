import { expect, test } from 'vitest';
import { rangesOfSpan, tfAt } from '#lib/model/tf-range';
import type { ArchivedStf } from '#schema/stf';
import { coverageOf } from '../../../functions/api/coverage-view.ts';
import { indexStfs } from '../../../functions/metadata/index-stfs.fn.ts';
import { aDeps } from '../../builders/a-deps.ts';
import { anItem } from '../../builders/a-job.ts';

const run = 1001;
const border = 2 ** 27;

const reportOf = (sequence: number, first: number, end: number): ArchivedStf => ({
  stfId: `test_stf_00001001-${sequence}`,
  runId: 'test_run_00001001',
  sequence,
  name: `swf.1001.${sequence}.stf`,
  objectKey: 'none',
  content: {
    layout: 'papilio-stf-1',
    tfCount: end - first,
    tfRanges: rangesOfSpan({ run, first, end }).map(({ tfFirst, tfEnd }) => ({
      tfFirst: `${tfFirst}`,
      tfEnd: `${tfEnd}`,
    })),
    tfsMissing: [],
    indexFirstByte: 0,
    state: 'run',
    substate: 'physics',
  },
});

test('the coverage of a run goes from one block to the next, on pages of any size', async () => {
  const deps = aDeps();
  const stfs = [
    reportOf(134_216, border - 20, border - 10),
    reportOf(134_217, border - 10, border + 5),
    reportOf(134_218, border + 5, border + 9),
    reportOf(999_999, 5 * border + 3, 5 * border + 7),
  ];
  await indexStfs.runBatch(
    stfs.toReversed().map((stf) => anItem(stf, stf.name)),
    deps,
  );
  const { config, store } = deps;
  const records = async () => ({ store, log: deps.eventLog });
  const expected = [
    ['held', tfAt(run, border - 20), tfAt(run, border + 9), 29, [134_216, 134_218]],
    ['gap', tfAt(run, border + 9), tfAt(run, 5 * border + 3), 4 * border - 6, [134_218, 999_999]],
    ['held', tfAt(run, 5 * border + 3), tfAt(run, 5 * border + 7), 4, [999_999]],
  ].map((line) => line.map((value) => (typeof value === 'bigint' ? String(value) : value)));
  const around = { config: { ...config, PAPILIO_INSTANCE: 'test' as const }, records };
  for (const limit of [1, 2, 10]) {
    const lines: unknown[] = [];
    let tfFrom: bigint | undefined;
    do {
      const page = await coverageOf({ run, limit, tfFrom }, around);
      expect(page).toMatchObject({ tfsHeld: 33, tfsOverlapped: 0, gaps: 1, tfFirst: String(tfAt(run, border - 20)) });
      expect(page.tfEnd).toBe(String(tfAt(run, 5 * border + 7)));
      lines.push(
        ...page.items.map(({ kind, tfFirst, tfEnd, tfCount, sequences }) => [kind, tfFirst, tfEnd, tfCount, sequences]),
      );
      tfFrom = page.tfNext;
    } while (tfFrom !== undefined);
    expect(lines).toEqual(expected);
  }
});
