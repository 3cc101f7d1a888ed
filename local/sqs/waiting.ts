import type { Clock } from '#ports/clock';
import { earliest } from './heap.ts';
import { append, unlink } from './linked-list.ts';
import { type Queue, settle, type Waiter } from './queue.ts';

/** What a receive that waits brings along. */
export type Wait = {
  readonly endMs: number;
  /** Answers with messages if there are some; says whether it did. */
  readonly serve: () => boolean;
  /** Answers with nothing. */
  readonly end: () => void;
  readonly signal?: AbortSignal | undefined;
};

/** Receives that wait for messages. */
export type Waiting = {
  /** Serves who waits, as far as messages go, and sets the queue's timer anew. */
  readonly wake: (queue: Queue) => void;
  readonly wait: (queue: Queue, wait: Wait) => void;
  /** Ends all waits of a queue, or of all. */
  readonly close: (queue?: Queue) => void;
};

/**
 * A waiting receive costs one timer, the end of its own wait; a queue with such receives has one more, for the next end
 * of a delay or visibility timeout. A queue nobody waits on has none.
 */
export function createWaiting(clock: Clock): Waiting {
  const alarms = new Map<Queue, { atMs: number; cancel: () => void }>();
  const waiters = new Map<Waiter, Queue>();

  const setAlarm = (queue: Queue) => {
    const atMs = queue.waiting.size > 0 ? earliest(queue.later)?.visibleAtMs : undefined;
    const alarm = alarms.get(queue);
    if (alarm?.atMs === atMs) return;
    alarm?.cancel();
    alarms.delete(queue);
    if (atMs === undefined) return;
    const ring = () => {
      alarms.delete(queue);
      wake(queue);
    };
    alarms.set(queue, { atMs, cancel: clock.at(atMs, ring) });
  };

  const wake = (queue: Queue) => {
    if (queue.waiting.size === 0) return;
    settle(queue, clock.nowMs());
    for (let next = queue.waiting.first; next?.value.serve(); next = queue.waiting.first) next.value.leave();
    setAlarm(queue);
  };

  const wait = (queue: Queue, { endMs, serve, end, signal }: Wait) => {
    const giveUp = () => {
      waiter.leave();
      setAlarm(queue);
      end();
    };
    const cancelEnd = clock.at(endMs, giveUp);
    const leave = () => {
      unlink(queue.waiting, link);
      waiters.delete(waiter);
      cancelEnd();
      signal?.removeEventListener('abort', giveUp);
    };
    const waiter: Waiter = { serve, leave, end: giveUp };
    const link = append(queue.waiting, waiter);
    waiters.set(waiter, queue);
    signal?.addEventListener('abort', giveUp);
    setAlarm(queue);
  };

  const close = (only?: Queue) => {
    for (const [waiter, queue] of waiters) if (only === undefined || queue === only) waiter.end();
  };

  return { wake, wait, close };
}
