import { PapilioError } from '#lib/errors';

/** The error of a file of the log that cannot be read as it was written; names the file. */
export const corruptSegment = (path: string, reason: string, cause?: unknown): PapilioError =>
  cause instanceof PapilioError && cause.code === 'log-segment-corrupt'
    ? cause
    : new PapilioError('log-segment-corrupt', `${path}: ${reason}`, cause);

/** Whether an error names a damaged file of the log. */
export const isCorruptSegment = (thrown: unknown): thrown is PapilioError =>
  thrown instanceof PapilioError && thrown.code === 'log-segment-corrupt';
