import { type ErrorCode, PapilioError } from '#lib/errors';
import { type Again, brokenLine, retryAfterMs } from './tries.ts';

/** What is wrong with the call itself and will be with the next. */
const refusals: ReadonlyMap<string, ErrorCode> = new Map([
  ['ResourceNotFoundException', 'record-missing'],
  ['RequestTooLargeException', 'message-too-large'],
  ['RequestEntityTooLargeException', 'message-too-large'],
  ['SerializedRequestEntityTooLargeException', 'message-too-large'],
]);

/** Names of errors by which AWS, or its client, says that nobody believes who we are. */
const strangers = new Set([
  ...['AccessDeniedException', 'UnrecognizedClientException', 'InvalidSignatureException', 'ExpiredTokenException'],
  ...['InvalidClientTokenId', 'MissingAuthenticationTokenException', 'IncompleteSignatureException'],
  ...['SignatureDoesNotMatch', 'CredentialsProviderError', 'TokenProviderError'],
]);

/** Names of errors by which a function was not begun: it may be, a moment later. */
const notBegun = new Set([
  ...['TooManyRequestsException', 'ThrottlingException', 'EC2ThrottledException'],
  // The function is being made, changed or woken: AWS says to call it when that is done.
  ...['ResourceConflictException', 'ResourceNotReadyException', 'SnapStartNotReadyException'],
]);

const memberOf = (thrown: unknown, name: string): unknown =>
  typeof thrown === 'object' && thrown !== null ? Object.entries(thrown).find(([key]) => key === name)?.[1] : undefined;

const statusOf = (thrown: unknown): number | undefined => {
  const status = memberOf(memberOf(thrown, '$metadata'), 'httpStatusCode');
  return typeof status === 'number' ? status : undefined;
};

const afterMsOf = (thrown: unknown): number | undefined => {
  const seconds = memberOf(thrown, 'retryAfterSeconds');
  return typeof seconds === 'string' ? retryAfterMs(seconds) : undefined;
};

/** What Invoke threw: a refusal for good is thrown as an error of the catalogue, all else is a reason to try again. */
export const lambdaErrorOf = (what: string, thrown: unknown): Again => {
  const name = thrown instanceof Error ? thrown.name : '';
  const reason = thrown instanceof Error ? `${name}: ${thrown.message}` : String(thrown);
  const status = statusOf(thrown);
  if (notBegun.has(name) || status === 429)
    return { again: reason, mayHaveBegun: false, afterMs: afterMsOf(thrown), cause: thrown };
  if (strangers.has(name) || status === 401 || status === 403)
    throw new PapilioError('config-invalid', `${what}: AWS does not take the credentials: ${reason}`, thrown);
  const refusal = refusals.get(name) ?? (isClientError(status) ? 'input-invalid' : undefined);
  if (refusal !== undefined) throw new PapilioError(refusal, `${what}: ${reason}`, thrown);
  if (status === undefined) return brokenLine(thrown);
  return { again: reason, mayHaveBegun: true, cause: thrown };
};

const isClientError = (status: number | undefined): boolean => status !== undefined && status >= 400 && status < 500;
