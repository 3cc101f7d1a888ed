import type { Job, JobState } from '../schema/job.ts';

/** From which state a job may come to which: what is not here does not happen. */
const legal: Readonly<Record<JobState, readonly JobState[]>> = {
  waiting: ['assigned', 'failed', 'cancelled'],
  assigned: ['submitting', 'failed', 'cancelled'],
  submitting: ['submitted', 'succeeded', 'waiting', 'failed', 'cancelled'],
  submitted: ['succeeded', 'waiting', 'failed', 'cancelled'],
  /** Its output could not be registered. */
  succeeded: ['failed'],
  /** A person has it run again. */
  failed: ['waiting'],
  cancelled: ['waiting'],
};

/** Whether a job in one state may come to another. */
export const mayBecome = (from: JobState, to: JobState): boolean => legal[from].includes(to);

/** Whether an attempt counts: it is not one of a job that was cancelled, nor from before a person had it run again. */
export const counts = ({ state, attemptFrom = 1 }: Job, attempt: number): boolean =>
  state !== 'cancelled' && attempt >= attemptFrom;

/** Whether an attempt of a job may still be given a place: it counts, and the job has not come to its end. */
export const wantsPlace = (job: Job, attempt: number): boolean =>
  counts(job, attempt) && job.state !== 'failed' && job.state !== 'succeeded';

/** The last attempt to which any execution of a job has come, or will: one that waits asks for the next. */
export const lastAttempt = ({ state, attempts, attemptLast = 0, attemptFrom = 1, place }: Job): number => {
  const known = Math.max(0, ...attempts.map(({ number }) => number));
  const asked = state === 'waiting' ? Math.max(known + 1, attemptFrom) : (place?.attempt ?? 0);
  return Math.max(known, asked, attemptLast);
};

/** Whether an attempt has been handed over, or is being, and has not settled. */
export const hasOpenAttempt = ({ attempts }: Job): boolean => attempts.some(({ state }) => state !== 'settled');

/** Whether something of a job may still come to pass: of one that was cancelled, its payload may still be ending. */
export const isOpen = (job: Job): boolean =>
  job.state === 'cancelled' ? hasOpenAttempt(job) : job.state !== 'succeeded' && job.state !== 'failed';

/** Why a job was cancelled, in words; undefined if it was not. */
export const cancelReason = ({ state, acts = [] }: Job): string | undefined => {
  const act = state === 'cancelled' ? acts.findLast((one) => one.act === 'cancel') : undefined;
  return act && `cancelled by ${act.by}: ${act.why}`;
};
