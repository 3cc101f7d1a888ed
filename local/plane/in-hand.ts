import type { Call } from './functions.ts';

/** The calls that a plane has in hand, so that it can end without dropping one. */
export type InHand = {
  readonly call: Call;
  /** From now on no call begins; resolves when none is left. What did not begin is issued again by the next start. */
  readonly drain: () => Promise<void>;
};

/** Counts calls; once draining, a new one never returns. */
export const trackCalls = (call: Call): InHand => {
  let running = 0;
  let isDraining = false;
  const drained = Promise.withResolvers<void>();
  const settle = () => {
    if (isDraining && running === 0) drained.resolve();
  };
  return {
    call: async (name, payload, ids) => {
      if (isDraining) return new Promise(() => undefined);
      running += 1;
      try {
        return await call(name, payload, ids);
      } finally {
        running -= 1;
        settle();
      }
    },
    drain: () => {
      isDraining = true;
      settle();
      return drained.promise;
    },
  };
};
