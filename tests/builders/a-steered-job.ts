import { commands, stfs } from '#lib/records';
import { runProgress } from '#lib/run-progress';
import { Command } from '#schema/command';
import type { Job } from '#schema/job';
import { assignJobs } from '../../functions/brokerage/assign-jobs.fn.ts';
import { failJob } from '../../functions/jobs/fail-job.fn.ts';
import { settleJobs } from '../../functions/jobs/settle-jobs.fn.ts';
import { steerJobs } from '../../functions/jobs/steer-jobs.fn.ts';
import { eventTypes, type TestDeps } from './a-deps.ts';
import { anAsk, anItem, aSubmittedJob, jobNow } from './a-job.ts';
import { aCataloguedStf } from './a-stf.ts';

/** The STF of the job, and its run. */
export const stfId = 'test_stf_00102363-00000001';
const runId = 'test_run_00102363';
/** Why it was cancelled, in words. */
export const reason = 'cancelled by anna: a wrong calibration';
/** What a token is told whose attempt is not wanted any more. */
export const unwanted = { kind: 'failure', error: 'Conflict' } as const;

/** Cancels a job or has it run again, by a command of this number. */
export const steer = (deps: TestDeps, verb: 'cancel' | 'retry', subject: string, id: string) =>
  steerJobs.run(
    Command.parse({
      id: `test_command_${id}`,
      action: `job.${verb}`,
      subject,
      by: 'anna',
      why: 'a wrong calibration',
      at: '2026-01-01T00:00:00.000Z',
    }),
    deps,
  );

/** How a command ended. */
export const endOf = async (deps: TestDeps, id: string) => (await commands.need(deps.store, `test_command_${id}`)).doc;
/** The STF as it is now. */
export const stfNow = async (deps: TestDeps) => (await stfs.need(deps.store, stfId)).doc;
/** How far the run has come. */
export const counted = (deps: TestDeps) => runProgress(deps.store, runId);
/** Asks the broker for a place. */
export const ask = (deps: TestDeps, jobId: string, token = `ask-${jobId}`, attempt = 1) =>
  assignJobs.runBatch([anItem(anAsk(jobId, token, attempt))], deps);
/** Tells the broker that a job's slot is free, or that it waits no more. */
export const freed = (deps: TestDeps, jobId: string) =>
  assignJobs.runBatch([anItem({ kind: 'freed' as const, jobId })], deps);
/** Tells that an attempt may have ended. */
export const notice = (deps: TestDeps, attemptId: string) => settleJobs.runBatch([anItem({ attemptId })], deps);
/** How many events there are of a type. */
export const ofType = async (deps: TestDeps, type: string) =>
  (await eventTypes(deps)).filter((one) => one === type).length;

/** A job that waits for a place, because there is none. */
export const aWaitingJob = async (deps: TestDeps): Promise<string> => {
  const { jobId } = await aCataloguedStf(deps);
  await ask(deps, jobId);
  return jobId;
};

/** A job that was given up, as its state machine gives it up. */
export const aFailedJob = async (deps: TestDeps): Promise<Job> => {
  const place = await aSubmittedJob(deps);
  deps.facility.finish(place.attemptId, { outcome: 'timeout', reason: 'too long' });
  await notice(deps, place.attemptId);
  await failAgain(deps, place.jobId);
  return jobNow(deps, place.jobId);
};

/** What the state machine of the first attempt ends with. */
export const failAgain = (deps: TestDeps, jobId: string) =>
  failJob.run({ jobId, attempt: 1, failure: { Error: 'x', Cause: '[payload-timeout] too long: 300 s' } }, deps);
