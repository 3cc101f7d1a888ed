import * as z from 'zod';
import { type Change, change, commit, untilNoConflict } from '#lib/change';
import type { Deps } from '#lib/deps';
import { problemOf } from '#lib/errors';
import { defineFunction } from '#lib/function';
import { givingUp } from '#lib/give-up';
import { cancelReason, mayBecome } from '#lib/model/job-life';
import { jobs, type Stored } from '#lib/records';
import { tellIfComplete } from '#lib/run-complete';
import { Settlement } from '#schema/bundle';
import type { Problem } from '#schema/daq-message';
import type { Job } from '#schema/job';

const name = 'fail-job';
/** Either a settlement that says `fail`, or what a state machine caught. */
const Input = z.object({
  jobId: z.string(),
  /** To which the state machine has come. */
  attempt: z.int().min(1).optional(),
  settled: Settlement.optional(),
  failure: z.object({ Error: z.string(), Cause: z.string().default('') }).optional(),
});
type Input = z.infer<typeof Input>;

/** Gives a job up for good, and its STF with it: the reason is recorded where people look, and the run counts it. @see 13.1 */
export const failJob = defineFunction({
  name,
  effect: 'named',
  input: Input,
  output: z.object({ code: z.string(), reason: z.string() }),
  run: async (input, deps) => {
    const { settled, failure } = input;
    const problem =
      settled && !failure
        ? { code: settled.code, reason: settled.reason }
        : problemOf(failure?.Cause || failure?.Error || 'unknown');
    const { runId, code, reason } = await untilNoConflict(() => record(input, problem, deps));
    // One that had a place and never came to its facility settles nowhere else.
    await deps.queues.send('broker', [{ kind: 'freed', jobId: input.jobId }]);
    await tellIfComplete(runId, deps);
    return { code, reason };
  },
});

const record = async (
  { jobId, attempt }: Input,
  problem: Problem,
  deps: Deps,
): Promise<Problem & { readonly runId: string }> => {
  const job = await jobs.need(deps.store, jobId);
  const { runId, attemptFrom = 1 } = job.doc;
  // A person has it run again: what an earlier attempt ended with is its own end only.
  if (attempt !== undefined && attempt < attemptFrom) return { runId, ...problem };
  const cancelled = cancelReason(job.doc);
  const found = cancelled === undefined ? problem : { code: 'job-cancelled', reason: cancelled };
  const { changes, counts } = await givingUp(job.doc, found, name, deps);
  await commit(deps, [...failing(job, found, attempt, deps), ...changes], counts);
  return { runId, ...found };
};

const failing = (job: Stored<Job>, problem: Problem, attempt: number | undefined, deps: Deps): Change[] => {
  if (!mayBecome(job.doc.state, 'failed')) return [];
  const { place: _, ...rest } = job.doc;
  const failed: Job = {
    ...rest,
    state: 'failed',
    errorCode: problem.code,
    settledAt: deps.now(),
    ...(attempt === undefined ? {} : { attemptLast: attempt }),
  };
  const fact = { type: 'job.failed', by: name, data: { ...problem, state: 'failed' } };
  return [change(deps, failed.id, jobs.put(failed.id, failed, job.version), fact)];
};
