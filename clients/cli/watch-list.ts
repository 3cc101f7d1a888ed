import { setTimeout as rest } from 'node:timers/promises';
import type { Client } from '../http/client.ts';
import * as api from '../http/generated/operations.ts';

/** How long an answer may be held back for news, and the rest after it: at most two lists a second. */
const waitMs = 20_000;
const restMs = 500;

/** Shows a list, and again whenever there is news, until the signal fires. @throws the reason of the signal */
export const watchList = async (client: Client, signal: AbortSignal, show: () => Promise<void>): Promise<never> => {
  let { position } = await client.call(api.getStatus);
  for (;;) {
    await show();
    await rest(restMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    ({ position } = await client.call(api.getStatus, { query: { after: position, waitMs } }));
  }
};

/** Whether a list is another than at the look before, also because something has left it. */
export const createDifference = (): ((items: readonly object[]) => boolean) => {
  let before: string | undefined;
  return (items) => {
    const text = JSON.stringify(items);
    const isAnother = text !== before;
    before = text;
    return isAnother;
  };
};

/** Gives of each list only what was not there before, or was otherwise. */
export const createNovelty = <T extends object>(name: (item: T) => string): ((items: readonly T[]) => T[]) => {
  const known = new Map<string, string>();
  return (items) =>
    items.filter((item) => {
      const text = JSON.stringify(item);
      const isKnown = known.get(name(item)) === text;
      known.set(name(item), text);
      return !isKnown;
    });
};
