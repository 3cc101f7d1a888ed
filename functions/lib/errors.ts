import { type ErrorKind, errorCatalogue } from './error-rows.ts';

export type ErrorCode = keyof typeof errorCatalogue;

/** Codes of stored records that are not as they were written. */
export const damageCodes: ReadonlySet<ErrorCode> = new Set(['record-corrupt', 'store-corrupt']);

/** The HTTP status of each kind. */
export const statusOfKind: Readonly<Record<ErrorKind, number>> = {
  Invalid: 422,
  Denied: 403,
  Missing: 404,
  Conflict: 409,
  Transient: 503,
  SiteFault: 502,
  PayloadFault: 200,
  Bug: 500,
};

/** The only error that papilio throws: a row of the catalogue, what it happened to, and why. */
export class PapilioError extends Error {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  /** What was found, for the person who reads it: names the thing and the value. */
  readonly reason: string;
  readonly todo: string;

  constructor(code: ErrorCode, reason: string, cause?: unknown) {
    const row = errorCatalogue[code];
    super(`[${code}] ${row.message}: ${reason}`, cause === undefined ? undefined : { cause });
    this.name = row.kind;
    this.code = code;
    this.kind = row.kind;
    this.reason = reason;
    this.todo = row.todo;
  }
}

/** Anything thrown, as a catalogue error; what is not one is a `bug`. */
export const asPapilioError = (thrown: unknown): PapilioError => {
  if (thrown instanceof PapilioError) return thrown;
  return new PapilioError('bug', thrown instanceof Error ? thrown.message : String(thrown), thrown);
};

/** Code and reason out of an error's message, as a state machine's `Cause` carries it; what does not fit is a `bug`. */
export const problemOf = (text: string): { code: ErrorCode; reason: string } => {
  const message = messageIn(text);
  const [, code = '', reason = message] = /^\[([a-z-]+)\] (.+)$/s.exec(message) ?? [];
  return isErrorCode(code) ? { code, reason } : { code: 'bug', reason: message };
};

/** The message in a failed function's answer, `{"errorType":…,"errorMessage":…}`; any other text is its own message. */
const messageIn = (text: string): string => {
  try {
    const { errorMessage } = JSON.parse(text);
    return typeof errorMessage === 'string' ? errorMessage : text;
  } catch {
    return text;
  }
};

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorCatalogue, code);
