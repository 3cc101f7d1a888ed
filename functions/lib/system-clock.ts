import { clockFloorMs } from './config.ts';
import type { Clock } from './ports/clock.ts';

/** setTimeout takes a signed 32-bit number of milliseconds; a longer wait goes in hops. */
const longestHopMs = 2 ** 31 - 1;

/**
 * The machine's own clock, except that it never goes back while a process lives: set back by an hour (a correction, a resumed
 * virtual machine), it would let every retry, visibility and check that is a second away wait for an hour. It follows
 * every step forward, so a machine that slept finds its timers due. Nor does it begin before `floorMs`: processes of one
 * papilio that were started before and after the clock was set back agree.
 */
export const createSystemClock = (
  wallMs: () => number = () => Date.now(),
  monotonicMs: () => number = () => performance.now(),
  floorMs = Number.NEGATIVE_INFINITY,
): Clock => {
  let aheadMs = floorMs - monotonicMs();
  const nowMs = (): number => {
    const elapsedMs = monotonicMs();
    const nowByWallMs = wallMs();
    aheadMs = Math.max(aheadMs, nowByWallMs - elapsedMs);
    // Rounding must not make it a millisecond later by the wall than here.
    return Math.max(nowByWallMs, Math.floor(aheadMs + elapsedMs));
  };
  return {
    nowMs,
    at: (atMs, wake) => {
      let timer: NodeJS.Timeout | undefined;
      const hop = () => {
        const leftMs = atMs - nowMs();
        if (leftMs <= 0 && timer !== undefined) wake();
        else timer = setTimeout(hop, Math.min(Math.max(leftMs, 0), longestHopMs));
      };
      hop();
      return () => clearTimeout(timer);
    },
  };
};

/** The clock of this process: the floor was given when it was started, from when its monotonic time counts. */
export const systemClock: Clock = createSystemClock(
  () => Date.now(),
  () => performance.now(),
  clockFloorMs() + performance.now(),
);
