import type { MergeAccount } from '#schema/output';
import type { Run, RunProgress } from '#schema/run';

type Counts = Pick<RunProgress, 'catalogued'>;
type Total = Pick<Run, 'totalStfs'>;

/**
 * Account of a merge that holds so many STFs of a run: expected = max(total of `end_run`, catalogued); partial ⇔
 * inputs < expected.
 */
export const mergeAccountOf = (inputs: number, run: Total | undefined, progress: Counts | undefined): MergeAccount => {
  const { catalogued = 0 } = progress ?? {};
  const total = run?.totalStfs;
  const expected = Math.max(total ?? 0, catalogued);
  const expectedFrom = total !== undefined && total >= catalogued ? 'end_run' : 'catalogue';
  return { inputs, expected, expectedFrom, isPartial: inputs < expected };
};
