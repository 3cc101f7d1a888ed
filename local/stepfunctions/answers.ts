import type { InvocationAnswer } from '../engine/part.ts';
import { knownActivity } from './activities/activity-of.ts';
import type { Host, HttpTrace, LiveContext } from './host.ts';
import { isObject, type Json, parseJson } from './json.ts';
import type { Request } from './request.ts';
import { serviceFailure } from './resources/call-failure.ts';
import { refusedEvents } from './resources/events.ts';
import type { Stimulus } from './stimulus.ts';

type Of<T extends Request['type']> = Extract<Request, { type: T }>;

/** A foreign value as JSON of our own, so that nobody else can change it; `undefined` if it is none. */
const copied = (value: unknown): Json | undefined => {
  try {
    const text: string | undefined = JSON.stringify(value);
    return text === undefined ? null : parseJson(text);
  } catch {
    return undefined;
  }
};

/** What an error says. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Looks whether there is an activity. */
export const found = async (
  { registry }: Host,
  { activityArn }: Of<'findActivity'>,
  pending: number,
): Promise<Stimulus> => {
  if (knownActivity(registry, activityArn)) return { type: 'succeeded', pending, output: null };
  const cause = `The activity ${activityArn} does not exist.`;
  return { type: 'failed', pending, error: 'States.Runtime', cause };
};

/** What Lambda answers where no result is waited for. */
const WITHOUT_RESULT = { Event: 202, DryRun: 204 } as const;

/** What Lambda says beside the result. */
const envelopeOf = (
  { invocationType = 'RequestResponse' }: Of<'invoke'>,
  { executedVersion, logResult }: Extract<InvocationAnswer, { ok: true }>,
) => {
  if (invocationType !== 'RequestResponse') return { envelope: { StatusCode: WITHOUT_RESULT[invocationType] } };
  if (executedVersion === undefined && logResult === undefined) return {};
  const version = executedVersion !== undefined && { ExecutedVersion: executedVersion };
  return { envelope: { ...version, ...(logResult !== undefined && { LogResult: logResult }) } };
};

/** What identifies a try to whoever does the work. */
type Try = { pending: number; invocationId: string; signal: AbortSignal; traceparent?: string; trace?: HttpTrace };

/** Calls a function; how it ended is what the task is told. */
export const invoked = async (
  context: LiveContext,
  request: Of<'invoke'>,
  { pending, ...call }: Try,
): Promise<Stimulus> => {
  const { type: _type, awaitsToken: _awaitsToken, ...wanted } = request;
  const result = await context.invoke({ ...wanted, payload: copied(request.payload), ...call });
  if (!result.ok) {
    const { errorType, errorMessage, trace } = result;
    const cause = result.cause ?? JSON.stringify({ errorMessage, errorType, ...(trace && { trace }) });
    return { type: 'failed', pending, error: errorType, cause };
  }
  const output = copied(result.payload);
  if (output !== undefined) return { type: 'succeeded', pending, output, ...envelopeOf(request, result) };
  const cause = JSON.stringify({ errorMessage: 'Unable to marshal response', errorType: 'Runtime.MarshalError' });
  return { type: 'failed', pending, error: 'Runtime.MarshalError', cause };
};

/** Sends a message; the queue's answer is what the task is told. */
export const sent = async (context: LiveContext, request: Of<'send'>, pending: number): Promise<Stimulus> => {
  const input = isObject(request.input) ? request.input : {};
  return { type: 'succeeded', pending, output: copied(await context.sendMessage(input)) ?? null };
};

/** Has an action of a service done; how it ended is what the task is told. */
export const called = async (
  context: LiveContext,
  request: Of<'call'>,
  { pending, ...call }: Try,
): Promise<Stimulus> => {
  const { service, action, input, isSdk } = request;
  const answer = await context.callService({ service, action, input, isSdk, ...call });
  if (!answer.ok) return { type: 'failed', pending, ...serviceFailure(request, answer) };
  const refused = refusedEvents(request, answer.output);
  if (refused) return { type: 'failed', pending, ...refused };
  return { type: 'succeeded', pending, output: copied(answer.output) ?? null };
};
