import { asPapilioError } from '#lib/errors';
import type { Clock } from '#ports/clock';
import type { FunctionRunner } from '../runner.ts';
import { replyOf } from './answers.ts';
import type { AsyncCalls } from './async-calls.ts';
import { badCallId, callIdOf } from './call-id.ts';
import type { Callbacks } from './callbacks.ts';
import type { Places } from './places.ts';
import { type Question, type Reply, say } from './web.ts';

/** `/function/NAME` and `/async-function/NAME`. */
export type Invocations = {
  readonly call: (place: string, question: Question) => Promise<Reply>;
  readonly send: (place: string, question: Question) => Promise<Reply>;
};

type Options = {
  readonly runner: FunctionRunner;
  readonly calls: AsyncCalls;
  readonly callbacks: Callbacks;
  readonly places: Places;
  readonly clock: Clock;
};

const header = ({ headers }: Question, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
};

/** Makes the door by which functions are called. */
export const createInvocations = ({ runner, calls, callbacks, places, clock }: Options): Invocations => {
  const known = (place: string): string | undefined => {
    const name = places.nameIn(place);
    return name !== undefined && runner.describe(name) !== undefined ? name : undefined;
  };
  const missing = (place: string): Reply =>
    say(404, `function ${place.replace(/[^\w.-]/g, '?').slice(0, 80)} is not here`);

  return {
    call: async (place, question) => {
      const callId = callIdOf(question);
      if (callId === undefined) return badCallId();
      const name = known(place);
      if (name === undefined) return missing(place);
      const beganMs = clock.nowMs();
      const outcome = await runner.invoke({ name, payload: question.body || '{}', requestId: callId });
      const reply = replyOf(name, outcome);
      const timing = {
        'x-call-id': callId,
        'x-start-time': `${beganMs}000000`,
        'x-duration-seconds': ((clock.nowMs() - beganMs) / 1000).toFixed(6),
      };
      return { ...reply, headers: { ...reply.headers, ...timing } };
    },
    send: async (place, question) => {
      const callId = callIdOf(question);
      if (callId === undefined) return badCallId();
      const name = known(place);
      if (name === undefined) return missing(place);
      try {
        const address = header(question, 'x-callback-url');
        const callbackUrl = address === undefined ? undefined : callbacks.read(address);
        const isTaken = calls.take({ name, payload: question.body || '{}', callId, callbackUrl });
        if (!isTaken) return say(503, 'too many calls are waiting', { 'retry-after': '5' });
        return { status: 202, headers: { 'x-call-id': callId, 'x-start-time': `${clock.nowMs()}000000` } };
      } catch (thrown) {
        return say(400, asPapilioError(thrown).reason);
      }
    },
  };
};
