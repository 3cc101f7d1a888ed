import * as z from 'zod';
import { change, commit, untilNoConflict } from '#lib/change';
import type { Deps } from '#lib/deps';
import { defineFunction } from '#lib/function';
import { runKey } from '#lib/model/ids';
import { readProcessing } from '#lib/processing';
import { jobs } from '#lib/records';
import type { Job } from '#schema/job';
import { warmResources, warmUps } from './policy.ts';

const name = 'plan-preparation';
const Input = z.object({ runId: z.string(), run: z.int() });

/**
 * Makes the jobs that warm up for a run, once, and names those that have not settled; none while processing is suspended:
 * nothing is prepared that would not be used.
 */
export const planPreparation = defineFunction({
  name,
  effect: 'named',
  input: Input,
  output: z.object({ jobs: z.array(z.object({ jobId: z.string(), number: z.string() })) }),
  run: async (run, deps) => {
    if ((await readProcessing(deps)).hold !== undefined) return { jobs: [] };
    const numbers = Array.from({ length: warmUps }, (_, at) => String(at + 1));
    const ids = numbers.map((number) => ({ jobId: deps.ids.job(`${runKey(run.run)}-warm-${number}`), number }));
    const made = await untilNoConflict(() => enter(ids, run, deps));
    return { jobs: ids.filter((_, at) => made[at]?.settledAt === undefined) };
  },
});

type Ids = readonly { readonly jobId: string }[];

const enter = async (ids: Ids, { runId, run }: z.infer<typeof Input>, deps: Deps): Promise<Job[]> => {
  const known = await jobs.getMany(
    deps.store,
    ids.map(({ jobId }) => jobId),
  );
  const task = 'warm-up';
  const all = ids.map(({ jobId: id }, at): Job => {
    const fresh = { id, runId, task, state: 'waiting' as const, resources: warmResources, attempts: [] };
    return known[at]?.doc ?? { ...fresh, createdAt: deps.now() };
  });
  const fact = { type: 'job.created', cause: runId, by: name, data: { run, task } };
  const missing = all.filter((_, at) => known[at] === undefined);
  await commit(
    deps,
    missing.map((job) => change(deps, job.id, jobs.put(job.id, job, 0), fact)),
  );
  return all;
};
