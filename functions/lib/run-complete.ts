import type { Deps } from './deps.ts';
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

/** Answers whoever waits for a run, if it is complete now: called after every change that could complete it. */
export const tellIfComplete = async (runId: string, deps: Pick<Deps, 'store' | 'machines'>): Promise<boolean> => {
  const [run, progress] = await Promise.all([runs.get(deps.store, runId), runProgress(deps.store, runId)]);
  if (!isComplete(run?.doc, progress)) return false;
  const token = progress?.waiter;
  if (token !== undefined) await deps.machines.succeed(token, { isComplete: true });
  return true;
};
