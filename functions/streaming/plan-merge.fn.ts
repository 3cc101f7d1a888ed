import * as z from 'zod';
import { change, commit } from '#lib/change';
import { PapilioError } from '#lib/errors';
import { defineFunction } from '#lib/function';
import { runKey } from '#lib/model/ids';
import { readProcessing } from '#lib/processing';
import { jobs, runs } from '#lib/records';
import { isComplete } from '#lib/run-complete';
import { runProgress, stfOutputsOf } from '#lib/run-progress';
import type { Job } from '#schema/job';
import { mergeResources } from './policy.ts';

const name = 'plan-merge';

/**
 * Makes the one job that merges what a run's STFs gave; no output, no job, and none for a run that is merged. While
 * processing is suspended a run that is not complete waits on. @see 3.2 3.7
 */
export const planMerge = defineFunction({
  name,
  effect: 'named',
  input: z.object({ runId: z.string(), run: z.int() }),
  output: z.object({ jobId: z.string(), hasWork: z.boolean(), isHeld: z.boolean(), processed: z.int() }),
  run: async ({ runId, run: number }, deps) => {
    const jobId = deps.ids.job(`${runKey(number)}-p1`);
    const [run, progress, known] = await Promise.all([
      runs.get(deps.store, runId),
      runProgress(deps.store, runId),
      jobs.get(deps.store, jobId),
    ]);
    const { processed = 0 } = progress ?? {};
    const isHeld = !known && !isComplete(run?.doc, progress) && (await readProcessing(deps)).hold !== undefined;
    const found = { jobId, isHeld, processed };
    if (isHeld || processed === 0 || known?.doc.settledAt) return { ...found, hasWork: false };
    if (known) return { ...found, hasWork: true };
    // The merge reads what the index shows, so it must not begin before that is all.
    const listed = (await stfOutputsOf(runId, deps)).length;
    if (listed < processed) throw new PapilioError('index-lagging', `${listed} of ${processed} outputs of ${runId}`);
    const job: Job = {
      id: jobId,
      runId,
      task: 'run-merge',
      state: 'waiting',
      resources: mergeResources,
      attempts: [],
      createdAt: deps.now(),
    };
    await commit(deps, [
      change(deps, jobId, jobs.put(jobId, job, 0), {
        type: 'job.created',
        by: name,
        data: { run: number, task: job.task },
      }),
    ]);
    return { ...found, hasWork: true };
  },
});
