import type { Deps } from './deps.ts';
import { mergeAccountOf } from './model/merge-account.ts';
import { mergeStateOf, startNextMerge } from './next-merge.ts';
import { runs } from './records.ts';
import { runProgress } from './run-progress.ts';
import type { Run, RunProgress } from './schema/run.ts';

/**
 * A run is complete when it has ended, says how many STFs it had, and so many have settled, each that is known among them:
 * more may be known than it says, as long as the message that says so is not the last word.
 */
export const isComplete = (run: Run | undefined, progress: RunProgress | undefined): boolean => {
  if (run?.phase !== 'ended' || run.totalStfs === undefined) return false;
  const { catalogued = 0, processed = 0, failed = 0 } = progress ?? {};
  return processed + failed >= Math.max(run.totalStfs, catalogued);
};

/**
 * Whether the merge of a run need not wait: the run is complete, and a further pass makes a partial merge whole. Any other
 * further pass waits until the run is quiet, so that STFs that trickle in do not cause a pass each.
 */
export const isMergeReady = (run: Run | undefined, progress: RunProgress | undefined): boolean => {
  if (!isComplete(run, progress)) return false;
  const { merge, processed = 0 } = progress ?? {};
  if (merge === undefined) return true;
  return merge.isSettled && merge.isPartial && !mergeAccountOf(processed, run, progress).isPartial;
};

/**
 * Starts the next pass of a run's merge if STFs were processed that the last one lacks, and answers the pass that waits if
 * it need not wait any longer: called after every change that could cause either.
 */
export const tellIfComplete = async (
  runId: string,
  deps: Pick<Deps, 'config' | 'ids' | 'store' | 'machines'>,
): Promise<boolean> => {
  const [run, progress] = await Promise.all([runs.get(deps.store, runId), runProgress(deps.store, runId)]);
  if (run?.doc.phase !== 'ended') return false;
  const known = progress && { ...progress, ...(await mergeStateOf(run.doc.run, progress, deps)) };
  await startNextMerge(run.doc, known, deps);
  if (!isMergeReady(run.doc, known)) return false;
  const token = known?.waiter;
  if (token !== undefined) await deps.machines.succeed(token, { isComplete: true });
  return true;
};
