import type { Clock } from '#ports/clock';

/** Work that is done again and again while there is need for it. */
export type Repeating = { readonly wake: () => void; readonly stop: () => void };

/** Does `step` every period from `wake` on, until it says that there is no more need. */
export const repeating = (clock: Clock, periodMs: number, step: () => boolean): Repeating => {
  let cancel: (() => void) | undefined;
  let isStopped = false;
  const schedule = () => {
    cancel = clock.at(clock.nowMs() + periodMs, () => {
      cancel = undefined;
      if (step() && !isStopped) schedule();
    });
  };
  return {
    wake: () => {
      if (cancel === undefined && !isStopped) schedule();
    },
    stop: () => {
      isStopped = true;
      cancel?.();
    },
  };
};
