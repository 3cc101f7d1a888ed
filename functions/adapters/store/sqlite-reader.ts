import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { Key, Page } from '#ports/store';
import { type CheckedQuery, cursorOf, type Position } from './cursor.ts';
import { decodeRow, type Row } from './record.ts';

type Columns = Readonly<Record<string, SQLOutputValue>>;

// SQLite orders every blob after every text, so an empty one is the end of all sort keys.
const afterAllText = new Uint8Array();
const columns = 'pk, sk, version, doc, expiresMs, i1Pk, i1Sk, i2Pk, i2Sk';
const isLive = '(expiresMs IS NULL OR expiresMs > :nowMs)';

const textOf = (value: SQLOutputValue | undefined): string => (typeof value === 'string' ? value : '');
const textOrNull = (value: SQLOutputValue | undefined): string | null => (typeof value === 'string' ? value : null);

const rowOf = (found: Columns): Row => ({
  pk: textOf(found.pk),
  sk: textOf(found.sk),
  version: Number(found.version),
  doc: textOf(found.doc),
  expiresMs: typeof found.expiresMs === 'number' ? found.expiresMs : null,
  i1Pk: textOrNull(found.i1Pk),
  i1Sk: textOrNull(found.i1Sk),
  i2Pk: textOrNull(found.i2Pk),
  i2Sk: textOrNull(found.i2Sk),
});

/** The smallest text that is greater: it turns an included bound into an excluded one. */
const justAfter = (text: string): string => `${text}\0`;

const querySql = (index: CheckedQuery['index'], newestFirst: boolean): string => {
  const [pk, sk] = index === undefined ? ['pk', 'sk'] : [`${index}Pk`, `${index}Sk`];
  const [beyond, direction] = newestFirst ? ['<', 'DESC'] : ['>', 'ASC'];
  return `SELECT ${columns} FROM items
    WHERE ${pk} = :pk AND ${sk} >= :first AND ${sk} < :end AND (${sk}, pk, sk) ${beyond} (:sk, :itemPk, :itemSk) AND ${isLive}
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

/** Reads of the serving thread. Each is one statement run to its end: no read transaction outlives a call. */
export const createReader = (db: DatabaseSync) => {
  const getStatement = db.prepare(`SELECT ${columns} FROM items WHERE pk = :pk AND sk = :sk AND ${isLive}`);
  const statements = new Map<string, StatementSync>();

  const get = (key: Key, nowMs: number) => {
    const found = getStatement.get({ pk: key.pk, sk: key.sk, nowMs });
    return found === undefined ? undefined : decodeRow(rowOf(found));
  };

  const statementFor = ({ index, newestFirst }: CheckedQuery): StatementSync => {
    const sql = querySql(index, newestFirst);
    const statement = statements.get(sql) ?? db.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };

  const query = (checked: CheckedQuery, nowMs: number): Page => {
    const parameters = { pk: checked.pk, ...boundsOf(checked), ...startOf(checked), nowMs, limit: checked.limit + 1 };
    const rows = statementFor(checked).all(parameters).map(rowOf);
    const page = rows.slice(0, checked.limit);
    const last = rows.length > checked.limit ? page.at(-1) : undefined;
    const items = page.map(decodeRow);
    return last === undefined ? { items } : { items, next: cursorOf(checked, positionOf(last, checked.index)) };
  };

  return { get, query };
};
