import { jobShelves, nowhere, shelfKey } from '#lib/model/job-order';
import { facilities } from '#lib/records';
import type { Item, Query, Store } from '#ports/store';
import { Job } from '#schema/job';
import { readCursor, writeCursor } from './lists.ts';

/** Which jobs are asked for; all that is given must hold. */
export type JobWish = {
  readonly runId?: string | undefined;
  readonly state?: Job['state'] | undefined;
  readonly facility?: string | undefined;
  readonly owner?: string | undefined;
  readonly task?: string | undefined;
  /** Created at or after, and before. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly isNewestFirst: boolean;
  readonly limit: number;
  readonly cursor?: string | undefined;
};

/** Jobs that a page looks at, at most: a filter without an index of its own gives short pages rather than slow ones. */
const lookedAtMost = 2_000;
/** Jobs that are read at once, at most. */
const mostAtOnce = 500;
/** Greater than every id. */
const afterIds = '~';
/** The least that is greater than a text, and less than any that goes on with a character of ours. */
const justAfter = (text: string): string => `${text}\u0001`;

type Range = Pick<Query, 'skFirst' | 'skEnd'> & { readonly index: 'i1' | 'i2'; readonly pk: string };

/** One range of an index, read bit by bit. Records are parsed when they are shown: most that are looked at are not. */
type Source = { readonly head: () => Promise<Item | undefined>; readonly take: () => void };

/** A record's place among all of its shelf: `<facility>#<time>#<id>`. */
const placeOf = ({ indexes }: Item): string => indexes?.i2?.sk ?? '';
const facilityIn = (row: Item): string => placeOf(row).slice(0, placeOf(row).indexOf('#'));
const timeIn = (row: Item): string => placeOf(row).slice(placeOf(row).indexOf('#') + 1);
const idIn = ({ pk }: Item): string => pk;

const openSource = (
  store: Store,
  range: Range,
  page: { readonly limit: number; readonly newestFirst: boolean },
): Source => {
  let items: readonly Item[] = [];
  let taken = 0;
  let cursor: string | undefined;
  let isLast = false;
  // A range that gives much is read in ever larger parts, one that gives nothing costs little.
  let { limit } = page;
  const fill = async (): Promise<void> => {
    const query = { ...range, ...page, limit, ...(cursor === undefined ? {} : { cursor }) };
    const found = await store.query(query);
    items = found.items;
    taken = 0;
    limit = Math.min(mostAtOnce, limit * 2);
    cursor = found.next;
    isLast = cursor === undefined;
  };
  return {
    head: async () => {
      if (taken === items.length && !isLast) await fill();
      return items[taken];
    },
    take: () => {
      taken += 1;
    },
  };
};

/** A run's jobs are in one range, by id; all others by how they stand and where they are. */
const rangesOf = async (store: Store, wish: JobWish, after: string | undefined): Promise<Range[]> => {
  const { runId, state, facility, since, until, isNewestFirst } = wish;
  const bounded = (prefix: string, first: string, end: string): Pick<Query, 'skFirst' | 'skEnd'> => ({
    skFirst: `${prefix}${after !== undefined && !isNewestFirst ? justAfter(after) : first}`,
    skEnd: after !== undefined && isNewestFirst ? `${prefix}${after}` : end,
  });
  if (runId !== undefined) return [{ index: 'i1', pk: `${runId}#jobs`, ...bounded('', '', afterIds) }];
  const shelves = jobShelves.filter((shelf) => state === undefined || mayStandOn(state, shelf));
  const places = facility === undefined ? [nowhere, ...(await namesOf(store))] : [facility];
  return shelves.flatMap((shelf) =>
    places.map((place) => ({
      index: 'i2' as const,
      pk: shelfKey(shelf),
      ...bounded(`${place}#`, since ?? '', until === undefined ? `${place}$` : `${place}#${until}`),
    })),
  );
};

/** One that was cancelled is open until its payload has ended. */
const mayStandOn = (state: Job['state'], shelf: (typeof jobShelves)[number]): boolean =>
  shelf === state || (shelf === 'open' && state !== 'succeeded' && state !== 'failed');

const namesOf = async (store: Store): Promise<string[]> =>
  (await facilities.list(store, 'i1', 'facilities', { limit: 1000 })).items.map(({ doc }) => doc.name);

const isWanted = (row: Item, { state, facility, owner, task, since, until }: JobWish): boolean => {
  const { doc } = row;
  const createdAt = String(doc.createdAt);
  return (
    (state === undefined || doc.state === state) &&
    (facility === undefined || facilityIn(row) === facility) &&
    (owner === undefined || doc.owner === owner) &&
    (task === undefined || doc.task === task) &&
    (since === undefined || createdAt >= since) &&
    (until === undefined || createdAt < until)
  );
};

/** The next job of all the sources. */
const nextOf = async (
  sources: readonly Source[],
  keyOf: (row: Item) => string,
  isNewestFirst: boolean,
): Promise<{ row: Item; source: Source } | undefined> => {
  let best: { row: Item; source: Source } | undefined;
  for (const source of sources) {
    const row = await source.head();
    if (row && (!best || keyOf(row) < keyOf(best.row) !== isNewestFirst)) best = { row, source };
  }
  return best;
};

/** A page of jobs in one order, out of as many ranges as it takes. */
export const listJobs = async (store: Store, wish: JobWish): Promise<{ items: Job[]; next?: string }> => {
  const { runId, isNewestFirst, limit } = wish;
  const keyOf = runId === undefined ? timeIn : idIn;
  const ranges = await rangesOf(store, wish, wish.cursor === undefined ? undefined : readCursor(wish.cursor));
  const sources = ranges.map((range) =>
    openSource(store, range, { newestFirst: isNewestFirst, limit: Math.ceil((limit + 1) / ranges.length) }),
  );
  const items: Job[] = [];
  let last: string | undefined;
  for (let looked = 0; ; looked++) {
    const found = await nextOf(sources, keyOf, isNewestFirst);
    if (!found) return { items };
    if ((items.length === limit || looked === lookedAtMost) && last !== undefined)
      return { items, next: writeCursor(last) };
    found.source.take();
    last = keyOf(found.row);
    if (isWanted(found.row, wish)) items.push(Job.parse(found.row.doc));
  }
};
