import type { Clock } from '#ports/clock';
import { backlogLimitBytes, type FunctionRunner, type InvocationRequest } from '../runner.ts';

/** What became of events, since the start. */
export type EventCounts = {
  /** Waiting for their first or next try, or running. */
  readonly inHand: number;
  readonly done: number;
  /** Failed three times, grew too old, or could not wait any longer because the host ended. */
  readonly dropped: number;
};

/** Events that nobody waits for: kept in memory, run in the background, tried again as AWS does. */
export type EventQueue = {
  /** Takes an event; false if there is no room. */
  readonly add: (request: InvocationRequest) => boolean;
  readonly counts: () => EventCounts;
  /** Takes nothing more and forgets what waits. */
  readonly close: () => void;
};

export type EventQueueOptions = {
  readonly runner: FunctionRunner;
  readonly clock: Clock;
  /** Events in hand at most, and the bytes that they may have together. */
  readonly capacity?: number;
  readonly capacityBytes?: number;
  /** Events that run at once at most. */
  readonly parallel?: number;
  /** Told of each event that is given up. */
  readonly onDropped?: (request: InvocationRequest, why: string) => void;
};

/** AWS waits a minute before the second try of an event whose function failed, and two before the third. */
const retryAfterS = [60, 120] as const;
/** An event that finds no room is tried again after a second, then twice as long, at most five minutes, for six hours. */
const throttleFirstS = 1;
const throttleLongestS = 300;
const longestAgeMs = 6 * 3_600_000;

type Event = {
  readonly request: InvocationRequest;
  readonly sizeBytes: number;
  readonly addedMs: number;
  failures: number;
  throttles: number;
};
type Next =
  | { readonly kind: 'done' }
  | { readonly kind: 'drop'; readonly why: string }
  | { readonly kind: 'retry'; readonly afterS: number };

const afterFailure = (event: Event): Next => {
  const afterS = retryAfterS[event.failures];
  event.failures += 1;
  return afterS === undefined ? { kind: 'drop', why: 'it failed three times' } : { kind: 'retry', afterS };
};

const afterThrottle = (event: Event, nowMs: number): Next => {
  if (nowMs - event.addedMs > longestAgeMs) return { kind: 'drop', why: 'it found no room for six hours' };
  const afterS = Math.min(throttleLongestS, throttleFirstS * 2 ** event.throttles);
  event.throttles += 1;
  return { kind: 'retry', afterS };
};

/** Makes an empty queue. It lives in this process only: who must not lose an event sends a message to a queue instead. */
export const createEventQueue = (options: EventQueueOptions): EventQueue => {
  const { runner, clock, capacity = 1000, capacityBytes = backlogLimitBytes } = options;
  const { parallel = 32, onDropped = () => undefined } = options;
  const ready: Event[] = [];
  const sleeping = new Map<Event, () => void>();
  let running = 0;
  let heldBytes = 0;
  let done = 0;
  let dropped = 0;
  let isClosed = false;

  const sleep = (event: Event, afterS: number) => {
    const wake = () => {
      sleeping.delete(event);
      ready.push(event);
      go();
    };
    sleeping.set(event, clock.at(clock.nowMs() + afterS * 1000, wake));
  };

  const settle = (event: Event, next: Next) => {
    if (next.kind === 'retry' && !isClosed) {
      sleep(event, next.afterS);
      return;
    }
    heldBytes -= event.sizeBytes;
    if (next.kind === 'done') done += 1;
    else {
      dropped += 1;
      onDropped(event.request, next.kind === 'drop' ? next.why : 'the host ended');
    }
  };

  const runOne = async (event: Event) => {
    const outcome = await runner.invoke(event.request);
    running -= 1;
    settle(event, nextOf(event, outcome, clock.nowMs()));
    go();
  };

  const go = () => {
    while (running < parallel) {
      const event = ready.shift();
      if (event === undefined) return;
      running += 1;
      void runOne(event);
    }
  };

  return {
    add: (request) => {
      const sizeBytes = Buffer.byteLength(request.payload);
      const hasRoom = running + ready.length + sleeping.size < capacity && heldBytes + sizeBytes <= capacityBytes;
      if (isClosed || !hasRoom) return false;
      heldBytes += sizeBytes;
      ready.push({ request, sizeBytes, addedMs: clock.nowMs(), failures: 0, throttles: 0 });
      go();
      return true;
    },
    counts: () => ({ inHand: running + ready.length + sleeping.size, done, dropped }),
    close: () => {
      isClosed = true;
      for (const cancel of sleeping.values()) cancel();
      const left = [...ready.splice(0), ...sleeping.keys()];
      sleeping.clear();
      for (const event of left) settle(event, { kind: 'drop', why: 'the host ended' });
    },
  };
};

type Outcome = Awaited<ReturnType<FunctionRunner['invoke']>>;

const nextOf = (event: Event, outcome: Outcome, nowMs: number): Next => {
  if (outcome.kind === 'answered') return { kind: 'done' };
  if (outcome.kind === 'failed') return afterFailure(event);
  const { reason } = outcome.refusal;
  return reason === 'throttled' ? afterThrottle(event, nowMs) : { kind: 'drop', why: reason };
};
