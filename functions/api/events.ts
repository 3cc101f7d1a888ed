import { PapilioError } from '#lib/errors';
import type { Event } from '#schema/event';
import { type EventFilter, facetsOf, testOf } from './event-filter.ts';
import { firstAt, mergeEvents } from './event-search.ts';
import { isPast, type Position, planeOf, writePosition } from './position.ts';
import { fromBoth } from './stf-view.ts';
import type { PlaneRecords, Surroundings } from './surroundings.ts';

type Records = Surroundings['records'];

/** Pages that a filtered question looks through before it answers with what it has. */
const maxPages = 20;

/** Pages of both logs in one order; a log that cannot be opened has none. */
type Pages = {
  readonly archive: readonly Event[] | undefined;
  readonly work: readonly Event[] | undefined;
  readonly merged: Event[];
};

/** Up to so many events of each log after a position, of one subject if it is named. */
const readPages = async (
  records: Records,
  after: Position,
  { limit, subject }: { readonly limit: number; readonly subject?: string | undefined },
): Promise<Pages> => {
  const read = ({ log }: PlaneRecords, afterSeq: number) =>
    subject === undefined ? log.read(afterSeq, limit) : log.ofSubject({ subject, afterSeq, limit });
  const { archive, work } = await fromBoth(records, {
    archive: (of) => read(of, after.archive),
    work: (of) => read(of, after.work),
  });
  const merged = mergeEvents(archive ?? [], work ?? []);
  // Behind the end of a full page its log may hold what stands before the rest of the other.
  const ends = [archive, work].flatMap((page) => {
    const last = page?.[limit - 1];
    return last === undefined ? [] : merged.indexOf(last);
  });
  return { archive, work, merged: merged.slice(0, 1 + Math.min(merged.length - 1, ...ends)) };
};

/** Up to so many events of each log after a position, in one order. */
export const readEvents = async (records: Records, after: Position, limit: number): Promise<Event[]> =>
  (await readPages(records, after, { limit })).merged;

/** Where the logs end; nothing of a plane whose log cannot be opened. */
export const headOfLogs = async (records: Records): Promise<Partial<Position>> => {
  const { archive, work } = await fromBoth(records, {
    archive: ({ log }) => log.head(),
    work: ({ log }) => log.head(),
  });
  return { ...(archive !== undefined && { archive }), ...(work !== undefined && { work }) };
};

/** Where the logs end. @throws position-unknown for a place that the logs have not come to: they were restored, or it is none of theirs */
const needPosition = async (records: Records, after: Position): Promise<Position> => {
  const end = { ...after, ...(await headOfLogs(records)) };
  if (!isPast(after, end)) return end;
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

/** The position after all events of a subject up to where the logs ended, of the logs that could be read. */
const skipTo = (end: Position, position: Position, { archive, work }: Pages): Position => ({
  archive: archive === undefined ? position.archive : Math.max(position.archive, end.archive),
  work: work === undefined ? position.work : Math.max(position.work, end.work),
});

/**
 * Events of both logs after a position, merged; `next` is where to continue, whether or not anything was found. Those of
 * one subject are found by an index, and others are read page by page.
 */
export const listEvents = async (
  records: Records,
  after: Position,
  { limit, ...filter }: EventFilter & { readonly limit: number },
): Promise<{ items: Event[]; next: string }> => {
  const end = await needPosition(records, after);
  const { fits } = testOf(filter);
  let position = after;
  const items: Event[] = [];
  for (let page = 0; page < maxPages && items.length < limit; page += 1) {
    const wanted = limit - items.length;
    const pages = await readPages(records, position, { limit: wanted, subject: filter.subject });
    const events = pages.merged.slice(0, wanted);
    if (events.length === 0) {
      if (filter.subject !== undefined) position = skipTo(end, position, pages);
      break;
    }
    items.push(...events.filter((event) => fits(facetsOf(event))));
    for (const event of events) position = { ...position, [planeOf(event)]: event.seq };
  }
  return { items, next: writePosition(position) };
};
