import { change, commit, untilNoConflict } from '#lib/change';
import type { Deps } from '#lib/deps';
import { PapilioError } from '#lib/errors';
import { defineBatchFunction, eachItem } from '#lib/function';
import { cancelReason, counts } from '#lib/model/job-life';
import { tasks } from '#lib/model/task';
import { bundles, jobs, type Stored } from '#lib/records';
import { type Settlement, SettleNotice } from '#schema/bundle';
import type { Attempt, AttemptEnd, Job } from '#schema/job';
import { settle, type Verdict } from './settle.ts';

const name = 'settle-jobs';

/** Settles attempts that have ended: the end is recorded once, the slot is free, the job's state machine is told. @see 8.3 */
export const settleJobs = defineBatchFunction({
  name,
  effect: 'named',
  input: SettleNotice,
  runBatch: (items, deps) =>
    eachItem(items, name, deps, async ({ input }) => {
      const job = await untilNoConflict(() => record(input.attemptId, deps));
      const attempt = job?.attempts.find((one) => one.id === input.attemptId);
      if (job && attempt?.end) await answer(job, attempt, attempt.end, deps);
    }),
});

/** Writes how an attempt ended; undefined while it has not, or if its hand-over is not recorded yet. */
const record = async (attemptId: string, deps: Deps): Promise<Job | undefined> => {
  const job = await jobs.get(deps.store, deps.ids.jobOf(attemptId));
  const attempt = job?.doc.attempts.find((one) => one.id === attemptId);
  if (!job || !attempt) throw new PapilioError('record-missing', `attempt ${attemptId}`);
  if (attempt.state === 'settled') return job.doc;
  const [status] = await deps.batch(attempt.facility).status([attemptId]);
  if (status?.state === 'ended') return write(job, attempt, status.end, status.handle, deps);
  if (status?.state !== 'unknown' || job.doc.state !== 'cancelled') return undefined;
  const reason = 'cancelled before it was handed over';
  return write(job, attempt, { outcome: 'cancelled', endedAt: deps.now(), reason }, undefined, deps);
};

const write = async (
  job: Stored<Job>,
  attempt: Attempt,
  end: AttemptEnd,
  handle: string | undefined,
  deps: Deps,
): Promise<Job> => {
  const verdict = verdictOf(job.doc, attempt, end, await hasOutput(job.doc, attempt, deps));
  const settled: Attempt = { ...attempt, state: 'settled', end, ...(handle === undefined ? {} : { handle }) };
  const attempts = job.doc.attempts.map((one) => (one.id === attempt.id ? settled : one));
  const { place, ...rest } = job.doc;
  const after: Job = {
    ...rest,
    ...(place && place.attemptId !== attempt.id && { place }),
    attempts,
    ...(counts(job.doc, attempt.number) && outcomeOf(verdict, deps.now())),
  };
  const data = {
    attemptId: attempt.id,
    facility: attempt.facility,
    handle,
    ...end,
    state: after.state,
    decision: verdict.decision,
    code: verdict.code,
  };
  await commit(deps, [
    change(deps, after.id, jobs.put(after.id, after, job.version), { type: 'job.settled', by: name, data }),
  ]);
  return after;
};

/** What an attempt means for its job; one that does not count any more ends what waits for it, and changes nothing else. */
const outcomeOf = ({ decision, code }: Verdict, now: string): Pick<Job, 'state' | 'settledAt' | 'errorCode'> => ({
  state: ({ register: 'succeeded', retry: 'waiting', fail: 'failed' } as const)[decision],
  ...(decision === 'retry' ? {} : { settledAt: now }),
  ...(code === 'ok' ? {} : { errorCode: code }),
});

const verdictOf = (job: Job, attempt: Attempt, end: AttemptEnd, hasOutput: boolean): Verdict => {
  const { number } = attempt;
  // A person who has it run again gives it all its attempts again.
  const verdict = settle(end, number - ((job.attemptFrom ?? 1) - 1), hasOutput);
  if (counts(job, number)) return verdict;
  const reason = cancelReason(job) ?? 'it was run again meanwhile';
  return { decision: 'fail', code: 'job-cancelled', reason, pauseS: 0 };
};

/**
 * Frees the slot at the broker, then answers the bundle's token, then releases an attempt of which no output is
 * registered; the bundle's record goes when all is done.
 */
const answer = async (job: Job, attempt: Attempt, end: AttemptEnd, deps: Deps): Promise<void> => {
  const bundle = await bundles.get(deps.store, attempt.bundleId);
  if (!bundle) return;
  await deps.queues.send('broker', [{ kind: 'freed', jobId: job.id }]);
  const settlement = settlementOf(job, attempt, end);
  await deps.machines.succeed(bundle.doc.token, settlement);
  if (settlement.decision !== 'register') await deps.batch(attempt.facility).release(attempt.id);
  await commit(deps, [], [bundles.delete(bundle.doc.id, bundle.version)]);
};

const settlementOf = (job: Job, attempt: Attempt, end: AttemptEnd): Settlement => {
  const avoid = job.attempts.filter((one) => one.end && one.end.outcome !== 'succeeded').map((one) => one.facility);
  // The recorded state says whether there was an output: by now it may be registered and gone from the facility.
  const verdict = verdictOf(job, attempt, end, job.state === 'succeeded');
  return { jobId: job.id, attemptId: attempt.id, attempt: attempt.number, ...verdict, avoid: [...new Set(avoid)] };
};

const hasOutput = async (job: Job, attempt: Attempt, deps: Deps): Promise<boolean> => {
  const path = tasks[job.task]?.output;
  return path !== undefined && (await deps.batch(attempt.facility).outputPath(attempt.id, path)) !== undefined;
};
