import { PapilioError } from '#lib/errors';
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
  const { raw: _, ...line } = found.doc;
  return [{ ...line, plane }];
};

const keyOf = ({ doc }: Found): string => `${doc.quarantinedAt}#${doc.id}`;

/** A page of what either plane holds or held, newest first. */
export const listQuarantine = async (
  records: Records,
  query: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<{ items: QuarantineLine[]; next?: string }> => {
  const range = {
    newestFirst: true,
    limit: query.limit + 1,
    ...(query.cursor === undefined ? {} : { skEnd: readCursor(query.cursor) }),
  };
  const ask = ({ store }: PlaneRecords) => quarantines.list(store, 'i1', 'quarantine', range);
  const { archive, work } = await fromBoth(records, { archive: ask, work: ask });
  const merged = mergeByKey(archive?.items ?? [], work?.items ?? [], {
    leftKey: keyOf,
    rightKey: keyOf,
    isAscending: false,
  });
  const page = merged.slice(0, query.limit);
  const items = page.flatMap(({ left, right }) => [...lineOf('archive', left), ...lineOf('work', right)]);
  const last = page.at(-1);
  return merged.length <= query.limit || last === undefined ? { items } : { items, next: writeCursor(last.key) };
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
