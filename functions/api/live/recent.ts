import type { Event } from '#schema/event';
import { isPast, type Position, planeOf, startOfLogs } from '../position.ts';
import { type Entry, entryOf, positionAfter } from './block.ts';

/** The newest events of both logs in the order in which they came; those on their way are not yet told to anybody. */
export type Recent = {
  /** Nothing before a position is known here; what follows it will be. */
  readonly begin: (position: Position) => void;
  readonly add: (events: readonly Event[]) => void;
  /** Gives what is on its way, which is told from now on. */
  readonly tell: () => readonly Entry[];
  /** Whether all events after a position are known here. */
  readonly reaches: (position: Position) => boolean;
  /** The first so many that were told when the logs were past a position; of the log that lags behind it, some from before. */
  readonly after: (position: Position, limit: number) => readonly Entry[];
  /** Both logs, as far as was told. */
  readonly told: () => Position;
};

/** Reaches nothing until it begins. Finding a place among n events costs O(log n). */
export const createRecent = (size: number): Recent => {
  let start: Position | undefined;
  let end = startOfLogs;
  let told = startOfLogs;
  let entries: Entry[] = [];
  let toldCount = 0;

  /** A quarter more than its size is kept, so that it is seldom cut. */
  const trim = (): void => {
    const surplus = Math.min(toldCount, entries.length - size);
    if (surplus < size / 4) return;
    start = entries[surplus - 1]?.position ?? start;
    entries = entries.slice(surplus);
    toldCount -= surplus;
  };

  /** Index of the first event with which the logs are past a position. */
  const firstPast = (position: Position): number => {
    let [first, last] = [0, toldCount];
    while (first < last) {
      const middle = Math.floor((first + last) / 2);
      const entry = entries[middle];
      if (entry === undefined || isPast(entry.position, position)) last = middle;
      else first = middle + 1;
    }
    return first;
  };

  return {
    begin: (position) => {
      [start, end, told] = [position, position, position];
      [entries, toldCount] = [[], 0];
    },
    add: (events) => {
      for (const event of events) {
        if (event.seq <= end[planeOf(event)]) continue;
        end = positionAfter(end, event);
        entries.push(entryOf(event, end));
      }
    },
    tell: () => {
      const fresh = entries.slice(toldCount);
      toldCount = entries.length;
      told = end;
      trim();
      return fresh;
    },
    reaches: (position) => start !== undefined && !isPast(start, position),
    after: (position, limit) => {
      const first = firstPast(position);
      return entries.slice(first, Math.min(toldCount, first + limit));
    },
    told: () => told,
  };
};
