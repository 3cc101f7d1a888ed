import type { DatabaseSync } from 'node:sqlite';
import { PapilioError } from '#lib/errors';
import type { Key } from '#ports/store';
import { chainHash, type EncodedEvent, eventChecksum, type Link } from '../event-log/chain.ts';
import { createManifest } from '../event-log/segment-manifest.ts';
import { createSegmentReads } from '../event-log/segment-reads.ts';
import { createRowReads, segmentFolderOf } from '../event-log/sqlite.ts';
import { type EncodedWrite, mismatchOf, nameOf, type Row } from './record.ts';
import { checksumOf, isIntact } from './record-checksum.ts';
import { storeErrorOf } from './sqlite-file.ts';
import type { CommitRequest, CommitResult } from './sqlite-messages.ts';
import { rowColumns, rowOf } from './sqlite-row.ts';

const sweepRows = 200;
const eventsPerLook = 1000;

type Found = { readonly rowid: number | undefined; readonly version: number };

const prepareAll = (db: DatabaseSync) => ({
  find: db.prepare('SELECT rowid, version, expiresMs FROM items WHERE pk = ? AND sk = ?'),
  insert: db.prepare(
    'INSERT INTO items (version, doc, expiresMs, i1Pk, i1Sk, i2Pk, i2Sk, checksum, pk, sk) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  ),
  // The key is compared in the table itself: an entry of a damaged index may name another record's row.
  update: db.prepare(
    'UPDATE items SET version = ?, doc = ?, expiresMs = ?, i1Pk = ?, i1Sk = ?, i2Pk = ?, i2Sk = ?, checksum = ? WHERE rowid = ? AND pk = ? AND sk = ?',
  ),
  remove: db.prepare('DELETE FROM items WHERE rowid = ? AND pk = ? AND sk = ?'),
  expired: db.prepare('SELECT rowid FROM items WHERE expiresMs <= ? ORDER BY expiresMs LIMIT ?'),
  byRowid: db.prepare(`SELECT ${rowColumns} FROM items WHERE rowid = ?`),
  // Only a known id is passed over: a `seq` that is taken means a second writer and must fail.
  append: db.prepare(
    'INSERT INTO events (seq, id, body, hash, checksum) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
  ),
  begin: db.prepare('BEGIN IMMEDIATE'),
  commit: db.prepare('COMMIT'),
  walSize: db.prepare('PRAGMA wal_checkpoint(NOOP)'),
  checkpoint: db.prepare('PRAGMA wal_checkpoint(PASSIVE)'),
});

const valuesOf = (row: Row, version: number) =>
  [
    ...[version, row.doc, row.expiresMs, row.i1Pk, row.i1Sk, row.i2Pk, row.i2Sk],
    checksumOf({ ...row, version }),
  ] as const;

/** A write with what was found in its place when its condition was looked at. */
type Planned = { readonly write: EncodedWrite; readonly found: Found };

/** The rows of a store under its only writer. */
const createRows = (statements: ReturnType<typeof prepareAll>, path: string) => {
  /** An expired row still takes the place of its key, but has no version any more. */
  const find = (key: Key, nowMs: number): Found => {
    const row = statements.find.get(key.pk, key.sk);
    if (row === undefined) return { rowid: undefined, version: 0 };
    const isExpired = typeof row.expiresMs === 'number' && row.expiresMs <= nowMs;
    return { rowid: Number(row.rowid), version: isExpired ? 0 : Number(row.version) };
  };

  const plan = ({ writes, nowMs }: CommitRequest): Planned[] =>
    writes.map((write) => ({ write, found: find(write.row, nowMs) }));

  const needChanged = ({ changes }: { readonly changes: number | bigint }, key: Key): void => {
    if (Number(changes) === 1) return;
    throw new PapilioError('store-corrupt', `${path}: the index of keys names another record's row for ${nameOf(key)}`);
  };

  const apply = ({ write, found: { rowid, version } }: Planned): void => {
    const { pk, sk } = write.row;
    if (write.op === 'put') {
      if (rowid === undefined) statements.insert.run(...valuesOf(write.row, 1), pk, sk);
      else needChanged(statements.update.run(...valuesOf(write.row, version + 1), rowid, pk, sk), write.row);
    }
    if (write.op === 'delete' && rowid !== undefined) needChanged(statements.remove.run(rowid, pk, sk), write.row);
  };

  /** Removes a record that has expired by its own row; what a damaged index or row only makes look expired stays. */
  const sweepOne = (rowid: number, nowMs: number): number => {
    const found = statements.byRowid.get(rowid);
    const row = found === undefined ? undefined : rowOf(found);
    if (row === undefined || row.expiresMs === null || row.expiresMs > nowMs || !isIntact(row)) return 0;
    return Number(statements.remove.run(rowid, row.pk, row.sk).changes);
  };

  const sweep = (nowMs: number): number =>
    statements.expired.all(nowMs, sweepRows).reduce((sum, { rowid }) => sum + sweepOne(Number(rowid), nowMs), 0);

  return { plan, apply, sweep };
};

const mismatchesIn = (planned: readonly Planned[]): string[] =>
  planned.flatMap(({ write: { row, ifVersion }, found: { version } }) =>
    ifVersion === undefined || ifVersion === version ? [] : [mismatchOf(row, ifVersion, version)],
  );

/**
 * Whether a transaction depends on the version of a record that it changes: repeated, it conflicts, so its events cannot
 * be in the log already. Only those of other transactions are looked up among the sealed ones.
 */
const isVersioned = ({ writes }: CommitRequest): boolean =>
  writes.some(({ op, ifVersion }) => op === 'put' && ifVersion !== undefined);

/** The sealed part of the log, for the writer: its end, and whether it has an event. */
const createSealedEvents = (db: DatabaseSync, path: string) => {
  const manifest = createManifest(db);
  const reads = createSegmentReads(manifest, segmentFolderOf(path));
  const has = ({ id, body }: EncodedEvent): boolean => {
    if (manifest.end().seq === 0) return false;
    const { subject } = JSON.parse(body);
    for (let after = 0; ; ) {
      const page = reads.ofSubject(String(subject), after, eventsPerLook);
      if (page.some((row) => row.id === id)) return true;
      const last = page[eventsPerLook - 1];
      if (last === undefined) return false;
      after = last.seq;
    }
  };
  return { manifest, has, close: reads.close };
};

/** Commits groups of transactions; lives in the writer thread and is the only one that changes the file. */
export const createCommitter = (db: DatabaseSync, path: string) => {
  const statements = prepareAll(db);
  const rows = createRows(statements, path);
  const eventRows = createRowReads(db);
  const sealed = createSealedEvents(db, path);

  const readHead = (): Link => eventRows.last() ?? sealed.manifest.end();
  let head = readHead();

  const append = (event: CommitRequest['events'][number]): void => {
    const next = { seq: head.seq + 1, hash: chainHash(head.hash, event.body) };
    const checksum = eventChecksum({ ...next, ...event });
    if (statements.append.run(next.seq, event.id, event.body, next.hash, checksum).changes === 1) head = next;
  };

  // All conditions are looked at before anything is written, so that a conflict leaves nothing behind in the group.
  const apply = (request: CommitRequest): CommitResult => {
    const planned = rows.plan(request);
    const mismatches = mismatchesIn(planned);
    if (mismatches.length > 0) return { code: 'store-conflict', reason: mismatches.join('; ') };
    for (const write of planned) rows.apply(write);
    const isNew = isVersioned(request);
    for (const event of request.events) {
      if (isNew || !sealed.has(event)) append(event);
    }
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
  const sweep = (nowMs: number): boolean => inTransaction(() => rows.sweep(nowMs) < sweepRows);

  /** Copies the WAL into the database if it has grown to `thresholdBytes`; never waits for a reader. */
  const checkpoint = (thresholdBytes: number): void => {
    const pages = Number(statements.walSize.get()?.log);
    if (pages * 4096 >= thresholdBytes) statements.checkpoint.get();
  };

  return {
    ...{ commit, sweep, checkpoint, inTransaction, eventRows },
    manifest: sealed.manifest,
    head: () => head.seq,
    closeSegments: sealed.close,
  };
};
