import { callbackHeaders } from '#lib/callback';
import { asPapilioError } from '#lib/errors';
import type { Log } from '#lib/log';
import type { Clock } from '#ports/clock';
import { backlogLimitBytes, type FunctionRunner, type InvocationOutcome } from '../runner.ts';
import { replyOf } from './answers.ts';
import type { Callbacks } from './callbacks.ts';

/** A call that nobody waits for. */
export type AsyncCall = {
  readonly name: string;
  readonly payload: string;
  readonly callId: string;
  readonly callbackUrl: URL | undefined;
};

/** Calls that were taken and have not ended. They are in memory, as with OpenFaaS's queue unless it was given a disk. */
export type AsyncCalls = {
  /** Takes a call; false if too many wait. */
  readonly take: (call: AsyncCall) => boolean;
  /** Takes and begins no more; returns when those that run have ended and were told. How many never began is in the log. */
  readonly close: () => Promise<void>;
};

type Options = {
  readonly runner: FunctionRunner;
  readonly callbacks: Callbacks;
  readonly clock: Clock;
  readonly log: Log;
  readonly random?: () => number;
  /** Calls that may wait. */
  readonly mostWaiting?: number;
  /** Calls that run at once. */
  readonly atOnce?: number;
};

/** A call that found no room comes again after up to 0.2, 0.4 … 10 s; in all it has some ten minutes. */
const triesForRoom = 64;
const firstPauseMs = 200;
const longestPauseMs = 10_000;

/** Nothing ran, and something may, later. */
const hadNoRoom = (outcome: InvocationOutcome): boolean =>
  outcome.kind === 'refused' && outcome.refusal.reason === 'throttled';

/** Runs asynchronous calls, each once, in the order in which they came, some at a time. */
export const createAsyncCalls = (options: Options): AsyncCalls => {
  const { runner, callbacks, clock, log, random = Math.random, mostWaiting = 1_000, atOnce = 16 } = options;
  const waiting: AsyncCall[] = [];
  const running = new Set<Promise<void>>();
  let waitingBytes = 0;
  let isClosing = false;

  const pause = (made: number): Promise<void> =>
    new Promise((wake) => {
      clock.at(clock.nowMs() + random() * Math.min(longestPauseMs, firstPauseMs * 2 ** made), wake);
    });

  const invoke = async ({ name, payload, callId }: AsyncCall): Promise<InvocationOutcome> => {
    for (let made = 0; ; made++) {
      const outcome = await runner.invoke({ name, payload, requestId: callId });
      if (!hadNoRoom(outcome) || isClosing || made + 1 === triesForRoom) return outcome;
      await pause(made);
    }
  };

  const run = async (call: AsyncCall): Promise<void> => {
    const { name, callId, callbackUrl } = call;
    const beganMs = clock.nowMs();
    const { status, headers = {}, body = '' } = replyOf(name, await invoke(call));
    const durationS = (clock.nowMs() - beganMs) / 1000;
    if (callbackUrl === undefined) return;
    try {
      const told = { ...headers, ...callbackHeaders({ callId, name, status, durationS }) };
      await callbacks.post(callbackUrl, { headers: told, body }, () => isClosing);
    } catch (thrown) {
      const { code, reason } = asPapilioError(thrown);
      log.warn({ function: name, callId, code, reason }, 'callback not delivered');
    }
  };

  const next = (): void => {
    while (!isClosing && running.size < atOnce) {
      const call = waiting.shift();
      if (call === undefined) return;
      waitingBytes -= Buffer.byteLength(call.payload);
      const one = run(call).finally(() => {
        running.delete(one);
        next();
      });
      running.add(one);
    }
  };

  return {
    take: (call) => {
      const sizeBytes = Buffer.byteLength(call.payload);
      if (isClosing || waiting.length >= mostWaiting || waitingBytes + sizeBytes > backlogLimitBytes) return false;
      waitingBytes += sizeBytes;
      waiting.push(call);
      next();
      return true;
    },
    close: async () => {
      isClosing = true;
      if (waiting.length > 0) log.warn({ calls: waiting.length }, 'asynchronous calls never began');
      waiting.length = 0;
      await Promise.all(running);
    },
  };
};
