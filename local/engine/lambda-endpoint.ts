import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { systemClock } from '#lib/system-clock';
import type { Clock } from '#ports/clock';
import { createReach } from './http/reach.ts';
import { type HttpAnswer, sendRequest, TimedOut, TooLarge, type Wire } from './http/send-request.ts';
import type { InvocationAnswer, InvokeFunction } from './part.ts';

type Invocation = Parameters<InvokeFunction>[0];

/** Lambda's longest run, and what its answer takes to come. */
const TIMEOUT_MS = 910_000;
/** Lambda's limit on a payload that is waited for. */
const LIMIT_BYTES = 6_291_556;

/**
 * What Invoke's API model has. Any other error is told by the service's own name alone.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
 */
const MODELLED = new Set([
  ...['DurableExecutionAlreadyStartedException', 'EC2AccessDeniedException', 'EC2ThrottledException'],
  ...['EC2UnexpectedException', 'EFSIOException', 'EFSMountConnectivityException', 'EFSMountFailureException'],
  ...['EFSMountTimeoutException', 'ENILimitReachedException', 'InvalidParameterValueException'],
  ...['InvalidRequestContentException', 'InvalidRuntimeException', 'InvalidSecurityGroupIDException'],
  ...['InvalidSubnetIDException', 'InvalidZipFileException', 'KMSAccessDeniedException', 'KMSDisabledException'],
  ...[
    'KMSInvalidStateException',
    'KMSNotFoundException',
    'NoPublishedVersionException',
    'RecursiveInvocationException',
  ],
  ...[
    'RequestTooLargeException',
    'ResourceConflictException',
    'ResourceNotFoundException',
    'ResourceNotReadyException',
  ],
  ...[
    'SerializedRequestEntityTooLargeException',
    'ServiceException',
    'SnapStartException',
    'SnapStartNotReadyException',
  ],
  ...['SnapStartTimeoutException', 'SubnetIPAddressLimitReachedException', 'TooManyRequestsException'],
  'UnsupportedMediaTypeException',
]);

/** What an answer without a name of its error means. */
const BY_STATUS = new Map([
  [404, 'ResourceNotFoundException'],
  [409, 'ResourceConflictException'],
  [413, 'RequestTooLargeException'],
  [429, 'TooManyRequestsException'],
]);

/** Runs functions through the Lambda Invoke API of an endpoint, such as a function host or a local emulator. */
export function invokeAt(endpoint: string, clock: Clock = systemClock): InvokeFunction {
  const keep = { keepAlive: true, maxSockets: 256 };
  const agent = new URL(endpoint).protocol === 'https:' ? new TlsAgent(keep) : new Agent(keep);
  // Whoever started the engine named the endpoint.
  const reach = createReach(['0.0.0.0/0', '::/0']);
  const wire: Wire = { reach, clock, timeoutMs: TIMEOUT_MS, limitBytes: LIMIT_BYTES, agent };
  return async (invocation) => {
    const request = requestOf(endpoint, invocation);
    try {
      return answerOf(await sendRequest(request, wire, invocation.signal));
    } catch (error) {
      if (invocation.signal.aborted) throw error;
      return unanswered(error, request.url.host);
    }
  };
}

/** Refuses every function: no endpoint was given. */
export const noFunctions: InvokeFunction = async ({ functionName }) =>
  failed(
    'Lambda.ResourceNotFoundException',
    `Function not found: ${functionName}. Start the engine with --lambda-endpoint URL.`,
  );

function requestOf(endpoint: string, invocation: Invocation) {
  const { functionName, qualifier, payload, invocationId, invocationType, clientContext, logType, traceparent } =
    invocation;
  const url = new URL(`/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`, endpoint);
  if (qualifier !== undefined) url.searchParams.set('Qualifier', qualifier);
  const headers = {
    'content-type': ['application/json'],
    'x-amzn-invocation-id': [invocationId],
    ...(traceparent !== undefined && { traceparent: [traceparent] }),
    ...(invocationType !== undefined && { 'x-amz-invocation-type': [invocationType] }),
    ...(clientContext !== undefined && { 'x-amz-client-context': [clientContext] }),
    ...(logType !== undefined && { 'x-amz-log-type': [logType] }),
  };
  return { url, method: 'POST', headers, body: JSON.stringify(payload ?? {}) };
}

const failed = (errorType: string, errorMessage: string, cause = errorMessage): InvocationAnswer => ({
  ok: false,
  errorType,
  errorMessage,
  cause,
});

function answerOf(answer: HttpAnswer): InvocationAnswer {
  const text = answer.body.toString('utf8');
  const header = (wanted: string) =>
    Object.entries(answer.headers).find(([name]) => name.toLowerCase() === wanted)?.[1][0];
  if (answer.status < 200 || answer.status > 299) return serviceError(answer, header, text);
  if (header('x-amz-function-error') !== undefined) return functionError(text);
  const payload = text === '' ? '' : readJson(text);
  return {
    ok: true,
    payload: text === '' && answer.status === 200 ? null : payload,
    executedVersion: header('x-amz-executed-version'),
    logResult: header('x-amz-log-result'),
  };
}

/** What the function threw. Its payload is the cause as it is. */
function functionError(text: string): InvocationAnswer {
  const errorType = fieldOf(readJson(text), 'errorType');
  if (errorType !== undefined) return failed(errorType, fieldOf(readJson(text), 'errorMessage') ?? '', text);
  const cause = `The cause could not be determined because Lambda did not return an error type. Returned payload: ${text}`;
  return failed('Lambda.Unknown', cause);
}

/** What Lambda itself says: it throttles, has no such function, or is not well. */
function serviceError(answer: HttpAnswer, header: (name: string) => string | undefined, text: string) {
  const { status } = answer;
  const body = readJson(text);
  const told = header('x-amzn-errortype')?.split(':')[0] ?? fieldOf(body, '__type')?.split('#').at(-1);
  const code = told ?? BY_STATUS.get(status) ?? (status >= 500 ? 'ServiceException' : 'Unknown');
  const name = MODELLED.has(code) ? code : 'AWSLambdaException';
  const message = fieldOf(body, 'Message') ?? fieldOf(body, 'message') ?? (text || answer.statusText);
  const requestId = header('x-amzn-requestid') ?? null;
  const words = `Service: AWSLambda; Status Code: ${status}; Error Code: ${code}; Request ID: ${requestId}; Proxy: null`;
  return failed(`Lambda.${name}`, message, `${message} (${words})`);
}

function unanswered(error: unknown, host: string): InvocationAnswer {
  if (error instanceof TimedOut) return failed('Lambda.ClientExecutionTimeoutException', error.message);
  if (error instanceof TooLarge) {
    const errorMessage = `Response payload size exceeded maximum allowed payload size (${LIMIT_BYTES} bytes).`;
    const errorType = 'Function.ResponseSizeTooLarge';
    return failed(errorType, errorMessage, JSON.stringify({ errorMessage, errorType }));
  }
  const reason = error instanceof Error ? error.message : String(error);
  return failed('Lambda.SdkClientException', `Unable to execute HTTP request: ${host} does not answer: ${reason}`);
}

function fieldOf(body: unknown, name: string): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const value = Object.entries(body).find(([key]) => key === name)?.[1];
  return typeof value === 'string' ? value : undefined;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
