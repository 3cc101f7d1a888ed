import type { EventLog } from '#ports/event-log';
import type { Event } from '#schema/event';

const pageSize = 500;
/** Clocks of functions that write side by side differ by moments; an event may stand a little before its time. */
const slackMs = 5_000;

export type EventSearch = {
  readonly subjects: ReadonlySet<string>;
  /** UTC, ISO 8601: nothing about the subjects happened before. */
  readonly from: string;
  /** Where to stop; absent while the story goes on. */
  readonly until?: string | undefined;
  /** How many events are looked at, at most. */
  readonly maxScanned: number;
};

/** Position of the first event at or after a moment: O(log n) reads of one event, the log being in order of time. */
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

/** Finds the events about some subjects in a window of time, without an index. */
export const searchEvents = async (
  log: EventLog,
  search: EventSearch,
): Promise<{ events: Event[]; isComplete: boolean }> => {
  const untilMs = search.until === undefined ? Number.POSITIVE_INFINITY : Date.parse(search.until) + slackMs;
  let after = await firstAt(log, Date.parse(search.from) - slackMs);
  const found: Event[] = [];
  for (let scanned = 0; scanned < search.maxScanned; scanned += pageSize) {
    const page = await log.read(after, pageSize);
    found.push(...page.filter((event) => search.subjects.has(event.subject)));
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize || Date.parse(last.time) > untilMs)
      return { events: found, isComplete: true };
    after = last.seq;
  }
  return { events: found, isComplete: false };
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
