import type { ErrorCode } from '#lib/errors';
import type { Settlement } from '#schema/bundle';
import type { AttemptEnd } from '#schema/job';
import { attemptsMax, exitCorruptInput, exitMissingInput, pausesS } from './policy.ts';

/** What an attempt's end leads to. */
export type Verdict = Pick<Settlement, 'decision' | 'reason' | 'pauseS'> & { readonly code: ErrorCode | 'ok' };

const codes: Readonly<Record<AttemptEnd['outcome'], ErrorCode>> = {
  succeeded: 'output-missing',
  failed: 'payload-failed',
  killed: 'payload-killed',
  timeout: 'payload-timeout',
  memory: 'payload-memory',
  disk: 'payload-disk',
  cancelled: 'payload-killed',
  lost: 'payload-lost',
};

/**
 * What an attempt's end leads to: its output is registered, the job is tried again, or it has failed.
 * retry ⇔ attempt < attemptsMax[code], and a corrupt input is never tried again.
 */
export const settle = (end: AttemptEnd, attempt: number, hasOutput: boolean): Verdict => {
  if (end.outcome === 'succeeded' && hasOutput)
    return { decision: 'register', code: 'ok', reason: 'exit code 0', pauseS: 0 };
  const code = codeOf(end);
  const reason = end.reason ?? describe(end);
  const decision = attempt < (attemptsMax[code] ?? 1) ? 'retry' : 'fail';
  return { decision, code, reason, pauseS: pausesS[code] ?? 0 };
};

const codeOf = ({ outcome, exitCode }: AttemptEnd): ErrorCode => {
  if (outcome === 'failed' && exitCode === exitCorruptInput) return 'stf-corrupt';
  if (outcome === 'failed' && exitCode === exitMissingInput) return 'stf-file-missing';
  return codes[outcome];
};

/** An end for which the facility gave no reason, in a few words. */
const describe = ({ outcome, exitCode, signal }: AttemptEnd): string => {
  if (outcome === 'succeeded') return 'exit code 0 and no output';
  if (signal !== undefined) return `signal ${signal}`;
  return exitCode === undefined ? outcome : `exit code ${exitCode}`;
};
