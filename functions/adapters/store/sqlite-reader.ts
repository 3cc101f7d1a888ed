import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Item, Key, Page } from '#ports/store';
import { type CheckedQuery, cursorOf, type Position } from './cursor.ts';
import type { Row } from './record.ts';
import type { CheckedRow } from './record-checksum.ts';
import { hasChecksums } from './sqlite-file.ts';
import { itemOf, oldRowColumns, rowColumns, rowOf } from './sqlite-row.ts';

// SQLite orders every blob after every text, so an empty one is the end of all sort keys.
const afterAllText = new Uint8Array();
/** The smallest text that is greater: it turns an included bound into an excluded one. */
const justAfter = (text: string): string => `${text}\0`;

const querySql = (columns: string, index: CheckedQuery['index'], newestFirst: boolean): string => {
  const [pk, sk] = index === undefined ? ['pk', 'sk'] : [`${index}Pk`, `${index}Sk`];
  const [beyond, direction] = newestFirst ? ['<', 'DESC'] : ['>', 'ASC'];
  return `SELECT ${columns} FROM items
    WHERE ${pk} = :pk AND ${sk} >= :first AND ${sk} < :end AND (${sk}, pk, sk) ${beyond} (:sk, :itemPk, :itemSk)
    ORDER BY ${sk} ${direction}, pk ${direction}, sk ${direction} LIMIT :limit`;
};

/** The range of sort keys, narrowed to begin where the last page ended, so that a later page costs no more than the first. */
const boundsOf = (query: CheckedQuery): { first: string; end: string | Uint8Array } => {
  const bounds = { first: query.skFirst, end: query.skEnd ?? afterAllText };
  if (query.after === undefined) return bounds;
  return query.newestFirst ? { ...bounds, end: justAfter(query.after.sk) } : { ...bounds, first: query.after.sk };
};

const startOf = ({ after, newestFirst }: CheckedQuery) => {
  const none = newestFirst ? afterAllText : '';
  return { sk: after?.sk ?? none, itemPk: after?.itemPk ?? none, itemSk: after?.itemSk ?? none };
};

const positionOf = (row: Row, index: CheckedQuery['index']): Position => {
  const sk = { i1: row.i1Sk, i2: row.i2Sk, none: row.sk }[index ?? 'none'];
  return { sk: sk ?? '', itemPk: row.pk, itemSk: row.sk };
};

/** An expired record is not read any more. Asked of the row that was read, so that a damaged one is named, not passed over. */
const isLive = ({ expiresMs }: Row, nowMs: number): boolean => expiresMs === null || expiresMs > nowMs;

/** Reads of the serving thread. Each is a few statements run to their end: no read transaction outlives a call. */
export const createReader = (db: DatabaseSync, path: string) => {
  const columns = hasChecksums(db) ? rowColumns : oldRowColumns;
  const getStatement = db.prepare(`SELECT ${columns} FROM items WHERE pk = :pk AND sk = :sk`);
  const statements = new Map<string, StatementSync>();

  const get = (key: Key, nowMs: number): Item | undefined => {
    const found = getStatement.get({ pk: key.pk, sk: key.sk });
    if (found === undefined) return undefined;
    const row = rowOf(found);
    const item = itemOf(row, path);
    return isLive(row, nowMs) ? item : undefined;
  };

  const statementFor = ({ index, newestFirst }: CheckedQuery): StatementSync => {
    const sql = querySql(columns, index, newestFirst);
    const statement = statements.get(sql) ?? db.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };

  const read = (query: CheckedQuery, limit: number): Entry[] =>
    statementFor(query)
      .all({ pk: query.pk, ...boundsOf(query), ...startOf(query), limit })
      .map((found) => {
        const row = rowOf(found);
        return { row, item: itemOf(row, path) };
      });

  /** One row more than a page has, of those that are live; it reads on where expired ones leave it short. */
  const readLive = (query: CheckedQuery, nowMs: number): Entry[] => {
    const live: Entry[] = [];
    let next: CheckedQuery | undefined = query;
    while (next !== undefined) {
      const limit: number = query.limit + 1 - live.length;
      const found: Entry[] = read(next, limit);
      live.push(...found.filter(({ row }) => isLive(row, nowMs)));
      const last: Entry | undefined = found.length === limit && live.length <= query.limit ? found.at(-1) : undefined;
      next = last && { ...query, after: positionOf(last.row, query.index) };
    }
    return live;
  };

  const query = (checked: CheckedQuery, nowMs: number): Page => {
    const entries = readLive(checked, nowMs);
    const page = entries.slice(0, checked.limit);
    const last = entries.length > checked.limit ? page.at(-1) : undefined;
    const items = page.map(({ item }) => item);
    return last === undefined ? { items } : { items, next: cursorOf(checked, positionOf(last.row, checked.index)) };
  };

  return { get, query };
};

type Entry = { readonly row: CheckedRow; readonly item: Item };
