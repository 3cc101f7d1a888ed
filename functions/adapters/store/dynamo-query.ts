import type { Page } from '#ports/store';
import { type CheckedQuery, cursorOf, type Position } from './cursor.ts';
import { boundsOf, indexSortKey, isLive } from './dynamo-row.ts';
import type { DynamoTable, StartKey } from './dynamo-table.ts';
import { compareText } from './order.ts';
import { decodeRow, type Row } from './record.ts';

const sortKeyOf = (row: Row, index: CheckedQuery['index']): string =>
  ({ i1: row.i1Sk, i2: row.i2Sk, none: row.sk })[index ?? 'none'] ?? '';

const positionOf = (row: Row, index: CheckedQuery['index']): Position => ({
  sk: sortKeyOf(row, index),
  itemPk: row.pk,
  itemSk: row.sk,
});

/** A position as the key that DynamoDB goes on after; the record may be gone. */
const startKeyOf = ({ index, pk, after }: CheckedQuery): StartKey | undefined => {
  if (after === undefined) return undefined;
  const key = { pk: after.itemPk, sk: after.itemSk };
  return index === undefined ? key : { ...key, [`${index}Pk`]: pk, [`${index}Sk`]: indexSortKey(after.sk, key) };
};

const isInRange = (row: Row, { index, skFirst, skEnd }: CheckedQuery): boolean => {
  const sk = sortKeyOf(row, index);
  return compareText(sk, skFirst) >= 0 && (skEnd === undefined || compareText(sk, skEnd) < 0);
};

/** A page of a query. Expired records are passed over, so it takes as many calls as fill it. */
export const queryPage = async (table: DynamoTable, checked: CheckedQuery, nowMs: number): Promise<Page> => {
  const { index, pk, skFirst, skEnd, newestFirst, limit } = checked;
  const bounds = boundsOf(skFirst, skEnd);
  if (bounds === undefined) return { items: [] };
  const rows: Row[] = [];
  let startAt = startKeyOf(checked);
  do {
    const asked = { index, pk, bounds, newestFirst, limit: limit + 1, startAt };
    const page = await table.query(asked);
    rows.push(...page.rows.filter((row) => isLive(row, nowMs) && isInRange(row, checked)));
    startAt = page.next;
  } while (startAt !== undefined && rows.length <= limit);
  const items = rows.slice(0, limit).map(decodeRow);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return last === undefined ? { items } : { items, next: cursorOf(checked, positionOf(last, index)) };
};
