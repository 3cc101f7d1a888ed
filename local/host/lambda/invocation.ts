import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { jsonOf } from '#lib/model/json';
import { version } from '../instance/launch.ts';
import {
  eventLimitBytes,
  type FunctionRunner,
  type InvocationOutcome,
  type InvocationRequest,
  type Refusal,
  requestLimitBytes,
} from '../runner.ts';
import { type Answer, errorAnswer, invalidValue, notFound } from './answer.ts';
import type { EventQueue } from './event-queue.ts';

const types = ['Event', 'RequestResponse', 'DryRun'] as const;
type InvocationType = (typeof types)[number];

/** What the headers of an Invoke ask for. */
export type Asked = {
  readonly type: InvocationType;
  readonly wantsLog: boolean;
  readonly requestId: string;
  readonly clientContext?: string | undefined;
  readonly traceId?: string | undefined;
};

export type ReadAsked = { readonly ok: true; readonly asked: Asked } | { readonly ok: false; readonly answer: Answer };

const one = (header: string | string[] | undefined): string | undefined => (Array.isArray(header) ? header[0] : header);

/** A caller that repeats a call may name it, so that the function can know it again. */
const requestIdOf = (headers: IncomingHttpHeaders): string => {
  const given = one(headers['x-amzn-invocation-id']);
  return given !== undefined && /^[A-Za-z0-9_.:-]{1,200}$/.test(given) ? given : randomUUID();
};

/** The W3C's trace context, or X-Ray's, as X-Ray writes it. */
const traceIdOf = (headers: IncomingHttpHeaders): string | undefined => {
  const xray = one(headers['x-amzn-trace-id']);
  if (xray !== undefined && /^Root=[\w;=-]{1,200}$/.test(xray)) return xray;
  const [, trace = '', parent, flags] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(one(headers.traceparent) ?? '') ?? [];
  if (parent === undefined) return undefined;
  return `Root=1-${trace.slice(0, 8)}-${trace.slice(8)};Parent=${parent};Sampled=${Number(flags) % 2}`;
};

const isContext = (base64: string): boolean => {
  const value = jsonOf(Buffer.from(base64, 'base64').toString('utf8'));
  return typeof value === 'object' && value !== null && !Array.isArray(value);
};

/** Reads the headers of an Invoke. */
export const readAsked = (headers: IncomingHttpHeaders): ReadAsked => {
  const typeText = one(headers['x-amz-invocation-type']) ?? 'RequestResponse';
  const type = types.find((known) => known === typeText);
  const log = one(headers['x-amz-log-type']) ?? 'None';
  const clientContext = one(headers['x-amz-client-context']);
  if (type === undefined)
    return { ok: false, answer: invalidValue('invocationType', typeText, `enum value set: [${types.join(', ')}]`) };
  if (log !== 'None' && log !== 'Tail')
    return { ok: false, answer: invalidValue('logType', log, 'enum value set: [None, Tail]') };
  if (clientContext !== undefined && !isContext(clientContext)) {
    const words = 'Client context must be a valid Base64-encoded JSON object.';
    return { ok: false, answer: errorAnswer(400, 'InvalidRequestContentException', words) };
  }
  const asked = {
    type,
    wantsLog: log === 'Tail',
    requestId: requestIdOf(headers),
    clientContext,
    traceId: traceIdOf(headers),
  };
  return { ok: true, asked };
};

/** An event may have a sixth of what is waited for. */
export const limitOf = (type: InvocationType): number => (type === 'Event' ? eventLimitBytes : requestLimitBytes);

/** A payload that is larger than its kind of invocation may have. */
export const tooLarge = (sizeBytes: number, type: InvocationType): Answer =>
  errorAnswer(
    413,
    'RequestTooLargeException',
    `${sizeBytes} byte payload is too large for the ${type} invocation type (limit ${limitOf(type)} bytes)`,
  );

const notJson = (detail: string): Answer =>
  errorAnswer(400, 'InvalidRequestContentException', `Could not parse request body into json: ${detail}`);

const throttled = (reason: string, retryAfterS: number): Answer => {
  const answer = errorAnswer(429, 'TooManyRequestsException', 'Rate Exceeded.', { Reason: reason });
  return { ...answer, headers: { ...answer.headers, 'retry-after': String(retryAfterS) } };
};

const REASONS = {
  function: 'ReservedFunctionConcurrentInvocationLimitExceeded',
  host: 'ConcurrentInvocationLimitExceeded',
};

const refusalAnswer = (refusal: Refusal, arn: string): Answer => {
  switch (refusal.reason) {
    case 'missing':
      return notFound(arn);
    case 'throttled':
      return throttled(REASONS[refusal.limit], refusal.retryAfterS);
    case 'too-large':
      return errorAnswer(413, 'RequestTooLargeException', `The payload is larger than ${refusal.limitBytes} bytes`);
    case 'not-json':
      return notJson(refusal.detail);
    case 'closing':
      return errorAnswer(500, 'ServiceException', 'The function host is ending.');
  }
};

/** What the caller who waited is told. */
export const answerOf = (outcome: InvocationOutcome, asked: Asked, arn: string): Answer => {
  if (outcome.kind === 'refused') return refusalAnswer(outcome.refusal, arn);
  const headers = {
    'x-amz-executed-version': version,
    ...(outcome.kind === 'failed' && { 'x-amz-function-error': outcome.functionError }),
    ...(asked.wantsLog && { 'x-amz-log-result': Buffer.from(outcome.logTail).toString('base64') }),
  };
  return { status: 200, headers, body: outcome.payload };
};

type Parts = { readonly runner: FunctionRunner; readonly events: EventQueue };

/** Runs what is asked for and waited for, or takes it as an event, or only says that it could be run. */
export const perform = async (
  { runner, events }: Parts,
  asked: Asked,
  request: InvocationRequest,
  arn: string,
): Promise<Answer> => {
  if (asked.type === 'RequestResponse') return answerOf(await runner.invoke(request), asked, arn);
  if (runner.describe(request.name) === undefined) return notFound(arn);
  if (jsonOf(request.payload) === undefined) return notJson('it is not JSON');
  if (asked.type === 'DryRun') return { status: 204, body: '' };
  return events.add(request) ? { status: 202, body: '' } : throttled(REASONS.host, 1);
};
