import type { ExecutionEnd } from '#ports/machines';
import type { Place } from '#schema/job';
import { change, commit, untilNoConflict } from './change.ts';
import type { Deps } from './deps.ts';
import { givingUp } from './give-up.ts';
import { jobs } from './records.ts';
import { tellIfComplete } from './run-complete.ts';

/** A stop may come with a page of text. */
const whyMax = 1000;

/** A place that was answered to a token for which nobody waits, and the execution that asked for it. */
export type Unclaimed = { readonly place: Place; readonly executionId?: string | undefined };

/**
 * Takes a place back whose execution has ended without its job having come to its facility; the job and its STF have
 * failed then. That a token is gone says nothing: it may have been answered before, or its execution may ask again under
 * another. An execution that has ended does neither. A kill repeats it, and the repeat finds it done.
 */
export const releasePlace = async ({ place, executionId }: Unclaimed, by: string, deps: Deps): Promise<void> => {
  const end = executionId === undefined ? undefined : await deps.machines.endOf(executionId);
  if (executionId === undefined || end === undefined) return;
  const runId = await untilNoConflict(() => record(place, reasonOf(executionId, end), by, deps));
  await deps.queues.send('broker', [{ kind: 'freed', jobId: place.jobId }]);
  await tellIfComplete(runId, deps);
};

/** First wins: a job that was handed over, cancelled or run again meanwhile stays as it is. */
const record = async ({ jobId, attemptId, attempt, facility }: Place, reason: string, by: string, deps: Deps) => {
  const job = await jobs.need(deps.store, jobId);
  const { place, ...rest } = job.doc;
  if (rest.state !== 'assigned' || place?.attemptId !== attemptId) return rest.runId;
  const problem = { code: 'execution-stopped', reason };
  const failed = {
    ...rest,
    state: 'failed' as const,
    errorCode: problem.code,
    settledAt: deps.now(),
    attemptLast: attempt,
    // Its hand-over may be on its way still, and the execution may be redriven: neither counts any more.
    attemptFrom: attempt + 1,
  };
  const fact = { type: 'job.failed', by, data: { ...problem, state: failed.state, attemptId, facility } };
  const { changes, counts } = await givingUp(failed, problem, by, deps);
  await commit(deps, [change(deps, jobId, jobs.put(jobId, failed, job.version), fact), ...changes], counts);
  return rest.runId;
};

const reasonOf = (executionId: string, { status, error, cause }: ExecutionEnd): string => {
  const [machine, name] = executionId.split(':').slice(-2);
  const why = [error, cause].filter(Boolean).join(': ').slice(0, whyMax);
  return `${machine}:${name} ended as ${status} before it was handed over${why === '' ? '' : `: ${why}`}`;
};
