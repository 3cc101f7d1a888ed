import { audits, commands, type Stored } from '#lib/records';
import type { AuditLine } from '#schema/audit';
import type { CommandRecord } from '#schema/command';
import type { Plane } from '../catalog.ts';
import { readCursor, writeCursor } from './lists.ts';
import { fromBoth } from './stf-view.ts';
import type { PlaneRecords, Surroundings } from './surroundings.ts';

/** What is looked for in the audit log; what is not said is not asked for. */
export type AuditQuery = {
  readonly by?: string | undefined;
  readonly subject?: string | undefined;
  readonly action?: string | undefined;
  readonly outcome?: AuditLine['outcome'] | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
};

type Placed = { readonly key: string; readonly line: AuditLine };
type Range = { readonly skFirst?: string; readonly skEnd?: string; readonly limit: number; readonly newestFirst: true };

/** Lines that are looked through for one answer: a few thousand reads by key, some ten milliseconds. */
const mostLooked = 2_500;
const partSize = 500;

const lineOf = (plane: Plane, { doc }: Stored<CommandRecord>): Placed => {
  const { endedAt, state, ifVersion: _, at: __, data, problem, from, before, after, ...rest } = doc;
  const { hashSha256: ___, ...told } = data;
  return {
    key: `${endedAt}#${doc.id}`,
    line: {
      ...rest,
      ...{ at: endedAt, outcome: state, count: 1, plane },
      ...(Object.keys(told).length > 0 && { data: told }),
      ...(problem && { problem }),
      ...(from && { from }),
      ...(before && { before }),
      ...(after && { after }),
    },
  };
};

/** A part of the log, the latest first; a command that both planes have ended has two lines under one key. */
const readPart = async (records: Surroundings['records'], range: Range): Promise<Placed[]> => {
  const endedBy =
    (plane: Plane) =>
    async ({ store }: PlaneRecords): Promise<Placed[]> => {
      const { items } = await commands.list(store, 'i1', 'commands', range);
      return items.map((found) => lineOf(plane, found));
    };
  const seenBeside = async ({ store }: PlaneRecords): Promise<Placed[]> => {
    const { items } = await audits.list(store, 'i1', 'audit', range);
    return items.map(({ doc }) => ({ key: `${doc.at}#${doc.id}`, line: doc }));
  };
  const allOf = (plane: Plane) => async (of: PlaneRecords) => [
    ...(await endedBy(plane)(of)),
    ...(await seenBeside(of)),
  ];
  const { archive = [], work = [] } = await fromBoth(records, { archive: allOf('archive'), work: allOf('work') });
  const all = [...archive, ...work].sort((a, b) => (a.key < b.key ? 1 : -1));
  // What lies behind the last of a full part may be missing from the others: it comes with the next part.
  const last = all[range.limit - 1]?.key;
  return last === undefined ? all : all.filter(({ key }) => key >= last);
};

const isWanted = (line: AuditLine, { by, subject, action, outcome }: AuditQuery): boolean =>
  (by === undefined || line.by === by) &&
  (subject === undefined || line.subject === subject) &&
  (action === undefined || line.action === action) &&
  (outcome === undefined || line.outcome === outcome);

const rangeOf = ({ since }: AuditQuery, skEnd: string | undefined): Range => ({
  ...{ newestFirst: true, limit: partSize },
  ...(since !== undefined && { skFirst: since }),
  ...(skEnd !== undefined && { skEnd }),
});

/** Looks until there are enough, all were looked at, or too many were; `from` is where to look on. */
const gather = async (
  records: Surroundings['records'],
  query: AuditQuery,
): Promise<{ readonly found: readonly Placed[]; readonly from?: string | undefined }> => {
  const found: Placed[] = [];
  let from = query.cursor === undefined ? query.until : readCursor(query.cursor);
  for (let looked = 0; looked < mostLooked && found.length < query.limit; ) {
    const part = await readPart(records, rangeOf(query, from));
    found.push(...part.filter(({ line }) => isWanted(line, query)));
    if (part.length < partSize) return { found };
    from = part.at(-1)?.key;
    looked += part.length;
  }
  return { found, from };
};

/** A page of the audit log, the latest first. One that is filtered may hold fewer than asked for and have a next one. */
export const listAudit = async (
  records: Surroundings['records'],
  query: AuditQuery,
): Promise<{ items: AuditLine[]; next?: string }> => {
  const { found, from } = await gather(records, query);
  const cut = found[query.limit - 1]?.key ?? '';
  // Both lines of a command that both planes have ended come on one page.
  const page = found.filter(({ key }) => key >= cut);
  const next = page.length < found.length ? cut : from;
  return { items: page.map(({ line }) => line), ...(next !== undefined && { next: writeCursor(next) }) };
};
