import * as z from 'zod';
import { statusOfFailure } from '#lib/callback';
import { PapilioError, problemOf } from '#lib/errors';
import { jsonOf } from '#lib/model/json';
import type { InvocationOutcome, Refusal } from '../runner.ts';
import { type Reply, say } from './web.ts';

const Failure = z.object({ errorType: z.string().default('Error'), errorMessage: z.string().default('') });

/** Statuses of what ended a function from outside. */
const statusOfType: ReadonlyMap<string, number> = new Map([
  ['Sandbox.Timedout', 504],
  ['Function.ResponseSizeTooLarge', 502],
]);

/** What a function threw: its kind's status, and its type in a header, so that nobody takes it for the gateway's own word. */
export const failureReply = (payload: string): Reply => {
  const { data = { errorType: 'Error', errorMessage: payload } } = Failure.safeParse(jsonOf(payload));
  const { code, reason } = problemOf(data.errorMessage);
  const status = statusOfType.get(data.errorType) ?? statusOfFailure(new PapilioError(code, reason));
  const type = data.errorType.replace(/[^\w.-]/g, '').slice(0, 100) || 'Error';
  return { status, headers: { 'content-type': 'application/json', 'x-function-error': type }, body: payload };
};

const refusalReply = (name: string, refusal: Refusal): Reply => {
  if (refusal.reason === 'missing') return say(404, `function ${name} is not here`);
  if (refusal.reason === 'too-large') return say(413, `function ${name} takes at most ${refusal.limitBytes} bytes`);
  if (refusal.reason === 'not-json') return say(400, `function ${name} takes JSON: ${refusal.detail}`);
  if (refusal.reason === 'closing') return say(503, 'the gateway is closing', { 'retry-after': '5' });
  const whose = refusal.limit === 'function' ? `function ${name} has` : 'the host has';
  return say(429, `${whose} as many calls at work as it may`, { 'retry-after': String(refusal.retryAfterS) });
};

/** How a call ended, as OpenFaaS answers it. */
export const replyOf = (name: string, outcome: InvocationOutcome): Reply => {
  if (outcome.kind === 'refused') return refusalReply(name, outcome.refusal);
  if (outcome.kind === 'failed') return failureReply(outcome.payload);
  return { status: 200, headers: { 'content-type': 'application/json' }, body: outcome.payload };
};
