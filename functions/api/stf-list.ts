import { PapilioError } from '#lib/errors';
import { runKey, sequenceKey, stfKey } from '#lib/model/ids';
import { type StfShelf, stfShelfKey } from '#lib/model/stf-order';
import { jobs, replicas, stfRuns, stfs } from '#lib/records';
import type { Store } from '#ports/store';
import type { Stf } from '#schema/stf';
import type { StfView } from '#schema/view';
import { runNumberOf } from './ids.ts';
import { mergeByKey, readCursor, writeCursor } from './lists.ts';
import { fromBoth, joinStf } from './stf-view.ts';
import type { Surroundings } from './surroundings.ts';
import { waitsFor } from './waits-for.ts';

type Records = Surroundings['records'];

/** Filters, order and page of a list of STFs. */
export type StfWish = {
  readonly runId?: string | undefined;
  readonly processing?: StfView['processing'] | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly isNewestFirst: boolean;
};
type StfList = { readonly items: StfView[]; readonly next?: string };

/** STFs that one page reads, at most, where it looks for states without an index of their own. */
const readAtMost = 5_000;
/** STFs that are read at once, at most: those of the largest page, and two that tell where the next one begins. */
const mostAtOnce = 502;
/** Runs that are read at once. */
const runsAtOnce = 20;

/**
 * A page of STFs, those included that only one of the planes knows. The waiting and the failed ones come from an index of
 * all runs, so a page costs the same however many others there are. All else is read run by run, at most 5,000 STFs a page.
 * Without a run: all runs with a catalogued STF, by number.
 */
export const listStfs = (records: Records, wish: StfWish): Promise<StfList> => {
  const { processing } = wish;
  return processing === 'waiting' || processing === 'failed'
    ? listShelf(records, processing, wish)
    : listByRun(records, wish);
};

/** Range from a place on, or up to it: going up a cursor is the first key to read, going down the end of the range. */
const rangeFrom = (from: string | undefined, isNewestFirst: boolean) =>
  from === undefined ? {} : isNewestFirst ? { skEnd: from } : { skFirst: from };

/** Sort keys of a run's STFs in the index of all runs: from `00102363-` to before `00102363.`. */
const shelfRange = ({ runId, cursor, isNewestFirst }: StfWish) => {
  const key = runId === undefined ? undefined : runKey(runNumberOf(runId));
  const ofRun = key === undefined ? {} : { skFirst: `${key}-`, skEnd: `${key}.` };
  return { ...ofRun, ...rangeFrom(cursor === undefined ? undefined : readCursor(cursor), isNewestFirst) };
};

/** What each of some STFs waits for: what its job does, or that it has none yet. */
const whyWaiting = async (store: Store, waiting: readonly Stf[]): Promise<(string | undefined)[]> => {
  const found = await jobs.getMany(
    store,
    waiting.map(({ jobId }) => jobId),
  );
  const known = found.flatMap((job) => job?.doc ?? []);
  const words = await waitsFor(store, known);
  const byJob = new Map(known.map(({ id }, at) => [id, words[at]]));
  return waiting.map(({ jobId }) => (byJob.has(jobId) ? byJob.get(jobId) : 'its job to be recorded'));
};

const listShelf = async (records: Records, shelf: StfShelf, wish: StfWish): Promise<StfList> => {
  const { limit, isNewestFirst } = wish;
  const { store } = await records('work');
  const range = { ...shelfRange(wish), newestFirst: isNewestFirst, limit: limit + 1 };
  const found = (await stfs.list(store, 'i2', stfShelfKey(shelf), range)).items.map(({ doc }) => doc);
  const shown = found.slice(0, limit);
  const [{ archive = [] }, because] = await Promise.all([
    fromBoth(records, {
      archive: (of) =>
        replicas.getMany(
          of.store,
          shown.map(({ id }) => id),
        ),
      work: async () => undefined,
    }),
    shelf === 'waiting' ? whyWaiting(store, shown) : [],
  ]);
  const items = shown.flatMap((stf, at) => {
    const view = stf.processing === shelf ? joinStf(archive[at]?.doc, stf) : undefined;
    const waits = because[at];
    return view ? [{ ...view, ...(waits !== undefined && { waitsFor: waits }) }] : [];
  });
  const bound = isNewestFirst ? shown.at(-1) : found[limit];
  const isLast = found.length <= limit || bound === undefined;
  return isLast ? { items } : { items, next: writeCursor(stfKey(bound.run, bound.sequence)) };
};

type Walk = { readonly runId: string; readonly from: string | undefined; readonly isNewestFirst: boolean };
type Seen = { readonly key: string; readonly view: StfView };

/** STFs of one run from a key on, and the key to go on from. */
const pageOfRun = async (records: Records, { runId, from, isNewestFirst }: Walk, size: number) => {
  const range = { ...rangeFrom(from, isNewestFirst), newestFirst: isNewestFirst, limit: size };
  const { archive, work } = await fromBoth(records, {
    archive: ({ store }) => replicas.list(store, 'i1', `${runId}#replicas`, range),
    work: ({ store }) => stfs.list(store, 'i1', `${runId}#stfs`, range),
  });
  const merged = mergeByKey(archive?.items ?? [], work?.items ?? [], {
    leftKey: ({ doc }) => sequenceKey(doc.sequence),
    rightKey: ({ doc }) => sequenceKey(doc.sequence),
    isAscending: !isNewestFirst,
  });
  // Of either plane only the first ones were read: behind those of both nothing is sure.
  const sure = merged.slice(0, isNewestFirst ? size : size - 1);
  const seen = sure.flatMap(({ key, left, right }): Seen[] => {
    const view = joinStf(left?.doc, right?.doc);
    return view ? [{ key, view }] : [];
  });
  const next = isNewestFirst ? sure.at(-1)?.key : merged[size - 1]?.key;
  return { seen, next: merged.length < size ? undefined : next };
};

/** STFs of one run, one after the other; read in ever larger pages, the first of which is enough for `limit` and the next. */
async function* stfsOfRun(records: Records, walk: Walk, limit: number): AsyncGenerator<Seen> {
  let { from } = walk;
  for (let size = Math.min(mostAtOnce, limit + 2); ; size = Math.min(mostAtOnce, size * 2)) {
    const { seen, next } = await pageOfRun(records, { ...walk, from }, size);
    yield* seen;
    if (next === undefined) return;
    from = next;
  }
}

/** Run and sequence in a cursor of all runs. @throws cursor-unknown */
const placeIn = (from: string): { readonly run: string; readonly sequence: string } => {
  const [, run, sequence] = /^(\d{8})-(\d{8})$/.exec(from) ?? [];
  if (run !== undefined && sequence !== undefined) return { run, sequence };
  throw new PapilioError('cursor-unknown', 'not one that this list gave');
};

/** Runs with a catalogued STF, by number, from a run on. */
async function* runsFrom(records: Records, run: string | undefined, isNewestFirst: boolean): AsyncGenerator<string> {
  const { store } = await records('work');
  // `~` is greater than every digit: the run itself is read too.
  let from = run !== undefined && isNewestFirst ? `${run}~` : run;
  for (let isLast = false; !isLast; ) {
    const range = { ...rangeFrom(from, isNewestFirst), newestFirst: isNewestFirst, limit: runsAtOnce };
    const { items } = await stfRuns.list(store, 'i1', 'stf-runs', range);
    for (const { doc } of items) yield doc.runId;
    const last = items.at(-1)?.doc.run ?? 0;
    from = runKey(isNewestFirst ? last : last + 1);
    isLast = items.length < runsAtOnce;
  }
}

/** STFs of all runs, each with its place among them. */
async function* stfsOfAll(records: Records, { cursor, isNewestFirst, limit }: StfWish): AsyncGenerator<Seen> {
  const place = cursor === undefined ? undefined : placeIn(readCursor(cursor));
  for await (const runId of runsFrom(records, place?.run, isNewestFirst)) {
    const from = runKey(runNumberOf(runId)) === place?.run ? place.sequence : undefined;
    for await (const { view } of stfsOfRun(records, { runId, from, isNewestFirst }, limit))
      yield { key: stfKey(view.run, view.sequence), view };
  }
}

const listByRun = async (records: Records, wish: StfWish): Promise<StfList> => {
  const { runId, processing, limit, isNewestFirst } = wish;
  const from = wish.cursor === undefined ? undefined : readCursor(wish.cursor);
  const all =
    runId === undefined ? stfsOfAll(records, wish) : stfsOfRun(records, { runId, from, isNewestFirst }, limit);
  const items: StfView[] = [];
  let [read, last] = [0, ''];
  for await (const { key, view } of all) {
    if (items.length === limit || read === readAtMost) return { items, next: writeCursor(isNewestFirst ? last : key) };
    [read, last] = [read + 1, key];
    if (processing === undefined || view.processing === processing) items.push(view);
  }
  return { items };
};
