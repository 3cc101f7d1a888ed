import type { Clock } from '#ports/clock';

/** Resolves after a time, or when the signal fires. */
export const pause = (clock: Clock, durationMs: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const stop = (): void => {
      cancel();
      resolve();
    };
    const cancel = clock.at(clock.nowMs() + durationMs, () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    signal.addEventListener('abort', stop, { once: true });
  });

/** Requests that are held back until the next change. */
export const createWaiters = (clock: Clock) => {
  const waiters = new Set<() => void>();
  const wake = (): void => {
    for (const waiter of [...waiters]) waiter();
  };
  const wait = (waitMs: number): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        waiters.delete(done);
        cancel();
        resolve();
      };
      const cancel = clock.at(clock.nowMs() + waitMs, done);
      waiters.add(done);
    });
  return { wake, wait };
};
