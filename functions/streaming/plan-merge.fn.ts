import * as z from 'zod';
import { change, commit } from '#lib/change';
import { PapilioError } from '#lib/errors';
import { defineFunction } from '#lib/function';
import { runKey } from '#lib/model/ids';
import { jobs, outputs, progresses } from '#lib/records';
import type { Job } from '#schema/job';
import { mergeResources } from './policy.ts';

const name = 'plan-merge';

/** Makes the one job that merges what a run's STFs gave; no output, no job. @see 3.7 */
export const planMerge = defineFunction({
  name,
  effect: 'named',
  input: z.object({ runId: z.string(), run: z.int() }),
  output: z.object({ jobId: z.string(), hasWork: z.boolean(), processed: z.int() }),
  run: async ({ runId, run }, deps) => {
    const jobId = deps.ids.job(`${runKey(run)}-p1`);
    const processed = (await progresses.get(deps.store, runId))?.doc.processed ?? 0;
    if (processed === 0) return { jobId, hasWork: false, processed };
    const listed = await outputs.list(deps.store, 'i1', `${runId}#outputs`, { limit: 1 });
    if (listed.items.length === 0) throw new PapilioError('index-lagging', `outputs of ${runId}`);
    if (await jobs.get(deps.store, jobId)) return { jobId, hasWork: true, processed };
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
