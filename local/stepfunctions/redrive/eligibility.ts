import { MAX_EVENTS } from '../limits.ts';
import type { Execution } from '../registry.ts';

const DAY_MS = 86_400_000;
/** AWS's limits: so long after its end, and after its start, an execution can be redriven. */
const REDRIVABLE_MS = 14 * DAY_MS;
const OPEN_MS = 365 * DAY_MS;
/** AWS's limit on the redrives of one execution. */
export const MAX_REDRIVES = 1000;

/** What an execution is at now, as AWS calls it. */
export const statusOf = (execution: Execution): string => {
  if (execution.share?.run.toRedrive.has(execution)) return 'PENDING_REDRIVE';
  return execution.outcome?.status ?? 'RUNNING';
};

/** True for an execution that has ended without success and does not wait to be redriven. */
export const isUnsuccessful = (execution: Execution): boolean =>
  ['FAILED', 'TIMED_OUT', 'ABORTED'].includes(statusOf(execution));

/** Why an execution cannot be redriven, in AWS's words; `undefined` if it can. */
export const notRedrivable = (execution: Execution, nowMs: number): string | undefined => {
  const { entry, share, identity, stoppedAtMs = 0, eventCount } = execution;
  const status = statusOf(execution);
  if (status === 'RUNNING' || status === 'SUCCEEDED') return `Execution is ${status} and cannot be redriven`;
  if (entry.isDeleted) return 'State machine is in DELETING status';
  // A child of type EXPRESS begins anew, so that its past does not matter.
  if (share?.run.isExpress) return undefined;
  if (eventCount >= MAX_EVENTS - 1) return 'Execution history event limit exceeded';
  if (nowMs >= identity.startedAtMs + OPEN_MS) return 'Execution has exceeded the max execution time';
  return nowMs >= stoppedAtMs + REDRIVABLE_MS ? 'Execution redrivable period exceeded' : undefined;
};

/** Whether an execution can be redriven, as descriptions tell it. */
export const redriveStatus = (
  execution: Execution,
  nowMs: number,
): { readonly redriveStatus: string; readonly redriveStatusReason?: string } => {
  const reason = notRedrivable(execution, nowMs);
  if (reason !== undefined) return { redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason: reason };
  return { redriveStatus: execution.share ? 'REDRIVABLE_BY_MAP_RUN' : 'REDRIVABLE' };
};
