import type { Clock } from '#ports/clock';

/** Something that is done again and again while it is on. */
export type Beat = { readonly start: () => void; readonly stop: () => void };

/** Makes it; it is off. */
export const every = (clock: Clock, ms: number, call: () => void): Beat => {
  let cancel: (() => void) | undefined;
  const next = (): void => {
    cancel = clock.at(clock.nowMs() + ms, () => {
      next();
      call();
    });
  };
  return {
    start: () => {
      if (!cancel) next();
    },
    stop: () => {
      cancel?.();
      cancel = undefined;
    },
  };
};
