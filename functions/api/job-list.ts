import { facilityOfJob, jobShelves, nowhere, shelfKey, timeKey } from '#lib/model/job-order';
import { facilities, jobs } from '#lib/records';
import type { Query, Store } from '#ports/store';
import type { Job } from '#schema/job';
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

/** One range of an index, read bit by bit. */
type Source = { readonly head: () => Promise<Job | undefined>; readonly take: () => void };

const openSource = (
  store: Store,
  { index, pk, ...range }: Range,
  page: { readonly limit: number; readonly newestFirst: boolean },
): Source => {
  let items: Job[] = [];
  let taken = 0;
  let cursor: string | undefined;
  let isLast = false;
  // A range that gives much is read in ever larger parts, one that gives nothing costs little.
  let { limit } = page;
  const fill = async (): Promise<void> => {
    const query = { ...range, ...page, limit, ...(cursor === undefined ? {} : { cursor }) };
    const found = await jobs.list(store, index, pk, query);
    items = found.items.map(({ doc }) => doc);
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

const isWanted = (job: Job, { state, facility, owner, task, since, until }: JobWish): boolean =>
  (state === undefined || job.state === state) &&
  (facility === undefined || facilityOfJob(job) === facility) &&
  (owner === undefined || job.owner === owner) &&
  (task === undefined || job.task === task) &&
  (since === undefined || job.createdAt >= since) &&
  (until === undefined || job.createdAt < until);

/** The next job of all the sources. */
const nextOf = async (
  sources: readonly Source[],
  keyOf: (job: Job) => string,
  isNewestFirst: boolean,
): Promise<{ job: Job; source: Source } | undefined> => {
  let best: { job: Job; source: Source } | undefined;
  for (const source of sources) {
    const job = await source.head();
    if (job && (!best || keyOf(job) < keyOf(best.job) !== isNewestFirst)) best = { job, source };
  }
  return best;
};

/** A page of jobs in one order, out of as many ranges as it takes. */
export const listJobs = async (store: Store, wish: JobWish): Promise<{ items: Job[]; next?: string }> => {
  const { runId, isNewestFirst, limit } = wish;
  const keyOf = runId === undefined ? timeKey : ({ id }: Job) => id;
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
    last = keyOf(found.job);
    if (isWanted(found.job, wish)) items.push(found.job);
  }
};
