import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** A store under measurement. */
export type StorePeer = {
  readonly name: string;
  /** Writes a record if it has that version (0: if it does not exist); durable when it returns. */
  readonly write: (sk: string, ifVersion: number) => Promise<void>;
  /** The record's parsed document. */
  readonly get: (sk: string) => Promise<unknown>;
  readonly close: () => Promise<void>;
};

const doc = { run: 102363, state: 'physics', substate: 'run', text: 'x'.repeat(400) };

const openTable = (path: string) => {
  const db = new DatabaseSync(path);
  db.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;');
  db.exec('CREATE TABLE items (pk TEXT, sk TEXT, version INTEGER, doc TEXT); CREATE UNIQUE INDEX k ON items (pk, sk)');
  const insert = db.prepare(`INSERT INTO items (pk, sk, version, doc) VALUES ('bench', ?, 1, ?)`);
  const update = db.prepare(
    `UPDATE items SET version = version + 1, doc = ? WHERE pk = 'bench' AND sk = ? AND version = ?`,
  );
  const select = db.prepare(`SELECT doc FROM items WHERE pk = 'bench' AND sk = ?`);
  const writeRow = (sk: string, ifVersion: number): void => {
    const text = JSON.stringify(doc);
    const result = ifVersion === 0 ? insert.run(sk, text) : update.run(text, sk, ifVersion);
    if (result.changes !== 1) throw new Error(`${sk} has another version than ${ifVersion}`);
  };
  const get = async (sk: string): Promise<unknown> => JSON.parse(String(select.get(sk)?.doc));
  return { db, writeRow, get, close: async () => db.close() };
};

/** Plain node:sqlite: each call is a commit of its own on the serving thread. */
export const openPlainSqlite = (path: string): StorePeer => {
  const { writeRow, get, close } = openTable(path);
  return { name: 'plain node:sqlite', write: async (sk, ifVersion) => writeRow(sk, ifVersion), get, close };
};

/** Plain node:sqlite that commits all calls of one turn of the loop together, still on the serving thread. */
export const openPlainBatch = (path: string): StorePeer => {
  const { db, writeRow, get, close } = openTable(path);
  let waiting: { readonly sk: string; readonly ifVersion: number; readonly resolve: () => void }[] = [];
  const flush = (): void => {
    const batch = waiting;
    waiting = [];
    db.exec('BEGIN IMMEDIATE');
    for (const { sk, ifVersion } of batch) writeRow(sk, ifVersion);
    db.exec('COMMIT');
    for (const { resolve } of batch) resolve();
  };
  const write = (sk: string, ifVersion: number): Promise<void> =>
    new Promise((resolve) => {
      if (waiting.push({ sk, ifVersion, resolve }) === 1) setImmediate(flush);
    });
  return { name: 'plain node:sqlite, batched', write, get, close };
};

/** How long the disk itself takes, in milliseconds each, to append 4 kB durably, one after the other: what no store can beat. */
export const syncedAppends = (path: string, forMs: number): number[] => {
  const file = openSync(path, 'w');
  const page = Buffer.alloc(4096, 1);
  const spansMs: number[] = [];
  for (const startedAt = performance.now(); performance.now() - startedAt < forMs; ) {
    const calledAt = performance.now();
    writeSync(file, page);
    fdatasyncSync(file);
    spansMs.push(performance.now() - calledAt);
  }
  closeSync(file);
  return spansMs;
};
