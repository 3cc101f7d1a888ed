import type { Clock } from '#ports/clock';

type Waiter = { readonly afterSeq: number; readonly resolve: () => void };

/** Those who wait for the log to grow: woken by commits, never by polling. */
export type Waiters = {
  readonly wait: (afterSeq: number, waitMs: number, signal?: AbortSignal) => Promise<number>;
  /** Tells that the log reaches `seq`. */
  readonly wake: (seq: number) => void;
  /** Lets all go with the head as it is. */
  readonly close: () => void;
};

/** Waiters on a log whose last `seq` is `head()`; each has one timer, its own end. */
export const createWaiters = (clock: Clock, head: () => number): Waiters => {
  const waiting = new Set<Waiter>();
  let isClosed = false;

  const wait = (afterSeq: number, waitMs: number, signal?: AbortSignal): Promise<number> => {
    if (head() > afterSeq || waitMs <= 0 || isClosed || signal?.aborted) return Promise.resolve(head());
    return new Promise((resolve) => {
      const settle = (): void => {
        waiting.delete(waiter);
        cancel();
        signal?.removeEventListener('abort', settle);
        resolve(head());
      };
      const waiter = { afterSeq, resolve: settle };
      const cancel = clock.at(clock.nowMs() + waitMs, settle);
      signal?.addEventListener('abort', settle, { once: true });
      waiting.add(waiter);
    });
  };

  const wake = (seq: number): void => {
    for (const waiter of waiting) {
      if (seq > waiter.afterSeq) waiter.resolve();
    }
  };

  const close = (): void => {
    isClosed = true;
    for (const waiter of waiting) waiter.resolve();
  };

  return { wait, wake, close };
};
