import { PapilioError } from '#lib/errors';
import { runKey, sequenceKey, stfKey } from '#lib/model/ids';
import { type StfShelf, stfShelfKey } from '#lib/model/stf-order';
import { replicas, stfRuns, stfs } from '#lib/records';
import type { StfView } from '#schema/view';
import { runNumberOf } from './ids.ts';
import { mergeByKey, readCursor, writeCursor } from './lists.ts';
import { fromBoth, joinStf } from './stf-view.ts';
import type { Surroundings } from './surroundings.ts';

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
/** STFs that are read at once, at most. */
const mostAtOnce = 500;
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
    : listRuns(records, wish);
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

const listShelf = async (records: Records, shelf: StfShelf, wish: StfWish): Promise<StfList> => {
  const { limit, isNewestFirst } = wish;
  const { store } = await records('work');
  const range = { ...shelfRange(wish), newestFirst: isNewestFirst, limit: limit + 1 };
  const found = (await stfs.list(store, 'i2', stfShelfKey(shelf), range)).items.map(({ doc }) => doc);
  const shown = found.slice(0, limit);
  const { archive = [] } = await fromBoth(records, {
    archive: (of) =>
      replicas.getMany(
        of.store,
        shown.map(({ id }) => id),
      ),
    work: async () => undefined,
  });
  const items = shown.flatMap((stf, at) => (stf.processing === shelf ? (joinStf(archive[at]?.doc, stf) ?? []) : []));
  const bound = isNewestFirst ? shown.at(-1) : found[limit];
  const isLast = found.length <= limit || bound === undefined;
  return isLast ? { items } : { items, next: writeCursor(stfKey(bound.run, bound.sequence)) };
};

type OfRun = { readonly runId: string; readonly from: string | undefined; readonly isNewestFirst: boolean };

/** STFs of one run, each with the key behind which the list goes on. */
async function* stfsOfRun(records: Records, { runId, from, isNewestFirst }: OfRun, limit: number) {
  let at = from;
  for (let size = Math.min(mostAtOnce, limit + 1); ; size = Math.min(mostAtOnce, size * 2)) {
    const range = { ...rangeFrom(at, isNewestFirst), newestFirst: isNewestFirst, limit: size };
    const { archive, work } = await fromBoth(records, {
      archive: ({ store }) => replicas.list(store, 'i1', `${runId}#replicas`, range),
      work: ({ store }) => stfs.list(store, 'i1', `${runId}#stfs`, range),
    });
    const merged = mergeByKey(archive?.items ?? [], work?.items ?? [], {
      leftKey: ({ doc }) => sequenceKey(doc.sequence),
      rightKey: ({ doc }) => sequenceKey(doc.sequence),
      isAscending: !isNewestFirst,
    });
    // Behind the end of the shorter range the other plane may know more: only the first ones are sure.
    const page = merged.slice(0, isNewestFirst ? size : size - 1);
    for (const { key, left, right } of page) {
      const view = joinStf(left?.doc, right?.doc);
      if (view) yield { key, view };
    }
    const bound = isNewestFirst ? page.at(-1)?.key : merged[size - 1]?.key;
    if (merged.length < size || bound === undefined) return;
    at = bound;
  }
}

type Place = { readonly runId: string; readonly from: string | undefined };

/** Runs of a list, from the run of a cursor on. */
async function* runsOf(records: Records, { runId, cursor, isNewestFirst }: StfWish): AsyncGenerator<Place> {
  const from = cursor === undefined ? undefined : readCursor(cursor);
  if (runId !== undefined) return yield { runId, from };
  const { store } = await records('work');
  const [run, sequence] = from === undefined ? [] : placeOf(from);
  let at = run === undefined ? undefined : isNewestFirst ? `${run}~` : run;
  for (;;) {
    const range = { ...rangeFrom(at, isNewestFirst), newestFirst: isNewestFirst, limit: runsAtOnce };
    const { items } = await stfRuns.list(store, 'i1', 'stf-runs', range);
    for (const { doc } of items) yield { runId: doc.runId, from: runKey(doc.run) === run ? sequence : undefined };
    const last = items.at(-1)?.doc.run;
    if (items.length < runsAtOnce || last === undefined) return;
    at = isNewestFirst ? runKey(last) : runKey(last + 1);
  }
}

/** Run and sequence in a cursor of all runs. @throws cursor-unknown */
const placeOf = (from: string): readonly [string, string] => {
  const [, run, sequence] = /^(\d{8})-(\d{8})$/.exec(from) ?? [];
  if (run !== undefined && sequence !== undefined) return [run, sequence];
  throw new PapilioError('cursor-unknown', 'not one that this list gave');
};

const listRuns = async (records: Records, wish: StfWish): Promise<StfList> => {
  const { processing, limit, isNewestFirst, runId } = wish;
  const items: StfView[] = [];
  let [read, last] = [0, ''];
  for await (const place of runsOf(records, wish)) {
    for await (const { key, view } of stfsOfRun(records, { ...place, isNewestFirst }, limit)) {
      const cursor = runId === undefined ? stfKey(view.run, view.sequence) : key;
      if (items.length === limit || read === readAtMost)
        return { items, next: writeCursor(isNewestFirst ? last : cursor) };
      [read, last] = [read + 1, cursor];
      if (processing === undefined || view.processing === processing) items.push(view);
    }
  }
  return { items };
};
