import * as z from 'zod';
import { type Change, change, commit, untilNoConflict } from '#lib/change';
import type { Deps } from '#lib/deps';
import { problemOf } from '#lib/errors';
import { defineFunction } from '#lib/function';
import { jobs, progresses, stfs } from '#lib/records';
import { tellIfComplete } from '#lib/run-complete';
import { progressWrite } from '#lib/run-progress';
import type { Write } from '#ports/store';
import { Settlement } from '#schema/bundle';
import type { Problem } from '#schema/daq-message';

const name = 'fail-job';
/** Either a settlement that says `fail`, or what a state machine caught. */
const Input = z.object({
  jobId: z.string(),
  settled: Settlement.optional(),
  failure: z.object({ Error: z.string(), Cause: z.string().default('') }).optional(),
});

/** Gives a job up for good, and its STF with it: the reason is recorded where people look, and the run counts it. @see 13.1 */
export const failJob = defineFunction({
  name,
  effect: 'named',
  input: Input,
  output: z.object({ code: z.string(), reason: z.string() }),
  run: async ({ jobId, settled, failure }, deps) => {
    const problem =
      settled && !failure
        ? { code: settled.code, reason: settled.reason }
        : problemOf(failure?.Cause || failure?.Error || 'unknown');
    const runId = await untilNoConflict(() => record(jobId, problem, deps));
    await tellIfComplete(runId, deps);
    return problem;
  },
});

const record = async (jobId: string, problem: Problem, deps: Deps): Promise<string> => {
  const job = await jobs.need(deps.store, jobId);
  const stf = job.doc.stfId === undefined ? undefined : await stfs.need(deps.store, job.doc.stfId);
  const changes: Change[] = [];
  const counts: Write[] = [];
  if (job.doc.state !== 'failed') {
    const { place: _, ...rest } = job.doc;
    const write = jobs.put(
      jobId,
      { ...rest, state: 'failed', errorCode: problem.code, settledAt: deps.now() },
      job.version,
    );
    changes.push(change(deps, jobId, write, { type: 'job.failed', by: name, data: { ...problem, state: 'failed' } }));
  }
  // A later pass of the STF is not this job's to fail.
  if (stf?.doc.processing === 'waiting' && stf.doc.jobId === jobId) {
    const { id, run, sequence, receivedAt } = stf.doc;
    const write = stfs.put(
      id,
      { ...stf.doc, processing: 'failed', failure: problem, settledAt: deps.now() },
      stf.version,
    );
    changes.push(
      change(deps, id, write, {
        type: 'stf.failed',
        cause: jobId,
        by: name,
        data: { run, sequence, receivedAt, ...problem },
      }),
    );
    const progress = await progresses.get(deps.store, job.doc.runId);
    counts.push(progressWrite(job.doc.runId, progress, { failed: 1 }));
  }
  await commit(deps, changes, counts);
  return job.doc.runId;
};
