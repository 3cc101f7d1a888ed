import { asPapilioError } from '#lib/errors';
import type { InvocationAnswer, InvokeFunction } from '../engine/part.ts';
import { type Call, NoSuchFunction, Timedout } from './functions.ts';

/** The only version that a plane has. */
const version = '$LATEST';

/** `name`, `name:qualifier` or an ARN that ends in one of them. */
const nameOf = (functionName: string): string => {
  const parts = functionName.split(':');
  return (parts[0] === 'arn' ? parts[6] : parts[0]) ?? functionName;
};

const notFound = (name: string): InvocationAnswer => {
  const message = `Function not found: ${name}`;
  const words = 'Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: null';
  return {
    ok: false,
    errorType: 'Lambda.ResourceNotFoundException',
    errorMessage: message,
    cause: `${message} (${words}; Proxy: null)`,
  };
};

const failureOf = (thrown: unknown, name: string): InvocationAnswer => {
  if (thrown instanceof NoSuchFunction) return notFound(name);
  const error = thrown instanceof Timedout ? thrown : asPapilioError(thrown);
  return { ok: false, errorType: error.name, errorMessage: error.message };
};

/** How state machines run functions: in this process, with Lambda's results and errors. */
export const createInvoke =
  (call: Call): InvokeFunction =>
  async ({ functionName, qualifier = version, payload, invocationId, invocationType }) => {
    if (qualifier !== version) return notFound(`${functionName}:${qualifier}`);
    if (invocationType === 'DryRun') return { ok: true, payload: '' };
    try {
      return { ok: true, payload: (await call(nameOf(functionName), payload, [invocationId])) ?? null };
    } catch (thrown) {
      const failure = failureOf(thrown, functionName);
      // Nobody asks how an event's run ended; that it ran is durable only because it is waited for.
      return invocationType === 'Event' && !(thrown instanceof NoSuchFunction) ? { ok: true, payload: '' } : failure;
    }
  };
