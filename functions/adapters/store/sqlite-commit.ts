import type { DatabaseSync } from 'node:sqlite';
import type { Key } from '#ports/store';
import { chainHash, chainStart } from '../event-log/chain.ts';
import { type EncodedWrite, mismatchOf, type Row } from './record.ts';
import { storeErrorOf } from './sqlite-file.ts';
import type { CommitRequest, CommitResult } from './sqlite-messages.ts';

const sweepRows = 200;

type Found = { readonly rowid: number; readonly version: number };
type Head = { readonly seq: number; readonly hash: string };

const prepareAll = (db: DatabaseSync) => ({
  find: db.prepare('SELECT rowid, version, expiresMs FROM items WHERE pk = ? AND sk = ?'),
  insert: db.prepare(
    'INSERT INTO items (version, doc, expiresMs, i1Pk, i1Sk, i2Pk, i2Sk, pk, sk) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  ),
  update: db.prepare(
    'UPDATE items SET version = ?, doc = ?, expiresMs = ?, i1Pk = ?, i1Sk = ?, i2Pk = ?, i2Sk = ? WHERE rowid = ?',
  ),
  remove: db.prepare('DELETE FROM items WHERE rowid = ?'),
  sweep: db.prepare(
    'DELETE FROM items WHERE rowid IN (SELECT rowid FROM items WHERE expiresMs <= ? ORDER BY expiresMs LIMIT ?)',
  ),
  // Only a known id is passed over: a `seq` that is taken means a second writer and must fail.
  append: db.prepare('INSERT INTO events (seq, id, body, hash) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING'),
  head: db.prepare('SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1'),
  begin: db.prepare('BEGIN IMMEDIATE'),
  commit: db.prepare('COMMIT'),
  walSize: db.prepare('PRAGMA wal_checkpoint(NOOP)'),
  checkpoint: db.prepare('PRAGMA wal_checkpoint(PASSIVE)'),
});

const valuesOf = (row: Row) => [row.doc, row.expiresMs, row.i1Pk, row.i1Sk, row.i2Pk, row.i2Sk] as const;

/** The rows of a store under its only writer. */
const createRows = (statements: ReturnType<typeof prepareAll>) => {
  /** The row as it lies there: an expired one still takes the place of its key. */
  const find = (key: Key, nowMs: number): { row: Found | undefined; liveVersion: number } => {
    const found = statements.find.get(key.pk, key.sk);
    if (found === undefined) return { row: undefined, liveVersion: 0 };
    const row = { rowid: Number(found.rowid), version: Number(found.version) };
    const isExpired = typeof found.expiresMs === 'number' && found.expiresMs <= nowMs;
    return { row, liveVersion: isExpired ? 0 : row.version };
  };

  const mismatches = ({ writes, nowMs }: CommitRequest): string[] =>
    writes.flatMap(({ row, ifVersion }) => {
      if (ifVersion === undefined) return [];
      const { liveVersion } = find(row, nowMs);
      return liveVersion === ifVersion ? [] : [mismatchOf(row, ifVersion, liveVersion)];
    });

  const put = (row: Row, nowMs: number): void => {
    const found = find(row, nowMs);
    if (found.row === undefined) statements.insert.run(1, ...valuesOf(row), row.pk, row.sk);
    else statements.update.run(found.liveVersion + 1, ...valuesOf(row), found.row.rowid);
  };

  const remove = (key: Key, nowMs: number): void => {
    const found = find(key, nowMs).row;
    if (found !== undefined) statements.remove.run(found.rowid);
  };

  const apply = (write: EncodedWrite, nowMs: number): void => {
    if (write.op === 'put') put(write.row, nowMs);
    if (write.op === 'delete') remove(write.row, nowMs);
  };

  return { mismatches, apply };
};

/** Commits groups of transactions; lives in the writer thread and is the only one that changes the file. */
export const createCommitter = (db: DatabaseSync, path: string) => {
  const statements = prepareAll(db);
  const rows = createRows(statements);

  const readHead = (): Head => {
    const found = statements.head.get();
    return found === undefined ? { seq: 0, hash: chainStart } : { seq: Number(found.seq), hash: String(found.hash) };
  };
  let head = readHead();

  const append = (event: CommitRequest['events'][number]): void => {
    const next = { seq: head.seq + 1, hash: chainHash(head.hash, event.body) };
    if (statements.append.run(next.seq, event.id, event.body, next.hash).changes === 1) head = next;
  };

  // All conditions are looked at before anything is written, so that a conflict leaves nothing behind in the group.
  const apply = (request: CommitRequest): CommitResult => {
    const mismatches = rows.mismatches(request);
    if (mismatches.length > 0) return { code: 'store-conflict', reason: mismatches.join('; ') };
    for (const write of request.writes) rows.apply(write, request.nowMs);
    for (const event of request.events) append(event);
    return head.seq;
  };

  const rollBack = (): void => {
    // SQLite may have rolled back by itself: after a full disk, for one.
    if (db.isTransaction) db.exec('ROLLBACK');
    head = readHead();
  };

  const inTransaction = <T>(work: () => T): T => {
    statements.begin.run();
    try {
      const result = work();
      statements.commit.run();
      return result;
    } catch (error) {
      rollBack();
      throw error;
    }
  };

  /** Commits the group as one, with one sync. If that fails for any reason but a conflict, each is tried by itself. */
  const commit = (requests: readonly CommitRequest[]): CommitResult[] => {
    try {
      return inTransaction(() => requests.map(apply));
    } catch (error) {
      if (requests.length > 1) return requests.flatMap((request) => commit([request]));
      const { code, reason } = storeErrorOf(error, path);
      return [{ code, reason }];
    }
  };

  /** Removes a small batch of expired records; true if none are left. */
  const sweep = (nowMs: number): boolean =>
    inTransaction(() => Number(statements.sweep.run(nowMs, sweepRows).changes) < sweepRows);

  /** Copies the WAL into the database if it has grown to `thresholdBytes`; never waits for a reader. */
  const checkpoint = (thresholdBytes: number): void => {
    const pages = Number(statements.walSize.get()?.log);
    if (pages * 4096 >= thresholdBytes) statements.checkpoint.get();
  };

  return { commit, sweep, checkpoint, head: () => head.seq };
};
