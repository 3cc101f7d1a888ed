import { S3Error } from 'minio';
import { type ErrorCode, PapilioError } from '#lib/errors';

/** The code that S3, or the network, gave an error. */
export const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';

const known: Readonly<Record<string, readonly [ErrorCode, string?]>> = {
  NoSuchBucket: ['store-unavailable', 'the bucket is not there: create it first'],
  AccessDenied: ['store-unavailable', 'these credentials do not allow it'],
  InvalidAccessKeyId: ['store-unavailable', 'nobody has this access key'],
  SignatureDoesNotMatch: ['store-unavailable', 'the secret key is wrong'],
  ExpiredToken: ['store-unavailable', 'the credentials have expired'],
  InvalidToken: ['store-unavailable', 'the credentials have expired, or never were any'],
  InvalidTokenId: ['store-unavailable', 'the credentials have expired, or never were any'],
  RequestTimeTooSkewed: ['store-unavailable', 'the clocks here and there differ by more than 15 minutes'],
  XMinioStorageFull: ['store-full'],
  XMinioAdminBucketQuotaExceeded: ['store-full'],
  InsufficientStorage: ['store-full'],
  EntityTooLarge: ['bug'],
  XMinioParentIsObject: ['object-key-invalid', 'a key cannot go on below an object'],
  XMinioObjectExistsAsDirectory: ['object-key-invalid', 'a key cannot go on below an object'],
  XMinioInvalidObjectName: ['object-key-invalid'],
  KeyTooLongError: ['object-key-invalid'],
  MethodNotAllowed: ['store-unavailable', 'the service does not know this call, or the object is locked'],
  NotImplemented: ['store-unavailable', 'the service does not know this call'],
  InvalidBucketState: ['store-unavailable', 'the bucket has no object lock: it is given when a bucket is created'],
  InvalidRequest: ['store-unavailable', 'the service refuses the call'],
  InvalidArgument: ['bug', 'the service refuses the call'],
  MalformedXML: ['bug', 'the service refuses the call'],
};

/** What an answer says that nobody need ask for again: the caller knows what to do. */
const answers: ReadonlySet<string> = new Set([
  'NoSuchKey',
  'NoSuchVersion',
  'NotFound',
  'NoSuchUpload',
  'NoSuchObjectLockConfiguration',
  'PreconditionFailed',
  'InvalidRange',
]);

const textOf = (thrown: unknown): string => {
  if (!(thrown instanceof Error)) return String(thrown);
  // A connection that is refused at several addresses has a message for each, and none of its own.
  const messages = thrown instanceof AggregateError ? thrown.errors.map(textOf) : [];
  return [codeOf(thrown), thrown.message || messages.join(', ')].filter((part) => part !== '').join(': ');
};

/** Refusals of S3 that the same call may not meet again. */
const passing: ReadonlySet<string> = new Set([
  'BadDigest',
  'ConditionalRequestConflict',
  'IncompleteBody',
  'InternalError',
  'OperationAborted',
  'RequestTimeout',
  'ServiceUnavailable',
  'SlowDown',
  'XAmzContentChecksumMismatch',
]);

/** Whether the same call may not meet it again: outages, throttling, cut and slow connections, errors of the service. */
export const isPassing = (thrown: unknown): boolean => {
  const code = codeOf(thrown);
  if (code === '' || thrown instanceof PapilioError || Object.hasOwn(known, code) || answers.has(code)) return false;
  return passing.has(code) || !(thrown instanceof S3Error);
};

/** Whether an answer says that there is no such object. */
export const isAbsent = (thrown: unknown): boolean =>
  ['NoSuchKey', 'NoSuchVersion', 'NotFound'].includes(codeOf(thrown));

/** Anything that a call to S3 threw, as a catalogue error that names the bucket and what was asked for. */
export const minioErrorOf = (thrown: unknown, subject: string): PapilioError => {
  if (thrown instanceof PapilioError) return thrown;
  const [code, hint] = known[codeOf(thrown)] ?? ['store-unavailable', undefined];
  const reason = `${subject}: ${textOf(thrown)}`;
  return new PapilioError(code, hint === undefined ? reason : `${reason} (${hint})`, thrown);
};
