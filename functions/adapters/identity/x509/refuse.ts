import { PapilioError } from '#lib/errors';

/** Refuses what a TLS front presented; the reason says what was found, and of which certificate. @throws certificate-refused */
export const refuse = (reason: string, cause?: unknown): never => {
  throw new PapilioError('certificate-refused', reason, cause);
};
