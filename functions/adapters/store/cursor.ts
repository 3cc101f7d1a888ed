import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import type { Query } from '#ports/store';
import { compareText } from './order.ts';
import { checkKeyPart } from './record.ts';

const Position = z.object({ sk: z.string().min(1), itemPk: z.string().min(1), itemSk: z.string().min(1) });
const Cursor = Position.extend({ index: z.string(), pk: z.string(), newestFirst: z.boolean() });

/** Where a page ended: the sort key, then the record's own key, which orders records of equal index keys. */
export type Position = z.infer<typeof Position>;

/** A query with its defaults and checked bounds. */
export type CheckedQuery = Required<Pick<Query, 'pk' | 'newestFirst' | 'limit' | 'skFirst'>> & {
  readonly index: Query['index'];
  readonly skEnd: string | undefined;
  readonly after: Position | undefined;
};

const invalid = (reason: string): PapilioError => new PapilioError('input-invalid', reason);
const unknown = (reason: string): PapilioError => new PapilioError('cursor-unknown', reason);

const parseCursor = (text: string): unknown => {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
};

const isInRange = (sk: string, { skFirst, skEnd }: Query): boolean =>
  (skFirst === undefined || compareText(sk, skFirst) >= 0) && (skEnd === undefined || compareText(sk, skEnd) < 0);

const positionOf = (query: Query): Position | undefined => {
  if (query.cursor === undefined) return undefined;
  const parsed = Cursor.safeParse(parseCursor(query.cursor));
  if (!parsed.success) throw unknown('it was not made by this store');
  const { index, pk, newestFirst, ...position } = parsed.data;
  const isSame = index === (query.index ?? '') && pk === query.pk && newestFirst === (query.newestFirst ?? false);
  if (isSame && isInRange(position.sk, query)) return position;
  throw unknown('it belongs to another query');
};

/** Checks a query. @throws input-invalid for a bad limit or bound; cursor-unknown; store-item-invalid for a bad partition key. */
export const checkQuery = (query: Query): CheckedQuery => {
  checkKeyPart(query.pk, 'partition key');
  const limit = query.limit ?? 100;
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw invalid(`limit: ${limit} is not between 1 and 1,000`);
  const skFirst = query.skFirst ?? '';
  const { pk, index, skEnd, newestFirst = false } = query;
  return { pk, index, skFirst, skEnd, newestFirst, limit, after: positionOf(query) };
};

/** The opaque text from which the next page starts. */
export const cursorOf = (query: CheckedQuery, position: Position): string => {
  const cursor = { index: query.index ?? '', pk: query.pk, newestFirst: query.newestFirst, ...position };
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
};
