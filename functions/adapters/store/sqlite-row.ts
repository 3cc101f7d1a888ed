import type { SQLOutputValue } from 'node:sqlite';
import { PapilioError } from '#lib/errors';
import type { Item } from '#ports/store';
import { decodeRow } from './record.ts';
import { type CheckedRow, checksumDiffers, corruptRecord, isIntact } from './record-checksum.ts';

/** A row as SQLite returns it. */
export type Columns = Readonly<Record<string, SQLOutputValue>>;

/** Columns of a row in a file whose records have checksums. */
export const rowColumns = 'pk, sk, version, doc, expiresMs, i1Pk, i1Sk, i2Pk, i2Sk, checksum';
/** Columns of a row in a file of an earlier papilio that is not opened for writing yet. */
export const oldRowColumns = 'pk, sk, version, doc, expiresMs, i1Pk, i1Sk, i2Pk, i2Sk, NULL AS checksum';

const textOf = (value: SQLOutputValue | undefined): string => (typeof value === 'string' ? value : '');
const textOrNull = (value: SQLOutputValue | undefined): string | null => (typeof value === 'string' ? value : null);
const numberOrNull = (value: SQLOutputValue | undefined): number | null => (typeof value === 'number' ? value : null);

/** A row of the table. */
export const rowOf = (found: Columns): CheckedRow => ({
  pk: textOf(found.pk),
  sk: textOf(found.sk),
  version: Number(found.version),
  doc: textOf(found.doc),
  expiresMs: numberOrNull(found.expiresMs),
  i1Pk: textOrNull(found.i1Pk),
  i1Sk: textOrNull(found.i1Sk),
  i2Pk: textOrNull(found.i2Pk),
  i2Sk: textOrNull(found.i2Sk),
  checksum: numberOrNull(found.checksum),
});

/** Why a row cannot be read as a record; undefined if it can. */
export const faultOfRow = (row: CheckedRow): string | undefined => {
  if (!isIntact(row)) return checksumDiffers(row);
  try {
    decodeRow(row);
    return undefined;
  } catch (error) {
    return error instanceof PapilioError ? error.reason : 'its document is not valid JSON';
  }
};

/** The record of a row. @throws record-corrupt naming record and file if the row is not as it was written. */
export const itemOf = (row: CheckedRow, path: string): Item => {
  if (!isIntact(row)) throw corruptRecord(row, path, checksumDiffers(row));
  try {
    return decodeRow(row);
  } catch (error) {
    throw corruptRecord(row, path, error instanceof PapilioError ? error.reason : 'its document is not valid JSON');
  }
};
