import { asPapilioError, type PapilioError, statusOfKind } from './errors.ts';

/** A call that has come to its end, as its caller is told. */
export type CallEnd = {
  readonly callId: string;
  readonly name: string;
  /** HTTP status that the function's answer had, or would have had. */
  readonly status: number;
  readonly durationS: number;
};

/** The headers by which OpenFaaS tells what came of an asynchronous call. */
export const callbackHeaders = ({ callId, name, status, durationS }: CallEnd): Readonly<Record<string, string>> => ({
  'content-type': 'application/json',
  'x-call-id': callId,
  'x-function-name': name,
  'x-function-status': String(status),
  'x-duration-seconds': durationS.toFixed(6),
});

/** The HTTP status by which a function's failure goes; never one that looks like a success. */
export const statusOfFailure = ({ kind }: PapilioError): number =>
  statusOfKind[kind] >= 400 ? statusOfKind[kind] : statusOfKind.Bug;

/** What a function threw, as Lambda's runtime writes it: anything's own type and message. */
export const failureText = (thrown: unknown): string => {
  const error = thrown instanceof Error ? thrown : asPapilioError(thrown);
  return JSON.stringify({ errorType: error.name, errorMessage: error.message });
};
