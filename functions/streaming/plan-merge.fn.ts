import * as z from 'zod';
import { change, commit } from '#lib/change';
import { PapilioError } from '#lib/errors';
import { defineFunction } from '#lib/function';
import { runKey } from '#lib/model/ids';
import { jobs, progresses } from '#lib/records';
import { stfOutputsOf } from '#lib/run-progress';
import type { Job } from '#schema/job';
import { mergeResources } from './policy.ts';

const name = 'plan-merge';

/** Makes the one job that merges what a run's STFs gave; no output, no job, and none for a run that is merged. @see 3.7 */
export const planMerge = defineFunction({
  name,
  effect: 'named',
  input: z.object({ runId: z.string(), run: z.int() }),
  output: z.object({ jobId: z.string(), hasWork: z.boolean(), processed: z.int() }),
  run: async ({ runId, run }, deps) => {
    const jobId = deps.ids.job(`${runKey(run)}-p1`);
    const processed = (await progresses.get(deps.store, runId))?.doc.processed ?? 0;
    const known = await jobs.get(deps.store, jobId);
    if (processed === 0 || known?.doc.settledAt) return { jobId, hasWork: false, processed };
    if (known) return { jobId, hasWork: true, processed };
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
      change(deps, jobId, jobs.put(jobId, job, 0), { type: 'job.created', by: name, data: { run, task: job.task } }),
    ]);
    return { jobId, hasWork: true, processed };
  },
});
