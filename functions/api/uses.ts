import { PapilioError } from '#lib/errors';
import type { Account } from './accounts.ts';
import type { Bound, Bounds } from './limits.ts';

/** What each account holds now of what is bounded. */
export type Uses = {
  /** Takes so much; gives how to give it back, which does so once. @throws quota-exceeded */
  readonly take: (account: Account, what: keyof Bound, amount: number) => () => void;
  readonly held: (account: Account, what: keyof Bound) => number;
};

const words: Readonly<Record<keyof Bound, (most: number) => string>> = {
  waiting: (most) => `waiting requests (waitMs): at most ${most} at a time`,
  bodyBytes: (most) => `bytes of request bodies: at most ${most} at a time`,
};

/** Counts what accounts hold; an account that holds nothing takes no memory. */
export const createUses = (bounds: Bounds): Uses => {
  const counts = new Map<string, number>();
  const keyOf = (account: Account, what: keyof Bound): string => `${what} ${account.key}`;
  const add = (key: string, amount: number): void => {
    const left = (counts.get(key) ?? 0) + amount;
    if (left > 0) counts.set(key, left);
    else counts.delete(key);
  };
  return {
    held: (account, what) => counts.get(keyOf(account, what)) ?? 0,
    take: (account, what, amount) => {
      const key = keyOf(account, what);
      const most = bounds[account.class][what];
      const held = counts.get(key) ?? 0;
      if (held + amount > most)
        throw new PapilioError('quota-exceeded', `${account.key}: ${words[what](most)}; ${held} are held`);
      add(key, amount);
      let isHeld = true;
      return () => {
        if (isHeld) add(key, -amount);
        isHeld = false;
      };
    },
  };
};
