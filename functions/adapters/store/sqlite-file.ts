import { existsSync } from 'node:fs';
import { DatabaseSync, type DatabaseSyncOptions } from 'node:sqlite';
import { type ErrorCode, PapilioError } from '#lib/errors';
import { manifestTable } from '../event-log/segment-manifest.ts';

/** 'PPLO': says in the file's header whose it is. */
const applicationId = 0x50504c4f;
/** 2: events may lie in sealed segments, which an earlier papilio would miss; records and events have a checksum. */
const formatVersion = 2;
const pageSizeBytes = 4096;

// Rows have a rowid: records of some kB would fill the inner pages of a table without one.
const tables = `
  CREATE TABLE items (
    pk TEXT NOT NULL, sk TEXT NOT NULL, version INTEGER NOT NULL, doc TEXT NOT NULL, expiresMs INTEGER,
    i1Pk TEXT, i1Sk TEXT, i2Pk TEXT, i2Sk TEXT, checksum INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX itemsByKey ON items (pk, sk);
  CREATE INDEX itemsByI1 ON items (i1Pk, i1Sk, pk, sk) WHERE i1Pk IS NOT NULL;
  CREATE INDEX itemsByI2 ON items (i2Pk, i2Sk, pk, sk) WHERE i2Pk IS NOT NULL;
  CREATE INDEX itemsByExpiry ON items (expiresMs) WHERE expiresMs IS NOT NULL;
  CREATE TABLE events (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL, hash TEXT NOT NULL, checksum INTEGER) STRICT;
  ${manifestTable}
`;

const codesBySqliteError: Readonly<Record<number, ErrorCode>> = {
  5: 'store-unavailable', // BUSY
  6: 'store-unavailable', // LOCKED
  8: 'store-unavailable', // READONLY: the folder was remounted
  10: 'store-unavailable', // IOERR
  11: 'store-corrupt', // CORRUPT
  13: 'store-full', // FULL
  14: 'store-unavailable', // CANTOPEN
  26: 'store-foreign', // NOTADB
};

/** Anything that SQLite threw, as a catalogue error. */
export const storeErrorOf = (thrown: unknown, path: string): PapilioError => {
  if (thrown instanceof PapilioError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const sqliteCode =
    thrown instanceof Error && 'errcode' in thrown && typeof thrown.errcode === 'number' ? thrown.errcode : 0;
  // The low byte is the error, the rest its flavour.
  const code = codesBySqliteError[sqliteCode & 0xff] ?? 'bug';
  return new PapilioError(code, `${path}: ${message}`, thrown);
};

const numberOf = (db: DatabaseSync, pragma: string): number => Number(db.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);

/** Refuses a file of somebody else or of a later papilio. */
const checkFormat = (db: DatabaseSync, path: string): void => {
  const owner = numberOf(db, 'application_id');
  if (owner !== applicationId) throw new PapilioError('store-foreign', `${path} is an SQLite file, but not papilio's`);
  const version = numberOf(db, 'user_version');
  if (version > formatVersion) {
    throw new PapilioError('store-foreign', `${path} has format ${version}; this papilio knows up to ${formatVersion}`);
  }
};

const createTables = (db: DatabaseSync): void => {
  db.exec(`PRAGMA page_size=${pageSizeBytes}; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;`);
  db.exec(
    `BEGIN IMMEDIATE; ${tables} PRAGMA application_id=${applicationId}; PRAGMA user_version=${formatVersion}; COMMIT;`,
  );
};

/** Whether the rows of a file have a place for their checksum. */
export const hasChecksums = (db: DatabaseSync, table: 'items' | 'events' = 'items'): boolean =>
  db.prepare("SELECT 1 FROM pragma_table_info(?) WHERE name = 'checksum'").get(table) !== undefined;

/** Gives a file of an earlier papilio what later ones added; its rows stay as they are, and get a checksum when they are written. */
const bringUp = (db: DatabaseSync): void => {
  const without = (['items', 'events'] as const).filter((table) => !hasChecksums(db, table));
  const isOld = numberOf(db, 'user_version') < formatVersion;
  if (!isOld && without.length === 0) return;
  const columns = without.map((table) => `ALTER TABLE ${table} ADD COLUMN checksum INTEGER;`).join(' ');
  const tablesOf = isOld ? manifestTable : '';
  db.exec(`BEGIN IMMEDIATE; ${tablesOf} ${columns} PRAGMA user_version=${formatVersion}; COMMIT;`);
};

const isEmpty = (db: DatabaseSync): boolean =>
  numberOf(db, 'application_id') === 0 && Number(db.prepare('SELECT count(*) n FROM sqlite_schema').get()?.n) === 0;

/** Opens a connection and sets it up; one that cannot be set up is closed again. */
const connect = (path: string, options: DatabaseSyncOptions, setUp: (db: DatabaseSync) => void): DatabaseSync => {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, options);
    setUp(db);
    return db;
  } catch (error) {
    db?.close();
    throw storeErrorOf(error, path);
  }
};

/** Opens the one connection that writes; makes the file if there is none. */
export const openForWriting = (path: string, quotaBytes?: number): DatabaseSync =>
  connect(path, { timeout: 5000 }, (db) => {
    if (isEmpty(db)) createTables(db);
    checkFormat(db, path);
    bringUp(db);
    // The writer checkpoints by itself between groups, and the WAL keeps its length, so that a commit only overwrites.
    db.exec(
      'PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536;',
    );
    if (quotaBytes !== undefined) db.exec(`PRAGMA max_page_count=${Math.floor(quotaBytes / pageSizeBytes)}`);
  });

/** Opens a connection that only reads; the file may be written by another process, or by nobody any more. */
export const openForReading = (path: string): DatabaseSync => {
  if (!existsSync(path)) throw new PapilioError('store-unavailable', `${path} is not there yet`);
  // Reads never wait for a writer in WAL mode; only a recovery after a crash holds them for a moment.
  return connect(path, { readOnly: true, timeout: 250 }, (db) => {
    // Its writer has made the file, but not its tables yet.
    if (isEmpty(db)) throw new PapilioError('store-unavailable', `${path} is still empty`);
    checkFormat(db, path);
    db.exec('PRAGMA query_only=1; PRAGMA cache_size=-32768;');
  });
};
