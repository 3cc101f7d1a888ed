import type { CallService, ServiceAnswer } from '../../stepfunctions/host.ts';
import { isObject, type Json, own, parseJson } from '../../stepfunctions/json.ts';
import type { InvokeFunction } from '../part.ts';

const named = (functionName: string): string =>
  /(?:^|:)function:([^:]+)/.exec(functionName)?.[1] ?? functionName.split(':')[0] ?? functionName;

/** A payload that is a text is one of JSON. */
const payloadOf = (value: Json | undefined): Json =>
  typeof value === 'string' ? (parseJson(value) ?? value) : (value ?? {});

/** `aws-sdk:lambda:invoke`: unlike the optimised form, what a function throws is an answer, and payloads are texts. */
export const lambdaSdk =
  (invoke: InvokeFunction): CallService =>
  async ({ input, invocationId, signal }): Promise<ServiceAnswer> => {
    const name = isObject(input) ? own(input, 'FunctionName') : undefined;
    if (typeof name !== 'string' || !isObject(input)) {
      return { ok: false, error: 'States.Runtime', cause: "The field 'FunctionName' is required but was missing" };
    }
    const payload = payloadOf(own(input, 'Payload'));
    const done = await invoke({ functionName: named(name), payload, invocationId, signal });
    if (done.ok) {
      const Payload = JSON.stringify(done.payload ?? null);
      return { ok: true, output: { ExecutedVersion: '$LATEST', Payload, StatusCode: 200 } };
    }
    // Lambda itself, not the function.
    if (done.errorType.startsWith('Lambda.')) return { ok: false, error: done.errorType, cause: done.errorMessage };
    const { errorMessage, errorType, trace } = done;
    const Payload = JSON.stringify({ errorMessage, errorType, ...(trace && { trace }) });
    return { ok: true, output: { ExecutedVersion: '$LATEST', FunctionError: 'Unhandled', Payload, StatusCode: 200 } };
  };
