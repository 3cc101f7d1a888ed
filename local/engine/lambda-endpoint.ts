import type { InvokeFunction } from './part.ts';

/** Runs functions through the Lambda Invoke API of an endpoint, such as a function host or a local emulator. */
export function invokeAt(endpoint: string): InvokeFunction {
  return async ({ functionName, payload, invocationId, signal }) => {
    const url = new URL(`/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`, endpoint);
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, {
        method: 'POST',
        body: JSON.stringify(payload ?? {}),
        headers: { 'content-type': 'application/json', 'x-amzn-invocation-id': invocationId },
        signal,
      });
      text = await response.text();
    } catch (error) {
      // A function that cannot be reached is what Lambda calls a service error: machines retry it by name.
      return failed('Lambda.ServiceException', `${url.host} does not answer: ${reasonOf(error)}`);
    }
    const body = readJson(text);
    if (response.ok && response.headers.get('x-amz-function-error') === null) return { ok: true, payload: body };
    if (response.ok) return functionError(body, text);
    return serviceError(response, body, text);
  };
}

/** Refuses every function: no endpoint was given. */
export const noFunctions: InvokeFunction = async ({ functionName }) =>
  failed(
    'Lambda.ResourceNotFoundException',
    `Function not found: ${functionName}. Start the engine with --lambda-endpoint URL.`,
  );

const failed = (errorType: string, errorMessage: string) => ({ ok: false, errorType, errorMessage }) as const;

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
};

function functionError(body: unknown, text: string) {
  const errorType = fieldOf(body, 'errorType') ?? 'Error';
  const errorMessage = fieldOf(body, 'errorMessage') ?? text;
  const trace = typeof body === 'object' && body !== null && 'trace' in body ? body.trace : undefined;
  const lines = Array.isArray(trace) ? trace.filter((line) => typeof line === 'string') : undefined;
  return { ...failed(errorType, errorMessage), ...(lines && { trace: lines }) };
}

function serviceError(response: Response, body: unknown, text: string) {
  const named = response.headers.get('x-amzn-errortype')?.split(':')[0] ?? fieldOf(body, '__type')?.split('#').at(-1);
  const fallback = response.status === 404 ? 'ResourceNotFoundException' : 'ServiceException';
  const message = fieldOf(body, 'Message') ?? fieldOf(body, 'message') ?? (text || response.statusText);
  return failed(`Lambda.${named ?? fallback}`, message);
}

function fieldOf(body: unknown, name: string): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const value = Object.entries(body).find(([key]) => key === name)?.[1];
  return typeof value === 'string' ? value : undefined;
}

function readJson(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return text;
  }
}
