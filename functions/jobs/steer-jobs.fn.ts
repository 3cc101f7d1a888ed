import * as z from 'zod';
import { change, commit, untilNoConflict } from '#lib/change';
import { type CommandOf, defineCommands, onAction } from '#lib/command';
import type { Deps } from '#lib/deps';
import { asPapilioError, PapilioError } from '#lib/errors';
import { givingUp, stfOf, takingUp } from '#lib/give-up';
import { archiveKey, ownNameOf, stfKey } from '#lib/model/ids';
import { cancelReason, lastAttempt, mayBecome } from '#lib/model/job-life';
import { jobs, type Stored } from '#lib/records';
import { tellIfComplete } from '#lib/run-complete';
import { progressShareOf } from '#lib/run-progress';
import type { Attempt, Job, JobAct } from '#schema/job';
import { type Retry, retryOf } from './retry.ts';

const name = 'steer-jobs';
/** Acts that a record remembers; the commands have all. */
const actsKept = 20;
const NoData = z.object({});
type Asked = CommandOf<typeof NoData>;

/**
 * Ends a job, whatever it is at: the record says so first, with its STF, so that whoever comes to it next finds it
 * cancelled; then its payload is ended and who waits for it is told. A kill in between repeats what came after the record.
 * @throws job-settled for one that came to its end first
 */
const cancel = async (command: Asked, deps: Deps): Promise<void> => {
  const job = await untilNoConflict(() => markCancelled(command, deps));
  const open = job.attempts.filter((attempt) => attempt.state !== 'settled');
  for (const attempt of open) await end(attempt, deps);
  const notices = open.map(({ id: attemptId }) => ({ attemptId }));
  await deps.queues.send('settle', notices);
  await deps.queues.send('broker', [{ kind: 'freed', jobId: job.id }]);
  await tellIfComplete(job.runId, deps);
};

const markCancelled = async (command: Asked, deps: Deps): Promise<Job> => {
  const job = await needAsSeen(command, deps);
  if (actOf(job, command)) return job.doc;
  if (!mayBecome(job.doc.state, 'cancelled'))
    throw new PapilioError('job-settled', cancelReason(job.doc) ?? `${job.doc.id} has ${job.doc.state}`);
  const { place, ...rest } = job.doc;
  const holdsSlot = rest.attempts.some(({ id, state }) => id === place?.attemptId && state !== 'settled');
  const after: Job = {
    ...rest,
    ...(place && holdsSlot && { place }),
    state: 'cancelled',
    errorCode: 'job-cancelled',
    settledAt: deps.now(),
    attemptLast: lastAttempt(job.doc),
    acts: actsOf(rest, command, 'cancel'),
  };
  const problem = { code: 'job-cancelled', reason: cancelReason(after) ?? '' };
  const { changes, counts } = await givingUp(after, problem, name, deps);
  const data = { who: command.by, why: command.why, ...(place && { attemptId: place.attemptId }) };
  const fact = { type: 'job.cancelled', cause: command.id, by: name, data };
  await commit(deps, [change(deps, after.id, jobs.put(after.id, after, job.version), fact), ...changes], counts);
  return after;
};

/** A facility that is gone cannot be told; what it ran is asked for by the polls. */
const end = async ({ id, facility }: Attempt, deps: Deps): Promise<void> => {
  try {
    await deps.batch(facility).cancel([id]);
  } catch (thrown) {
    const { code, reason } = asPapilioError(thrown);
    if (code !== 'facility-missing') throw thrown;
    deps.log.warn({ attemptId: id, facility, reason }, 'payload not ended');
  }
};

/** Has a job run again that failed or was cancelled: the record first, then the execution, which is named after it. */
const retry = async (command: Asked, deps: Deps): Promise<void> => {
  const { job, how } = await untilNoConflict(() => markRetried(command, deps));
  if ('pass' in how) return startPass(job, how.pass, deps);
  const avoid = job.attempts.filter(({ end: ended }) => ended?.outcome !== 'cancelled').map(({ facility }) => facility);
  const input = { jobId: job.id, attempt: how.attempt, avoid: [...new Set(avoid)] };
  await deps.machines.start('run-job', deps.ids.exec(`job-${ownNameOf(job.id)}-a${how.attempt}`), input);
};

const startPass = async (job: Job, pass: number, deps: Deps): Promise<void> => {
  const stf = await stfOf(job, deps);
  // Already taken up by the pass that was to be started.
  if (!stf) return;
  const { id: stfId, run, sequence } = stf.doc;
  await deps.machines.start('process-stf', deps.ids.exec(`stf-${stfKey(run, sequence)}-p${pass}`), { stfId, pass });
};

type Retried = { readonly job: Job; readonly how: Retry };

const markRetried = async (command: Asked, deps: Deps): Promise<Retried> => {
  const job = await needAsSeen(command, deps);
  const act = actOf(job, command);
  if (act?.pass !== undefined) return { job: job.doc, how: { pass: act.pass } };
  if (act?.attempt !== undefined) return { job: job.doc, how: { attempt: act.attempt } };
  await refuseReplaced(job.doc, deps);
  const how = retryOf(job.doc, await inputOf(job.doc, deps));
  const acts = actsOf(job.doc, command, 'retry', how);
  const fact = {
    type: 'job.retried',
    cause: command.id,
    by: name,
    data: { who: command.by, why: command.why, ...how },
  };
  const changing = (after: Job) => change(deps, after.id, jobs.put(after.id, after, job.version), fact);
  if ('pass' in how) {
    const after = { ...job.doc, acts };
    await commit(deps, [changing(after)]);
    return { job: after, how };
  }
  const { errorCode: _, settledAt: __, attemptLast: ___, ...rest } = job.doc;
  const after: Job = { ...rest, state: 'waiting', attemptFrom: how.attempt, acts };
  const { changes, counts } = await takingUp(after, name, deps);
  await commit(deps, [changing(after), ...changes], counts);
  return { job: after, how };
};

/** Of the merge of a run only the latest pass is run again. @throws job-not-retryable */
const refuseReplaced = async ({ id, task, runId, pass = 1 }: Job, deps: Deps): Promise<void> => {
  if (task !== 'run-merge') return;
  const latest = (await progressShareOf(runId, undefined, deps)).before?.doc.merge?.pass ?? pass;
  if (latest > pass) throw new PapilioError('job-not-retryable', `${id}: pass ${latest} of the merge has replaced it`);
};

const inputOf = async (job: Job, deps: Deps) => {
  const stf = await stfOf(job, deps);
  if (!stf) return undefined;
  const isArchived = (await deps.archive.stat(archiveKey(stf.doc.run, stf.doc.name))) !== undefined;
  return { ...stf.doc, isArchived };
};

const needAsSeen = async ({ subject, ifVersion, id }: Asked, deps: Deps): Promise<Stored<Job>> => {
  const job = await jobs.need(deps.store, subject);
  const isRepeat = job.doc.acts?.some(({ commandId }) => commandId === id);
  if (isRepeat || ifVersion === undefined || ifVersion === job.version) return job;
  throw new PapilioError('version-outdated', `${subject} has version ${job.version}, not ${ifVersion}`);
};

const actOf = ({ doc: { acts = [] } }: Stored<Job>, { id }: Asked): JobAct | undefined =>
  acts.find(({ commandId }) => commandId === id);

const actsOf = ({ acts = [] }: Job, { id: commandId, by, why, at }: Asked, act: JobAct['act'], how?: Retry): JobAct[] =>
  [...acts, { commandId, act, by, why, at, ...how }].slice(-actsKept);

/** Cancels jobs, and has them run again, in the order in which it is asked. @see 8.3 */
export const steerJobs = defineCommands(name, {
  'job.cancel': onAction(NoData, cancel),
  'job.retry': onAction(NoData, retry),
});
