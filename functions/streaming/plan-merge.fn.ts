import * as z from 'zod';
import { change, commit, untilNoConflict } from '#lib/change';
import type { Deps } from '#lib/deps';
import { defineFunction } from '#lib/function';
import { putManifest } from '#lib/merge-manifest';
import { isOpen } from '#lib/model/job-life';
import { mergedIdOf, mergePassName, mergeStateOf } from '#lib/next-merge';
import { readProcessing } from '#lib/processing';
import { jobs, runs } from '#lib/records';
import { isComplete, isMergeReady, tellIfComplete } from '#lib/run-complete';
import { progressShareOf, progressWrite, runProgress } from '#lib/run-progress';
import type { Job } from '#schema/job';
import type { Run, RunProgress } from '#schema/run';
import { mergeWaitS } from './merge-timing.ts';
import { mergeResources } from './policy.ts';

const name = 'plan-merge';

/** A pass of a run's merge, and the run as it is. */
type Pass = {
  readonly runId: string;
  readonly number: number;
  readonly pass: number;
  readonly jobId: string;
  readonly run: Run | undefined;
  readonly progress: RunProgress;
};

/**
 * Makes the one job of a pass of a run's merge, with the list of what it merges; or has the pass wait while STFs of the run
 * are in flight, or the pass before it. No output, no job. @see 3.2 3.7
 */
export const planMerge = defineFunction({
  name,
  effect: 'named',
  input: z.object({ runId: z.string(), run: z.int(), pass: z.int().min(1).optional() }),
  output: z.object({
    jobId: z.string(),
    hasWork: z.boolean(),
    isHeld: z.boolean(),
    processed: z.int(),
    /** While it is held: until the next look. */
    waitS: z.int().min(0),
  }),
  run: async ({ runId, run: number, pass = 1 }, deps) => {
    const one = await passOf({ runId, number, pass }, deps);
    const found = { jobId: one.jobId, processed: one.progress.processed };
    const known = await jobs.get(deps.store, one.jobId);
    const isPlanned = known !== undefined || (one.progress.merge?.pass ?? 0) >= pass;
    const waitS = isPlanned ? 0 : await waitOf(one, deps);
    if (waitS > 0) return { ...found, hasWork: false, isHeld: true, waitS };
    const job = isPlanned ? known?.doc : await plan(one, deps);
    // What was processed while it was planned is left to the next pass.
    await tellIfComplete(runId, deps);
    return { ...found, hasWork: job !== undefined && !job.settledAt, isHeld: false, waitS };
  },
});

const passOf = async (given: Pick<Pass, 'runId' | 'number' | 'pass'>, deps: Deps): Promise<Pass> => {
  const { runId, number, pass } = given;
  const [run, progress] = await Promise.all([runs.get(deps.store, runId), runProgress(deps.store, runId)]);
  const counts = progress ?? { runId, catalogued: 0, processed: 0, failed: 0 };
  const jobId = deps.ids.job(mergePassName(number, pass));
  return { ...given, jobId, run: run?.doc, progress: { ...counts, ...(await mergeStateOf(number, counts, deps)) } };
};

const waitOf = async ({ number, run, progress }: Pass, deps: Deps): Promise<number> => {
  const { catalogued, processed, failed, merge, lastStfAt, lastSettledAt } = progress;
  const previous =
    merge === undefined || merge.isSettled
      ? undefined
      : await jobs.get(deps.store, deps.ids.job(mergePassName(number, merge.pass)));
  const moments = [lastStfAt, lastSettledAt].flatMap((at) => (at === undefined ? [] : [Date.parse(at)]));
  const quietS = moments.length === 0 ? undefined : Math.max(0, deps.clock.nowMs() - Math.max(...moments)) / 1000;
  return mergeWaitS({
    isReady: isMergeReady(run, progress),
    isComplete: isComplete(run, progress),
    isSuspended: (await readProcessing(deps)).hold !== undefined,
    isMerging: previous !== undefined && isOpen(previous.doc),
    inFlight: catalogued - processed - failed,
    quietS,
    closeS: deps.config.PAPILIO_RUN_CLOSE_S,
  });
};

/** Records a pass with its job; without a job if nothing is processed. A parallel call finds the job. */
const plan = async (one: Pass, deps: Deps): Promise<Job | undefined> => {
  const { runId, run, progress, pass, number, jobId } = one;
  const outputId = mergedIdOf(number, pass, deps);
  const planned = progress.processed === 0 ? undefined : await putManifest({ runId, run, progress, outputId }, deps);
  const job: Job | undefined = planned && {
    id: jobId,
    runId,
    task: 'run-merge',
    pass,
    merge: planned,
    state: 'waiting',
    resources: mergeResources,
    attempts: [],
    createdAt: deps.now(),
  };
  return untilNoConflict(() => record(one, job, deps));
};

const record = async ({ runId, number, pass, progress }: Pass, job: Job | undefined, deps: Deps) => {
  const share = await progressShareOf(runId, undefined, deps);
  if ((share.before?.doc.merge?.pass ?? 0) >= pass) return job && (await jobs.get(deps.store, job.id))?.doc;
  const current = share.before?.doc.merge?.outputId ?? progress.merge?.outputId;
  const merge = {
    pass,
    inputs: job?.merge?.inputs ?? 0,
    isPartial: job?.merge?.isPartial ?? true,
    isSettled: job === undefined,
    ...(current === undefined ? {} : { outputId: current }),
  };
  const { inputs, expected, isPartial } = { expected: 0, ...job?.merge, ...merge };
  const data = { run: number, task: 'run-merge', pass, merge: { inputs, expected, isPartial } };
  const made = job && change(deps, job.id, jobs.put(job.id, job, 0), { type: 'job.created', by: name, data });
  await commit(deps, made ? [made] : [], [progressWrite(share, { merge })]);
  return job;
};
