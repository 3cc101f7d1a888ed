import { asPapilioError } from '#lib/errors';
import type { InvokeFunction } from '../engine/part.ts';
import { type Call, Timedout } from './functions.ts';

/** `name`, `name:qualifier` or an ARN that ends in one of them. */
const nameOf = (functionName: string): string => {
  const parts = functionName.split(':');
  return (parts[0] === 'arn' ? parts[6] : parts[0]) ?? functionName;
};

const failureOf = (thrown: unknown) => {
  const error = thrown instanceof Timedout ? thrown : asPapilioError(thrown);
  return { ok: false, errorType: error.name, errorMessage: error.message } as const;
};

/** How state machines run functions: in this process, with Lambda's results and errors. */
export const createInvoke =
  (call: Call): InvokeFunction =>
  async ({ functionName, payload, invocationId }) => {
    try {
      return { ok: true, payload: (await call(nameOf(functionName), payload, [invocationId])) ?? null };
    } catch (thrown) {
      return failureOf(thrown);
    }
  };
