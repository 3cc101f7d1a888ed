import { PapilioError } from '#lib/errors';
import type { Clock } from '#ports/clock';
import type { EventLog } from '#ports/event-log';
import type { Item, Key, Page, Query, ScanEntry, Store, Transaction } from '#ports/store';
import { encodeEvent } from '../event-log/chain.ts';
import { createMemoryLog } from '../event-log/memory.ts';
import { type CheckedQuery, checkQuery, cursorOf, type Position } from './cursor.ts';
import { compareText } from './order.ts';
import { checkKey, decodeRow, type EncodedWrite, encodeItem, encodeWrites, mismatchOf, type Row } from './record.ts';

type Entry = { readonly position: Position; readonly row: Row };

const identityOf = (key: Key): string => `${key.pk}\0${key.sk}`;

const comparePositions = (a: Position, b: Position): number =>
  compareText(a.sk, b.sk) || compareText(a.itemPk, b.itemPk) || compareText(a.itemSk, b.itemSk);

/** The index (or primary) key of a row; undefined if it has no place there. */
const placeOf = (row: Row, index: Query['index']): Key | undefined => {
  if (index === undefined) return row;
  const [pk, sk] = index === 'i1' ? [row.i1Pk, row.i1Sk] : [row.i2Pk, row.i2Sk];
  return pk !== null && sk !== null ? { pk, sk } : undefined;
};

const isWithin = (position: Position, query: CheckedQuery): boolean => {
  if (compareText(position.sk, query.skFirst) < 0) return false;
  if (query.skEnd !== undefined && compareText(position.sk, query.skEnd) >= 0) return false;
  if (query.after === undefined) return true;
  const difference = comparePositions(position, query.after);
  return query.newestFirst ? difference < 0 : difference > 0;
};

/** The rows, with what transactions and queries do to them at a given moment. */
const createRows = () => {
  const rows = new Map<string, Row>();

  const find = (key: Key, nowMs: number): Row | undefined => {
    const row = rows.get(identityOf(key));
    return row !== undefined && (row.expiresMs === null || row.expiresMs > nowMs) ? row : undefined;
  };

  const apply = (write: EncodedWrite, nowMs: number): void => {
    if (write.op === 'delete') rows.delete(identityOf(write.row));
    if (write.op === 'put') {
      const version = (find(write.row, nowMs)?.version ?? 0) + 1;
      rows.set(identityOf(write.row), { ...write.row, version });
    }
  };

  const select = (query: CheckedQuery, nowMs: number): Entry[] => {
    const entries: Entry[] = [];
    for (const row of rows.values()) {
      const place = placeOf(row, query.index);
      if (place?.pk !== query.pk || find(row, nowMs) === undefined) continue;
      const position = { sk: place.sk, itemPk: row.pk, itemSk: row.sk };
      if (isWithin(position, query)) entries.push({ position, row });
    }
    const sign = query.newestFirst ? -1 : 1;
    return entries.sort((a, b) => sign * comparePositions(a.position, b.position));
  };

  const scan = (limit: number, after: string, nowMs: number): readonly ScanEntry[] =>
    [...rows.entries()]
      .filter(([identity, row]) => compareText(identity, after) > 0 && find(row, nowMs) !== undefined)
      .sort(([a], [b]) => compareText(a, b))
      .slice(0, limit)
      .map(([identity, row]) => ({ after: identity, sizeBytes: row.doc.length, item: decodeRow(row) }));

  return { find, apply, select, scan };
};

/** A page of the entries that follow a query's cursor. */
const pageOf = (entries: readonly Entry[], query: CheckedQuery): Page => {
  const page = entries.slice(0, query.limit);
  const last = entries.length > query.limit ? page.at(-1) : undefined;
  const items = page.map(({ row }) => decodeRow(row));
  return last === undefined ? { items } : { items, next: cursorOf(query, last.position) };
};

/** A store and its log in memory: the same contract as the durable ones, for tests. */
export const createMemoryStore = ({ clock }: { readonly clock: Clock }): { store: Store; log: EventLog } => {
  const rows = createRows();
  const { append, close: closeLog, ...log } = createMemoryLog(clock);

  const get = async (key: Key): Promise<Item | undefined> => {
    checkKey(key);
    const row = rows.find(key, clock.nowMs());
    return row === undefined ? undefined : decodeRow(row);
  };

  const transact = async (transaction: Transaction): Promise<{ seq: number }> => {
    const writes = encodeWrites(transaction.writes);
    const events = transaction.events.map(encodeEvent);
    const nowMs = clock.nowMs();
    const mismatches = writes.flatMap(({ row, ifVersion = 0 }) => {
      const found = rows.find(row, nowMs)?.version ?? 0;
      return found === ifVersion ? [] : [mismatchOf(row, ifVersion, found)];
    });
    if (mismatches.length > 0) throw new PapilioError('store-conflict', mismatches.join('; '));
    for (const write of writes) rows.apply(write, nowMs);
    return { seq: append(events) };
  };

  const store: Store = {
    get,
    getMany: (keys) => Promise.all(keys.map(get)),
    query: async (query) => {
      const checked = checkQuery(query);
      return pageOf(rows.select(checked, clock.nowMs()), checked);
    },
    transact,
    putMany: async (items) => {
      for (const row of items.map(encodeItem)) rows.apply({ op: 'put', ifVersion: undefined, row }, clock.nowMs());
    },
    scan: async (limit, after = '') => rows.scan(limit, after, clock.nowMs()),
    close: async () => closeLog(),
  };
  return { store, log };
};
