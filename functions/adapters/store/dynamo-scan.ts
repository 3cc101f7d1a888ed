import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { jsonOf } from '#lib/model/json';
import type { Key, ScanEntry } from '#ports/store';
import { decodeRow, type Row } from './record.ts';

const ScanKey = z.strictObject({ pk: z.string(), sk: z.string() });

/** The key behind which a walk goes on. @throws cursor-unknown */
export const checkScanCursor = (after: string): Key => {
  const key = ScanKey.safeParse(jsonOf(after));
  if (key.success) return key.data;
  throw new PapilioError('cursor-unknown', 'it was not made by this store');
};

/** An entry of a walk. DynamoDB keeps checksums of its own, so what is looked at is whether the document can be read. */
export const scanEntryOf = (row: Row, table: string): ScanEntry => {
  const { pk, sk, doc } = row;
  const about = { after: JSON.stringify({ pk, sk }), sizeBytes: Buffer.byteLength(doc) };
  try {
    return { ...about, item: decodeRow(row) };
  } catch {
    return { ...about, fault: { key: { pk, sk }, where: `table ${table}`, reason: 'its document is not valid JSON' } };
  }
};
