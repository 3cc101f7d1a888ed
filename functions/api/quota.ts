import type { Quota } from './limits.ts';

/** How a request stands with its quota. */
export type Standing = {
  readonly isAllowed: boolean;
  /** Requests that may follow at once. */
  readonly remaining: number;
  /** When the whole quota is there again, and, for who is refused, when one request is. */
  readonly fullInMs: number;
  readonly nextInMs: number;
};

/** Counts requests by key. */
export type Counter = {
  /** Takes one of the quota, if there is one. */
  readonly take: (key: string, quota: Quota, nowMs: number) => Standing;
  /** How it stands, without taking. */
  readonly look: (key: string, quota: Quota, nowMs: number) => Standing;
};

/** More keys than a laboratory has machines; who is forgotten begins anew. */
const mostKeys = 20_000;

/**
 * The generic cell rate algorithm: a key's debt grows by `window / requests` a request and melts with time; it may never
 * exceed the window. One number a key, one lookup a request. Example: 60 in 60 s lets 60 pass at once, then one a second.
 */
export const createCounter = (): Counter => {
  /** Until when each key's requests are paid for; the key that was first heard of first. */
  const accounts = new Map<string, { paidUntilMs: number }>();
  const standing = (paidUntil: number, { requests, windowS }: Quota, nowMs: number): Standing => {
    const each = (windowS * 1000) / requests;
    const debt = Math.max(0, paidUntil - nowMs);
    return {
      isAllowed: debt + each <= windowS * 1000,
      remaining: Math.max(0, Math.floor((windowS * 1000 - debt) / each)),
      fullInMs: debt,
      nextInMs: Math.max(0, debt + each - windowS * 1000),
    };
  };
  const remember = (key: string, paidUntilMs: number): void => {
    const known = accounts.get(key);
    if (known !== undefined) {
      known.paidUntilMs = paidUntilMs;
      return;
    }
    accounts.set(key, { paidUntilMs });
    const [oldest] = accounts.keys();
    if (accounts.size > mostKeys && oldest !== undefined) accounts.delete(oldest);
  };
  const look: Counter['look'] = (key, quota, nowMs) => standing(accounts.get(key)?.paidUntilMs ?? 0, quota, nowMs);
  return {
    look,
    take: (key, quota, nowMs) => {
      const before = look(key, quota, nowMs);
      if (!before.isAllowed) return before;
      const until = nowMs + before.fullInMs + (quota.windowS * 1000) / quota.requests;
      remember(key, until);
      return { ...standing(until, quota, nowMs), isAllowed: true };
    },
  };
};
