import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { storeLayout } from '#schema/store-table';
import { compareText } from './order.ts';
import type { Row } from './record.ts';

const sortKeyLimitBytes = 1024;

/** The largest characters of one, two and three bytes: what a cut leaves room for. */
const fillers = ['', '\u007f', '\u07ff', '\uffff'] as const;

/** The whole characters within the first 1,024 bytes of a text, and how many bytes they leave. */
const beginningOf = (text: string): { readonly beginning: string; readonly leftBytes: number } => {
  const bytes = Buffer.from(text);
  if (bytes.length <= sortKeyLimitBytes) return { beginning: text, leftBytes: 0 };
  let end = sortKeyLimitBytes;
  // Bytes 10xxxxxx go on with a character.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return { beginning: bytes.subarray(0, end).toString(), leftBytes: sortKeyLimitBytes - end };
};

/**
 * The first 1,024 bytes of a text, as a text: a character that the cut would go through becomes the largest one that
 * fits. So `a < b` still gives `cut(a) <= cut(b)`.
 */
export const cutToSortKey = (text: string): string => {
  const { beginning, leftBytes } = beginningOf(text);
  return beginning + (fillers[leftBytes] ?? '');
};

/**
 * The sort key of an index: its own, then the record's key, with NUL between, which no key contains. DynamoDB orders
 * records of equal sort keys as it likes; so they are ordered by their own keys, as the port says.
 */
export const indexSortKey = (sk: string, record: { readonly pk: string; readonly sk: string }): string =>
  cutToSortKey(`${sk}\0${record.pk}\0${record.sk}`);

const sortKeyIn = (indexSk: string | undefined): string | null => indexSk?.split('\0', 1)[0] ?? null;

/** A record as DynamoDB keeps it. What a later papilio adds is passed over. */
const Stored = z.object({
  pk: z.string(),
  sk: z.string(),
  version: z.int(),
  doc: z.string(),
  expiresMs: z.int().optional(),
  i1Pk: z.string().optional(),
  i1Sk: z.string().optional(),
  i2Pk: z.string().optional(),
  i2Sk: z.string().optional(),
});

/** Reads what came from a table. @throws ZodError for what papilio did not write. */
export const rowOf = (stored: unknown): Row => {
  const { pk, sk, version, doc, expiresMs, i1Pk, i1Sk, i2Pk, i2Sk } = Stored.parse(stored);
  const indexes = { i1Pk: i1Pk ?? null, i1Sk: sortKeyIn(i1Sk), i2Pk: i2Pk ?? null, i2Sk: sortKeyIn(i2Sk) };
  return { pk, sk, version, doc, expiresMs: expiresMs ?? null, ...indexes };
};

/** The attributes of a record's index keys; those of an index in which it has no place are undefined. */
export const indexAttributesOf = (row: Row) => ({
  i1Pk: row.i1Pk === null ? undefined : { S: row.i1Pk },
  i1Sk: row.i1Sk === null ? undefined : { S: indexSortKey(row.i1Sk, row) },
  i2Pk: row.i2Pk === null ? undefined : { S: row.i2Pk },
  i2Sk: row.i2Sk === null ? undefined : { S: indexSortKey(row.i2Sk, row) },
});

/** Attributes of a record but for its key and version; those that it does not have are undefined. */
export const attributesOf = (row: Row) => ({
  doc: { S: row.doc },
  layout: { N: String(storeLayout) },
  expiresMs: row.expiresMs === null ? undefined : { N: String(row.expiresMs) },
  // TTL counts whole seconds; rounded up, so that nothing goes before its time.
  expiresS: row.expiresMs === null ? undefined : { N: String(Math.ceil(row.expiresMs / 1000)) },
  ...indexAttributesOf(row),
});

/** The attributes that a record has, as an item of DynamoDB. */
export const itemOf = (row: Row, version: number): Record<string, AttributeValue> => {
  const item: Record<string, AttributeValue> = {
    pk: { S: row.pk },
    sk: { S: row.sk },
    version: { N: String(version) },
  };
  for (const [name, value] of Object.entries(attributesOf(row))) {
    if (value !== undefined) item[name] = value;
  }
  return item;
};

/** True as long as a record is read. */
export const isLive = (row: Pick<Row, 'expiresMs'>, nowMs: number): boolean =>
  row.expiresMs === null || row.expiresMs > nowMs;

/** A half-open range of sort keys as a key condition can say it: both ends in it, within 1,024 bytes, never empty. */
export type Bounds = { readonly from?: string; readonly to?: string };

/** The range, a little wider where it must be; undefined if nothing can be in it. */
export const boundsOf = (skFirst: string, skEnd: string | undefined): Bounds | undefined => {
  if (skEnd !== undefined && compareText(skFirst, skEnd) >= 0) return undefined;
  const from = skFirst === '' ? {} : { from: beginningOf(skFirst.toWellFormed()).beginning };
  // A cut end would leave out what begins with it: whoever reads checks the end again.
  const isLong = skEnd !== undefined && Buffer.byteLength(skEnd) > sortKeyLimitBytes;
  return skEnd === undefined || isLong ? from : { ...from, to: skEnd.toWellFormed() };
};
