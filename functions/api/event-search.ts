import type { EventLog } from '#ports/event-log';
import type { Event } from '#schema/event';

/** The `seq` before the first event at or after a moment: O(log n) reads of one event, the log being in order of time. */
export const firstAt = async (log: EventLog, atMs: number): Promise<number> => {
  let first = 0;
  let end = await log.head();
  while (first < end) {
    const middle = Math.floor((first + end) / 2);
    const [event] = await log.read(middle, 1);
    if (event !== undefined && Date.parse(event.time) < atMs) first = middle + 1;
    else end = middle;
  }
  return first;
};

const inOrder = (a: Event, b: Event): boolean => a.time <= b.time;

/** One order for display out of two logs: by time where they meet, each log's own order kept. */
export const mergeEvents = (left: readonly Event[], right: readonly Event[]): Event[] => {
  const merged: Event[] = [];
  let l = 0;
  let r = 0;
  while (l < left.length || r < right.length) {
    const a = left[l];
    const b = right[r];
    if (a !== undefined && (b === undefined || inOrder(a, b))) {
      merged.push(a);
      l += 1;
    } else if (b !== undefined) {
      merged.push(b);
      r += 1;
    }
  }
  return merged;
};
