import type { Clock } from '#ports/clock';

/** setTimeout takes a signed 32-bit number of milliseconds; a longer wait goes in hops. */
const longestHopMs = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  at: (atMs, wake) => {
    let timer: NodeJS.Timeout | undefined;
    const hop = () => {
      const leftMs = atMs - Date.now();
      if (leftMs <= 0 && timer !== undefined) wake();
      else timer = setTimeout(hop, Math.min(Math.max(leftMs, 0), longestHopMs));
    };
    hop();
    return () => clearTimeout(timer);
  },
};
