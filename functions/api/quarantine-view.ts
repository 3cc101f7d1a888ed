import { PapilioError } from '#lib/errors';
import { quarantineOfStf, stfKeyOf, stfNameIn } from '#lib/model/quarantine-order';
import { quarantines, type Stored } from '#lib/records';
import { actableFrom, type Quarantine, type QuarantineAct } from '#schema/quarantine';
import type { QuarantineLine, QuarantineView } from '#schema/view';
import type { Plane } from '../catalog.ts';
import { mergeByKey, readCursor, writeCursor } from './lists.ts';
import { fromBoth } from './stf-view.ts';
import type { PlaneRecords, Surroundings, Target } from './surroundings.ts';

type Records = Surroundings['records'];
type Found = Stored<Quarantine>;

const lineOf = (plane: Plane, found: Found | undefined): QuarantineLine[] => {
  if (!found) return [];
  const { raw, ...line } = found.doc;
  const stf = stfNameIn(raw);
  return [{ ...line, plane, ...(stf !== undefined && { stf }) }];
};

const keyOf = ({ doc }: Found): string => `${doc.quarantinedAt}#${doc.id}`;

/** Records that one page reads, at most, where most have another state. */
const readAtMost = 5_000;
/** Records that are read at once, at most. */
const mostAtOnce = 500;

/** Filters and page of a list of quarantine. */
export type QuarantineWish = {
  readonly state?: Quarantine['state'] | undefined;
  /** Run and sequence, as in `00102363-00000001`. */
  readonly stf?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
};
type Walked = { readonly key: string; readonly lines: QuarantineLine[] };
type Shelf = { readonly index: 'i1' | 'i2'; readonly pk: string };

const everything: Shelf = { index: 'i1', pk: 'quarantine' };

/** What either plane holds or held, newest first; read in ever larger pages. */
async function* walk(
  records: Records,
  { index, pk }: Shelf,
  { limit, cursor }: QuarantineWish,
): AsyncGenerator<Walked> {
  let skEnd = cursor === undefined ? undefined : readCursor(cursor);
  for (let size = Math.min(mostAtOnce, limit + 1); ; size = Math.min(mostAtOnce, size * 2)) {
    const range = { newestFirst: true, limit: size, ...(skEnd === undefined ? {} : { skEnd }) };
    const ask = ({ store }: PlaneRecords) => quarantines.list(store, index, pk, range);
    const { archive, work } = await fromBoth(records, { archive: ask, work: ask });
    const merged = mergeByKey(archive?.items ?? [], work?.items ?? [], {
      ...{ leftKey: keyOf, rightKey: keyOf, isAscending: false },
    }).slice(0, size);
    for (const { key, left, right } of merged)
      yield { key, lines: [...lineOf('archive', left), ...lineOf('work', right)] };
    skEnd = merged.at(-1)?.key;
    if (merged.length < size) return;
  }
}

const pageOf = async (
  records: Records,
  shelf: Shelf,
  wish: QuarantineWish,
): Promise<{ items: QuarantineLine[]; next?: string }> => {
  const { state, stf, limit } = wish;
  const items: QuarantineLine[] = [];
  const isWanted = (line: QuarantineLine): boolean =>
    (state === undefined || line.state === state) && (stf === undefined || stfKeyOf(line.stf) === stf);
  // A key may have a line of each plane; they stay on one page.
  let [read, places, last] = [0, 0, ''];
  for await (const { key, lines } of walk(records, shelf, wish)) {
    if (places === limit || read === readAtMost) return { items, next: writeCursor(last) };
    const wanted = lines.filter(isWanted);
    items.push(...wanted);
    [read, places, last] = [read + 1, places + Math.min(1, wanted.length), key];
  }
  return { items };
};

/**
 * A page of what either plane holds or held, newest first. The messages of an STF come from an index; those that an earlier
 * version held are not in it, so without any the latest 5,000 are read.
 */
export const listQuarantine = async (
  records: Records,
  wish: QuarantineWish,
): Promise<{ items: QuarantineLine[]; next?: string }> => {
  if (wish.stf === undefined) return pageOf(records, everything, wish);
  const found = await pageOf(records, { index: 'i2', pk: quarantineOfStf(wish.stf) }, wish);
  return found.items.length > 0 || wish.cursor !== undefined ? found : pageOf(records, everything, wish);
};

/** What both planes found about some messages. */
export const findQuarantine = async (records: Records, ids: readonly string[]): Promise<QuarantineLine[]> => {
  const ask = ({ store }: PlaneRecords) => quarantines.getMany(store, ids);
  const { archive, work } = await fromBoth(records, { archive: ask, work: ask });
  return [
    ...(archive ?? []).flatMap((one) => lineOf('archive', one)),
    ...(work ?? []).flatMap((one) => lineOf('work', one)),
  ];
};

/** A held message, whole. @throws record-missing */
export const needQuarantine = async (records: Records, id: string): Promise<QuarantineView> => {
  const ask = ({ store }: PlaneRecords) => quarantines.get(store, id);
  const { archive, work } = await fromBoth(records, { archive: ask, work: ask });
  const known = archive ?? work;
  if (!known) throw new PapilioError('record-missing', `${id} is not in quarantine`);
  const { messageId, raw, receivedAt } = known.doc;
  const findings = [...findingOf('archive', archive), ...findingOf('work', work)];
  const etag = `"a${archive?.version ?? 0}-w${work?.version ?? 0}"`;
  return { id, messageId, raw, receivedAt, findings, etag };
};

const findingOf = (plane: Plane, found: Found | undefined): QuarantineView['findings'] => {
  if (!found) return [];
  const { problem, quarantinedAt, state, acts } = found.doc;
  return [{ plane, problem, quarantinedAt, state, ...(acts && { acts }), version: found.version }];
};

/** The planes that hold a message and may do this to it. @throws record-missing, quarantine-settled */
export const whoHolds = async (records: Records, id: string, act: QuarantineAct['act']): Promise<Holders> => {
  const { findings, etag } = await needQuarantine(records, id);
  const held = findings.filter(({ state }) => actableFrom[act].includes(state));
  if (held.length === 0) throw new PapilioError('quarantine-settled', `${id} is ${findings[0]?.state}`);
  return { etag, targets: held.map(({ plane, version }) => ({ plane, version, queue: settlers[plane] })) };
};

type Holders = { readonly targets: readonly Target[]; readonly etag: string };

/** Which function does it to what a plane holds. */
const settlers = { archive: 'settle-message', work: 'settle-daq-message' } as const;
