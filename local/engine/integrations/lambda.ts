import { StateFailure } from '../../stepfunctions/failure.ts';
import type { CallService, ServiceAnswer } from '../../stepfunctions/host.ts';
import { type Json, parseJson } from '../../stepfunctions/json.ts';
import { invocationOf } from '../../stepfunctions/resources/lambda.ts';
import type { InvocationAnswer, InvokeFunction } from '../part.ts';

/** A payload that is a text is one of JSON. */
const payloadOf = (value: Json): Json => (typeof value === 'string' ? (parseJson(value) ?? value) : value);

type Failure = Extract<InvocationAnswer, { ok: false }>;

/** Lambda itself said no, not the function. */
const isLambdas = ({ errorType }: Failure): boolean =>
  errorType.startsWith('Lambda.') && errorType !== 'Lambda.Unknown';

const thrownBy = ({ errorMessage, errorType, trace, cause }: Failure): string => {
  if (errorType === 'Lambda.Unknown') return JSON.stringify({ errorMessage });
  return cause ?? JSON.stringify({ errorMessage, errorType, ...(trace && { trace }) });
};

const STATUS = { RequestResponse: 200, Event: 202, DryRun: 204 };

const invoked = async (invoke: InvokeFunction, request: Parameters<InvokeFunction>[0]): Promise<ServiceAnswer> => {
  const { invocationType = 'RequestResponse' } = request;
  const StatusCode = STATUS[invocationType];
  const done = await invoke(request);
  if (done.ok && invocationType !== 'RequestResponse') return { ok: true, output: { Payload: '', StatusCode } };
  if (done.ok) {
    const { payload, executedVersion: ExecutedVersion = '$LATEST', logResult } = done;
    const said = { ExecutedVersion, ...(logResult !== undefined && { LogResult: logResult }) };
    return { ok: true, output: { ...said, Payload: JSON.stringify(payload ?? null), StatusCode } };
  }
  if (isLambdas(done)) return { ok: false, error: done.errorType, cause: done.cause ?? done.errorMessage };
  const output = { ExecutedVersion: '$LATEST', FunctionError: 'Unhandled', Payload: thrownBy(done), StatusCode };
  return { ok: true, output };
};

/** `aws-sdk:lambda:invoke`: unlike the optimised form, what a function throws is an answer, and payloads are texts. */
export const lambdaSdk =
  (invoke: InvokeFunction): CallService =>
  async ({ input, invocationId, signal }): Promise<ServiceAnswer> => {
    try {
      const { type: _type, awaitsToken: _awaitsToken, payload, ...wanted } = invocationOf(input, false);
      return await invoked(invoke, { ...wanted, payload: payloadOf(payload), invocationId, signal });
    } catch (error) {
      if (!(error instanceof StateFailure)) throw error;
      return { ok: false, error: error.error ?? 'States.Runtime', cause: error.reason ?? '' };
    }
  };
