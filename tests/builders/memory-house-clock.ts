import { setImmediate } from 'node:timers/promises';
import type { Clock } from '#ports/clock';
import { fakeClock } from './fake-clock.ts';

/** A clock that goes on to the next moment somebody waits for, once everybody else has nothing left to do. */
export type HouseClock = Clock & {
  /** Told by whatever works: as long as something does, time stands still. */
  readonly busy: () => void;
  /** Lets everything happen that waits for no time. */
  readonly idle: () => Promise<void>;
  /** Turns the hands to the next moment that somebody waits for. */
  readonly next: () => Promise<void>;
};

/** Turns of the loop without any work after which nothing more comes of itself: everything is in memory. */
const quietTurns = 3;

/** Behind the stamps of the recorded streams. */
const startMs = Date.UTC(2026, 10, 24, 7);

/** Makes a clock that is driven by what waits for it. */
export const houseClock = (): HouseClock => {
  const clock = fakeClock(startMs);
  const due = new Set<{ readonly atMs: number }>();
  let work = 0;
  return {
    nowMs: clock.nowMs,
    at: (atMs, wake) => {
      const entry = { atMs };
      due.add(entry);
      const cancel = clock.at(atMs, () => {
        due.delete(entry);
        wake();
      });
      return () => {
        due.delete(entry);
        cancel();
      };
    },
    busy: () => {
      work += 1;
    },
    idle: async () => {
      for (let quiet = 0; quiet < quietTurns; ) {
        const before = work;
        await setImmediate();
        quiet = work === before ? quiet + 1 : 0;
      }
    },
    next: () => {
      const atMs = Math.min(...[...due].map((entry) => entry.atMs));
      return clock.advance(Number.isFinite(atMs) ? Math.max(0, atMs - clock.nowMs()) : 0);
    },
  };
};
