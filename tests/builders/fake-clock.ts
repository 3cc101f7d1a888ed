import { setImmediate } from 'node:timers/promises';
import type { Clock } from '#ports/clock';

/** A clock whose hands the test turns. */
export type FakeClock = Clock & {
  /** Moves on by `ms`, waking what is due on the way, each at its own time; lets what was woken run. */
  readonly advance: (ms: number) => Promise<void>;
  /** How many timers are set. */
  readonly timers: () => number;
  /** Resolves when so many timers are set: what the test started has come to its wait. */
  readonly whenTimers: (count: number) => Promise<void>;
};

/** Makes a clock that stands still until it is advanced. */
export function fakeClock(startMs = Date.UTC(2026, 0, 1)): FakeClock {
  let nowMs = startMs;
  let order = 0;
  const timers = new Map<number, { readonly atMs: number; readonly wake: () => void }>();
  const watchers = new Set<() => void>();
  const earliest = () => [...timers].sort(([a, one], [b, other]) => one.atMs - other.atMs || a - b)[0];
  return {
    nowMs: () => nowMs,
    at: (atMs, wake) => {
      order += 1;
      const key = order;
      timers.set(key, { atMs, wake });
      for (const look of watchers) look();
      return () => timers.delete(key);
    },
    advance: async (ms) => {
      const endMs = nowMs + ms;
      for (let next = earliest(); next && next[1].atMs <= endMs; next = earliest()) {
        timers.delete(next[0]);
        nowMs = Math.max(nowMs, next[1].atMs);
        next[1].wake();
        await setImmediate();
      }
      nowMs = endMs;
      await setImmediate();
    },
    timers: () => timers.size,
    whenTimers: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (timers.size < count) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
  };
}
