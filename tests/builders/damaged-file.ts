import { readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

const pageBytes = 4096;

/** Changes the first leaf page of a table or index that is wanted, in the file itself, as a disk does. */
export const changePage = (
  path: string,
  name: string,
  isWanted: (page: Buffer, at: number) => boolean,
  change: (page: Buffer) => void,
): void => {
  const db = new DatabaseSync(path);
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const leaves = db.prepare("SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY pageno").all(name);
  db.close();
  const bytes = readFileSync(path);
  const pages = leaves.map(({ pageno }) => {
    const first = (Number(pageno) - 1) * pageBytes;
    return bytes.subarray(first, first + pageBytes);
  });
  const page = pages.find(isWanted);
  if (page === undefined) throw new Error(`${path}: no such page of ${name}`);
  change(page);
  writeFileSync(path, bytes);
};

/** Flips one bit of a file. */
export const flipBit = (path: string, at = 3): void => {
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  writeFileSync(path, bytes);
};

/** Changes a table behind the store's back. */
export const tamper = (path: string, sql: string, ...values: (string | number)[]): void => {
  const db = new DatabaseSync(path);
  db.prepare(sql).run(...values);
  db.close();
};
