import { PapilioError } from '#lib/errors';
import type { Item, Key, Transaction, Write } from '#ports/store';

const keyLimitBytes = 1024;
const itemLimitBytes = 400_000;
const transactionLimit = 99;

/** A record as both adapters keep it: the document as JSON text, moments as milliseconds, index keys flat. */
export type Row = {
  readonly pk: string;
  readonly sk: string;
  readonly version: number;
  readonly doc: string;
  readonly expiresMs: number | null;
  readonly i1Pk: string | null;
  readonly i1Sk: string | null;
  readonly i2Pk: string | null;
  readonly i2Sk: string | null;
};

/** A write with its document serialised. `ifVersion` undefined: whatever is there. */
export type EncodedWrite =
  | { readonly op: 'put'; readonly ifVersion: number | undefined; readonly row: Row }
  | { readonly op: 'delete' | 'check'; readonly ifVersion: number; readonly row: Key };

const shown = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);

/** Refuses a part of a key that one of the stores could not keep: empty, over 1,024 bytes, with NUL, or not Unicode. */
export const checkKeyPart = (part: string, name: string): void => {
  if (part.length > 0 && part.length <= keyLimitBytes && !part.includes('\0') && part.isWellFormed()) {
    const sizeBytes = part.length * 3 <= keyLimitBytes ? 0 : Buffer.byteLength(part);
    if (sizeBytes <= keyLimitBytes) return;
  }
  throw new PapilioError('store-item-invalid', `${name} ${shown(part)} is not 1 to 1,024 bytes of Unicode without NUL`);
};

/** Refuses a key of which one part is refused. */
export const checkKey = (key: Key): void => {
  checkKeyPart(key.pk, 'partition key');
  checkKeyPart(key.sk, 'sort key');
};

const expiryOf = (item: Omit<Item, 'version'>): number | null => {
  if (item.expiresAt === undefined) return null;
  const expiresMs = Date.parse(item.expiresAt);
  if (!Number.isNaN(expiresMs)) return expiresMs;
  throw new PapilioError('store-item-invalid', `expiresAt ${shown(item.expiresAt)} of ${nameOf(item)} is not a moment`);
};

/** A record's name in messages: `pk/sk`. */
export const nameOf = (key: Key): string => `${key.pk}/${key.sk}`;

/** Serialises a record, which then has the version 0 until the store gives it one. */
export const encodeItem = (item: Omit<Item, 'version'>): Row => {
  checkKey(item);
  const { i1, i2 } = item.indexes ?? {};
  for (const index of [i1, i2]) {
    if (index !== undefined) checkKey(index);
  }
  const doc = JSON.stringify(item.doc);
  const sizeBytes = doc.length * 3 <= itemLimitBytes ? 0 : Buffer.byteLength(doc);
  if (sizeBytes > itemLimitBytes) {
    throw new PapilioError('store-item-invalid', `${nameOf(item)} has ${sizeBytes} bytes, more than 400,000`);
  }
  const indexColumns = { i1Pk: i1?.pk ?? null, i1Sk: i1?.sk ?? null, i2Pk: i2?.pk ?? null, i2Sk: i2?.sk ?? null };
  return { pk: item.pk, sk: item.sk, version: 0, doc, expiresMs: expiryOf(item), ...indexColumns };
};

const checkVersion = (write: Write): void => {
  if (Number.isSafeInteger(write.ifVersion) && write.ifVersion >= 0) return;
  throw new PapilioError('store-item-invalid', `ifVersion ${write.ifVersion} of ${nameOf(write)} is not a version`);
};

const encodeWrite = (write: Write): EncodedWrite => {
  checkVersion(write);
  if (write.op === 'put') return { op: 'put', ifVersion: write.ifVersion, row: encodeItem(write) };
  checkKey(write);
  return { op: write.op, ifVersion: write.ifVersion, row: { pk: write.pk, sk: write.sk } };
};

/**
 * Serialises the writes of a transaction.
 * @throws store-item-invalid for more than 99 writes, a key twice, a bad key or version, or a record over 400 kB.
 */
export const encodeWrites = (writes: Transaction['writes']): EncodedWrite[] => {
  if (writes.length > transactionLimit) {
    throw new PapilioError(
      'store-item-invalid',
      `a transaction has ${writes.length} writes, more than ${transactionLimit}`,
    );
  }
  const encoded = writes.map(encodeWrite);
  if (encoded.length > 1) {
    const names = new Set<string>();
    for (const { row } of encoded) {
      const name = `${row.pk}\0${row.sk}`;
      if (names.has(name)) throw new PapilioError('store-item-invalid', `${nameOf(row)} is twice in one transaction`);
      names.add(name);
    }
  }
  return encoded;
};

/** Says which record was found at another version than expected. */
export const mismatchOf = (key: Key, expected: number, found: number): string => {
  const said = (version: number): string => (version === 0 ? 'no record' : `version ${version}`);
  return `${nameOf(key)}: expected ${said(expected)}, found ${said(found)}`;
};

const isDocument = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const indexesOf = (row: Row): Pick<Item, 'indexes'> => {
  const i1 = row.i1Pk !== null && row.i1Sk !== null ? { i1: { pk: row.i1Pk, sk: row.i1Sk } } : undefined;
  const i2 = row.i2Pk !== null && row.i2Sk !== null ? { i2: { pk: row.i2Pk, sk: row.i2Sk } } : undefined;
  return i1 === undefined && i2 === undefined ? {} : { indexes: { ...i1, ...i2 } };
};

/** The record of a row, its document freshly parsed, so that nobody can change what the store holds. */
export const decodeRow = (row: Row): Item => {
  const doc: unknown = JSON.parse(row.doc);
  if (!isDocument(doc)) throw new PapilioError('store-unavailable', `the document of ${nameOf(row)} is not an object`);
  const expiry = row.expiresMs === null ? {} : { expiresAt: new Date(row.expiresMs).toISOString() };
  return { pk: row.pk, sk: row.sk, version: row.version, doc, ...indexesOf(row), ...expiry };
};
