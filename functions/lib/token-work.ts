import type { Deps } from './deps.ts';
import type { ErrorKind } from './error-rows.ts';
import { asPapilioError, type ErrorCode } from './errors.ts';

/** Failures that no further delivery of the same message would mend. */
const finalKinds: ReadonlySet<ErrorKind> = new Set(['Invalid', 'Denied', 'Missing', 'PayloadFault']);
const finalCodes: ReadonlySet<ErrorCode> = new Set(['object-exists', 'job-cancelled']);

/**
 * Does the work for which a state machine waits. What fails for good is answered to its token, so that nobody waits for
 * what a dead-letter queue holds; anything else is thrown, and the message is delivered again.
 */
export const workForToken = async (
  token: string,
  deps: Pick<Deps, 'machines' | 'log'>,
  work: () => Promise<unknown>,
): Promise<void> => {
  try {
    await work();
  } catch (thrown) {
    const error = asPapilioError(thrown);
    if (!finalKinds.has(error.kind) && !finalCodes.has(error.code)) throw thrown;
    deps.log.warn({ code: error.code, reason: error.reason }, 'work failed for good');
    await deps.machines.fail(token, error.name, error.message);
  }
};
