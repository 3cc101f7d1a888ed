import * as z from 'zod';
import { change, commit, untilNoConflict } from '#lib/change';
import type { Deps } from '#lib/deps';
import { defineFunction } from '#lib/function';
import { runKey } from '#lib/model/ids';
import { readProcessing } from '#lib/processing';
import { jobs } from '#lib/records';
import type { Job } from '#schema/job';
import { warmResources } from './policy.ts';

const name = 'plan-preparation';

/** Makes the one job that warms up for a run, unless processing is suspended: nothing is prepared that would not be used. */
export const planPreparation = defineFunction({
  name,
  effect: 'named',
  input: z.object({ runId: z.string(), run: z.int() }),
  output: z.object({ jobId: z.string(), hasWork: z.boolean() }),
  run: async ({ runId, run }, deps) => {
    const jobId = deps.ids.job(`${runKey(run)}-warm`);
    const { hold } = await readProcessing(deps);
    if (hold !== undefined) return { jobId, hasWork: false };
    const job = await untilNoConflict(() => enter({ id: jobId, runId }, run, deps));
    return { jobId, hasWork: job.settledAt === undefined };
  },
});

const enter = async ({ id, runId }: Pick<Job, 'id' | 'runId'>, run: number, deps: Deps): Promise<Job> => {
  const known = await jobs.get(deps.store, id);
  if (known) return known.doc;
  const task = 'warm-up';
  const createdAt = deps.now();
  const job: Job = { id, runId, task, state: 'waiting', resources: warmResources, attempts: [], createdAt };
  const fact = { type: 'job.created', cause: runId, by: name, data: { run, task } };
  await commit(deps, [change(deps, id, jobs.put(id, job, 0), fact)]);
  return job;
};
