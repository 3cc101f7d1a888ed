import { PapilioError } from '#lib/errors';
import type { Event } from '#schema/event';
import { type EventFilter, facetsOf, testOf } from './event-filter.ts';
import { firstAt, mergeEvents } from './event-search.ts';
import { isPast, type Position, planeOf, writePosition } from './position.ts';
import { fromBoth } from './stf-view.ts';
import type { Surroundings } from './surroundings.ts';

type Records = Surroundings['records'];

/** Pages that a filtered question looks through before it answers with what it has. */
const maxPages = 20;

/** Up to so many events of each log after a position, in one order. */
export const readEvents = async (records: Records, after: Position, limit: number): Promise<Event[]> => {
  const { archive = [], work = [] } = await fromBoth(records, {
    archive: ({ log }) => log.read(after.archive, limit),
    work: ({ log }) => log.read(after.work, limit),
  });
  const merged = mergeEvents(archive, work);
  // Behind the end of a full page its log may hold what stands before the rest of the other.
  const ends = [archive, work].flatMap((page) => {
    const last = page[limit - 1];
    return last === undefined ? [] : merged.indexOf(last);
  });
  return merged.slice(0, 1 + Math.min(merged.length - 1, ...ends));
};

/** Where the logs end; nothing of a plane whose log cannot be opened. */
export const headOfLogs = async (records: Records): Promise<Partial<Position>> => {
  const { archive, work } = await fromBoth(records, {
    archive: ({ log }) => log.head(),
    work: ({ log }) => log.head(),
  });
  return { ...(archive !== undefined && { archive }), ...(work !== undefined && { work }) };
};

/** @throws position-unknown for a place that the logs have not come to: they were restored, or it is none of theirs */
const needPosition = async (records: Records, after: Position): Promise<void> => {
  const end = { ...after, ...(await headOfLogs(records)) };
  if (!isPast(after, end)) return;
  throw new PapilioError('position-unknown', `after ${writePosition(after)}; the logs end at ${writePosition(end)}`);
};

/** Position before the first events at or after a moment, in UTC: O(log n) reads of each log. */
export const positionAt = async (records: Records, since: string): Promise<Position> => {
  const atMs = Date.parse(since);
  const { archive = 0, work = 0 } = await fromBoth(records, {
    archive: ({ log }) => firstAt(log, atMs),
    work: ({ log }) => firstAt(log, atMs),
  });
  return { archive, work };
};

/** Events of both logs after a position, merged; `next` is where to go on, whether or not anything was found. */
export const listEvents = async (
  records: Records,
  after: Position,
  { limit, ...filter }: EventFilter & { readonly limit: number },
): Promise<{ items: Event[]; next: string }> => {
  await needPosition(records, after);
  const { fits } = testOf(filter);
  let position = after;
  const items: Event[] = [];
  for (let page = 0; page < maxPages && items.length < limit; page += 1) {
    const wanted = limit - items.length;
    const events = (await readEvents(records, position, wanted)).slice(0, wanted);
    if (events.length === 0) break;
    items.push(...events.filter((event) => fits(facetsOf(event))));
    for (const event of events) position = { ...position, [planeOf(event)]: event.seq };
  }
  return { items, next: writePosition(position) };
};
