import type { Clock } from '#ports/clock';

/** A clock whose pauses are over at once; what is longer waits until the test says that it is late. */
export type HastyClock = Clock & {
  /** Every wait that was asked for, in milliseconds. */
  readonly pauses: number[];
  /** Lets all that still waits be due. */
  readonly isLate: () => void;
};

/** Makes one; waits of more than `longestPauseMs` are time limits. */
export const aHastyClock = (longestPauseMs = 10_000): HastyClock => {
  const pauses: number[] = [];
  const limits = new Set<() => void>();
  let nowMs = Date.UTC(2026, 0, 1);
  return {
    pauses,
    nowMs: () => nowMs,
    at: (atMs, wake) => {
      if (atMs - nowMs > longestPauseMs) {
        limits.add(wake);
        return () => limits.delete(wake);
      }
      pauses.push(atMs - nowMs);
      const due = setImmediate(() => {
        nowMs = Math.max(nowMs, atMs);
        wake();
      });
      return () => clearImmediate(due);
    },
    isLate: () => {
      for (const wake of limits) wake();
      limits.clear();
    },
  };
};
