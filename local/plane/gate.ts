import type { Clock } from '#ports/clock';

/** Lets calls run side by side, except those that must be alone. First come, first served. */
export type Gate = {
  readonly shared: <T>(call: () => Promise<T>) => Promise<T>;
  /** Waits until nothing else runs; nothing else starts until `call` ends, or has run for `aloneMs`. */
  readonly alone: <T>(call: () => Promise<T>) => Promise<T>;
};

type Waiting = { readonly isAlone: boolean; readonly start: () => void };

/** A gate; `aloneMs` bounds how long one slow call may hold up the others. */
export const createGate = (clock: Clock, aloneMs: number): Gate => {
  const waiting: Waiting[] = [];
  let running = 0;
  let isHeld = false;

  const startNext = (): boolean => {
    const next = waiting[0];
    if (next === undefined || isHeld || (next.isAlone && running > 0)) return false;
    waiting.shift();
    running += 1;
    isHeld = next.isAlone;
    next.start();
    return true;
  };
  const pump = () => {
    while (startNext()) {
      // each start may let the next one in
    }
  };
  const enter = async (isAlone: boolean): Promise<void> => {
    const isOpen = !isHeld && waiting.length === 0 && (!isAlone || running === 0);
    if (!isOpen) return new Promise((start) => waiting.push({ isAlone, start }));
    running += 1;
    isHeld = isAlone;
  };
  const leave = () => {
    running -= 1;
    pump();
  };
  return {
    shared: async (call) => {
      await enter(false);
      try {
        return await call();
      } finally {
        leave();
      }
    },
    alone: async (call) => {
      await enter(true);
      let isHolding = true;
      const release = () => {
        if (!isHolding) return;
        isHolding = false;
        isHeld = false;
      };
      const cancel = clock.at(clock.nowMs() + aloneMs, () => {
        release();
        pump();
      });
      try {
        return await call();
      } finally {
        cancel();
        release();
        leave();
      }
    },
  };
};
