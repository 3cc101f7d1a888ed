import type { Remark } from '#schema/daq-lifecycle';
import { clockAheadS } from './policy.ts';

/** Remarks that a stamp lies far ahead of the receipt of its message; nothing is said of one behind, which may be a replay. */
export const clockAhead = (stampedAt: string, receivedAt: string): Remark[] => {
  const aheadMs = Date.parse(stampedAt) - Date.parse(receivedAt);
  if (aheadMs <= clockAheadS * 1000) return [];
  const hours = Math.floor(aheadMs / 3_600_000);
  return [{ rule: 'clock-ahead', reason: `stamped ${stampedAt}, ${hours} h after it was received at ${receivedAt}` }];
};
