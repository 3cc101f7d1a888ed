import { PapilioError } from '#lib/errors';

/** Refuses a token; the reason says nothing that the token says, but what papilio found. @throws token-refused */
export const refuse = (reason: string, cause?: unknown): never => {
  throw new PapilioError('token-refused', reason, cause);
};
