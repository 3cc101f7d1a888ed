import type { Clock } from '#ports/clock';

/** Waits, ends early when told to stop. */
export const sleep = (clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const stop = () => {
      cancel();
      resolve();
    };
    const cancel = clock.at(clock.nowMs() + delayMs, () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    signal.addEventListener('abort', stop, { once: true });
  });

const firstMs = 100;
const longestMs = 5_000;

/** How long to wait after the n-th failure in a row (from 1): 0.1 s doubling to 5 s, half of it by chance. */
export const backoffMs = (failures: number, chance: number): number => {
  const fullMs = Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 16));
  return fullMs / 2 + (fullMs / 2) * chance;
};
