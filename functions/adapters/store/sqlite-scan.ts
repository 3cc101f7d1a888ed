import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import { PapilioError } from '#lib/errors';
import type { Fault, ScanEntry } from '#ports/store';
import { decodeRow } from './record.ts';
import type { CheckedRow } from './record-checksum.ts';
import { hasChecksums, storeErrorOf } from './sqlite-file.ts';
import { faultOfRow, oldRowColumns, rowColumns, rowOf } from './sqlite-row.ts';

type Found = Readonly<Record<string, SQLOutputValue>>;
type Step = { readonly rowid: number; readonly fault?: string; readonly found?: Found };

const largestRowid = Number.MAX_SAFE_INTEGER;

/** The index entries that must lead to a row, each by its name. */
const prepareIndexes = (db: DatabaseSync) => {
  const at = (index: string, pk: string, sk: string): StatementSync =>
    db.prepare(`SELECT 1 FROM items INDEXED BY ${index}
      WHERE ${pk} = ? AND ${sk} = ? AND pk = ? AND sk = ? AND rowid = ?`);
  const byKey = db.prepare('SELECT 1 FROM items INDEXED BY itemsByKey WHERE pk = ? AND sk = ? AND rowid = ?');
  const [byI1, byI2] = [at('itemsByI1', 'i1Pk', 'i1Sk'), at('itemsByI2', 'i2Pk', 'i2Sk')];
  return (row: CheckedRow, rowid: number): string | undefined => {
    const { pk, sk, i1Pk, i1Sk, i2Pk, i2Sk } = row;
    if (byKey.get(pk, sk, rowid) === undefined) return 'the index of keys does not lead to it';
    if (i1Pk !== null && i1Sk !== null && byI1.get(i1Pk, i1Sk, pk, sk, rowid) === undefined)
      return 'index i1 does not lead to it';
    if (i2Pk !== null && i2Sk !== null && byI2.get(i2Pk, i2Sk, pk, sk, rowid) === undefined)
      return 'index i2 does not lead to it';
    return undefined;
  };
};

/** Walks over all rows in the order of the table, a few at a time; what cannot be read is an entry, and passed over. */
export const createScanner = (db: DatabaseSync, path: string) => {
  const columns = hasChecksums(db) ? rowColumns : oldRowColumns;
  const statement = db.prepare(`SELECT rowid, ${columns} FROM items WHERE rowid > ? ORDER BY rowid LIMIT ?`);
  const faultOfIndexes = prepareIndexes(db);

  const namedFault = (read: () => string | undefined): string | undefined => {
    try {
      return read();
    } catch (error) {
      const { code, reason } = storeErrorOf(error, path);
      if (code !== 'store-corrupt') throw error;
      return reason;
    }
  };

  /** Row and indexes are read of one moment, while the writer goes on. */
  const inSnapshot = <T>(read: () => T): T => {
    db.exec('BEGIN');
    try {
      return read();
    } finally {
      if (db.isTransaction) db.exec('ROLLBACK');
    }
  };

  const entryOf = ({ rowid, found, fault }: Step): ScanEntry => {
    const after = String(rowid);
    if (found === undefined)
      return { after, sizeBytes: 0, fault: { where: path, reason: fault ?? 'it cannot be read' } };
    const row = rowOf(found);
    const sizeBytes = Buffer.byteLength(row.doc);
    const reason = namedFault(() => faultOfRow(row) ?? faultOfIndexes(row, rowid));
    if (reason === undefined) return { after, sizeBytes, item: decodeRow(row) };
    const isNamed = row.pk !== '' && row.sk !== '';
    const about: Fault = { where: path, reason, ...(isNamed ? { key: { pk: row.pk, sk: row.sk } } : {}) };
    return { after, sizeBytes, fault: about };
  };

  /** The first row behind `rowid`, `none` where the table ends, `damaged` where its page cannot be read. */
  const rowBehind = (rowid: number): number | 'none' | 'damaged' => {
    try {
      const next = statement.all(rowid, 1)[0];
      return next === undefined ? 'none' : Number(next.rowid);
    } catch (error) {
      if (storeErrorOf(error, path).code !== 'store-corrupt') throw error;
      return 'damaged';
    }
  };

  /** Passes over rows that cannot be read, by steps that double. */
  const pastDamage = (rowid: number, reason: string): Step => {
    let next = rowBehind(rowid);
    for (let step = 1; next === 'damaged' && rowid + step < largestRowid; step *= 2) next = rowBehind(rowid + step);
    if (typeof next !== 'number')
      return { rowid: largestRowid, fault: `${reason}: rows behind ${rowid} cannot be read` };
    return { rowid: next - 1, fault: `${reason}: some of the rows ${rowid + 1} to ${next - 1} cannot be read` };
  };

  const stepsAfter = (rowid: number, limit: number): Step[] => {
    try {
      return statement.all(rowid, limit).map((found) => ({ rowid: Number(found.rowid), found }));
    } catch (error) {
      const { code, reason } = storeErrorOf(error, path);
      if (code !== 'store-corrupt') throw error;
      // One row at a time leads to the page itself.
      return limit > 1 ? stepsAfter(rowid, Math.floor(limit / 2)) : [pastDamage(rowid, reason)];
    }
  };

  return (limit: number, after = '0'): readonly ScanEntry[] => {
    const rowid = Number(after);
    if (!Number.isSafeInteger(rowid) || rowid < 0)
      throw new PapilioError('cursor-unknown', 'it was not made by this store');
    return inSnapshot(() => stepsAfter(rowid, limit).map(entryOf));
  };
};
