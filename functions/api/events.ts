import type { Event } from '#schema/event';
import type { Plane } from '../catalog.ts';
import { mergeEvents } from './event-search.ts';
import { type Position, writePosition } from './position.ts';
import { fromBoth } from './stf-view.ts';
import type { Surroundings } from './surroundings.ts';

export type EventFilter = { readonly type?: string | undefined; readonly subject?: string | undefined };

/** `job.settled` asks for one type, `job.` or `job` for all of a noun. */
const fits = (event: Event, { type, subject }: EventFilter): boolean =>
  (type === undefined || event.type === type || event.type.startsWith(type.endsWith('.') ? type : `${type}.`)) &&
  (subject === undefined || event.subject === subject);

const planeOf = (event: Event): Plane => (event.source.endsWith('/archive') ? 'archive' : 'work');

/** Pages that a filtered question looks through before it answers with what it has. */
const maxPages = 20;

const readPage = async (records: Surroundings['records'], after: Position, limit: number): Promise<Event[]> => {
  const { archive = [], work = [] } = await fromBoth(records, {
    archive: ({ log }) => log.read(after.archive, limit),
    work: ({ log }) => log.read(after.work, limit),
  });
  return mergeEvents(archive, work).slice(0, limit);
};

/** Events of both logs after a position, merged; `next` is where to go on, whether or not anything was found. */
export const listEvents = async (
  records: Surroundings['records'],
  after: Position,
  { limit, ...filter }: EventFilter & { readonly limit: number },
): Promise<{ items: Event[]; next: string }> => {
  let position = after;
  const items: Event[] = [];
  for (let page = 0; page < maxPages && items.length < limit; page += 1) {
    const events = await readPage(records, position, limit - items.length);
    if (events.length === 0) break;
    items.push(...events.filter((event) => fits(event, filter)));
    for (const event of events) position = { ...position, [planeOf(event)]: event.seq };
  }
  return { items, next: writePosition(position) };
};
