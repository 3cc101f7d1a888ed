import { PapilioError } from '#lib/errors';
import { hasOpenAttempt, lastAttempt, mayBecome } from '#lib/model/job-life';
import type { Job } from '#schema/job';
import type { Stf } from '#schema/stf';

/** How a job is run again: by a further attempt, or its input by a further pass, which is a job of its own. */
export type Retry = { readonly attempt: number } | { readonly pass: number };

/** What of a job's STF matters: whether its file lies in the archive, and how its processing stands. */
type Input = Pick<Stf, 'processing' | 'pass' | 'failure'> & { readonly isArchived: boolean };

/** Failures of the file that was announced; the archived one may be whole, and a further pass reads that. */
const fileFaults: ReadonlySet<string> = new Set(['stf-file-missing', 'stf-file-lost', 'stf-corrupt']);

/**
 * Decides how a job is run again: a failure of the announced file by a further pass over the archived one, everything else
 * by the attempt after the last to which any of its executions came. @throws job-not-retryable
 */
export const retryOf = (job: Job, input: Input | undefined): Retry => {
  const refuse = (reason: string): never => {
    throw new PapilioError('job-not-retryable', `${job.id}: ${reason}`);
  };
  if (!mayBecome(job.state, 'waiting') || (job.state !== 'failed' && job.state !== 'cancelled'))
    return refuse(`it is ${job.state}`);
  if (hasOpenAttempt(job)) return refuse('its payload has not ended yet');
  if (job.stfId !== undefined && !input) return refuse('a later pass has taken up its STF');
  if (input?.processing === 'processed') return refuse('its STF is processed');
  if (input?.isArchived && fileFaults.has(input.failure?.code ?? '')) return { pass: input.pass + 1 };
  return { attempt: lastAttempt(job) + 1 };
};
