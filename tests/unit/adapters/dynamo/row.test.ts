import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  boundsOf,
  cutToSortKey,
  indexSortKey,
  itemOf,
  rowOf,
} from '../../../../functions/adapters/store/dynamo-row.ts';
import { compareText } from '../../../../functions/adapters/store/order.ts';
import { encodeItem } from '../../../../functions/adapters/store/record.ts';

const unit = fc.oneof(
  fc.constantFrom('a', 'é', '€', '😀', '\uffff', '\u{10ffff}'),
  fc.string({ unit: 'binary', maxLength: 1 }),
);
const text = fc.array(unit, { maxLength: 8 }).map((units) => units.join('').replaceAll('\0', ''));
/** Texts that differ where 1,024 bytes end. */
const longText = fc
  .tuple(fc.integer({ min: 1010, max: 1026 }), text)
  .map(([length, tail]) => 'x'.repeat(length) + tail);
const keyText = fc.oneof(text, longText).filter((key) => key !== '' && Buffer.byteLength(key) <= 1024);

const sign = (number: number): number => Math.sign(number);

describe('sort keys of indexes on DynamoDB', () => {
  test('are at most 1,024 bytes, and cutting them never changes their order', () => {
    fc.assert(
      fc.property(fc.oneof(text, longText), fc.oneof(text, longText), (a, b) => {
        expect(Buffer.byteLength(cutToSortKey(a))).toBeLessThanOrEqual(1024);
        const whole = sign(compareText(a, b));
        const cut = sign(compareText(cutToSortKey(a), cutToSortKey(b)));
        expect([whole, 0]).toContain(cut);
      }),
      { numRuns: 1000 },
    );
  });

  test('order records by their sort key, then by their own keys', () => {
    const place = fc.record({ sk: text.filter((sk) => sk !== ''), pk: text, own: text });
    fc.assert(
      fc.property(place, place, (a, b) => {
        const expected = compareText(a.sk, b.sk) || compareText(a.pk, b.pk) || compareText(a.own, b.own);
        const [one, other] = [a, b].map(({ sk, pk, own }) => indexSortKey(sk, { pk, sk: own }));
        expect(sign(compareText(one ?? '', other ?? ''))).toBe(sign(expected));
      }),
    );
  });

  test('a record comes back from its item with every key that it was given', () => {
    const index = fc.option(fc.record({ pk: keyText, sk: keyText }), { nil: undefined });
    const expiresMs = fc.option(fc.integer({ min: 0, max: 4e12 }), { nil: undefined });
    fc.assert(
      fc.property(keyText, keyText, index, index, expiresMs, (pk, sk, i1, i2, ms) => {
        const indexes = { ...(i1 && { i1 }), ...(i2 && { i2 }) };
        const expiry = ms === undefined ? {} : { expiresAt: new Date(ms).toISOString() };
        const row = encodeItem({ pk, sk, doc: { a: 1 }, indexes, ...expiry });
        const item = itemOf(row, 7);
        const stored = Object.entries(item).map(([name, value]) => [
          name,
          value.N === undefined ? value.S : Number(value.N),
        ]);
        expect(rowOf(Object.fromEntries(stored))).toEqual({ ...row, version: 7 });
      }),
    );
  });

  test('the largest record that papilio takes is no larger than DynamoDB takes', () => {
    const long = 'é'.repeat(512);
    const key = { pk: long, sk: long };
    const doc = { text: 'x'.repeat(399_989) };
    const item = itemOf(
      encodeItem({ ...key, doc, indexes: { i1: key, i2: key }, expiresAt: '2099-01-01T00:00:00Z' }),
      1,
    );
    const sizeBytes = Object.entries(item).reduce(
      (sum, [name, { S = '', N = '' }]) => sum + name.length + Buffer.byteLength(S + N),
      0,
    );
    expect(sizeBytes).toBeLessThanOrEqual(400 * 1024);
  });
});

describe('ranges of sort keys on DynamoDB', () => {
  test('leave out nothing that is in the range', () => {
    const end = fc.option(fc.oneof(text, longText), { nil: undefined });
    fc.assert(
      fc.property(keyText, fc.oneof(text, longText), end, (sk, skFirst, skEnd) => {
        const isIn = compareText(sk, skFirst) >= 0 && (skEnd === undefined || compareText(sk, skEnd) < 0);
        const bounds = boundsOf(skFirst, skEnd);
        if (!isIn) return;
        expect(compareText(sk, bounds?.from ?? '')).toBeGreaterThanOrEqual(0);
        if (bounds?.to !== undefined) expect(compareText(sk, bounds.to)).toBeLessThanOrEqual(0);
        expect(bounds).toBeDefined();
      }),
      { numRuns: 1000 },
    );
  });

  test('that nothing can be in are not asked for', () => {
    expect(boundsOf('b', 'b')).toBeUndefined();
    expect(boundsOf('b', 'a')).toBeUndefined();
    expect(boundsOf('', '')).toBeUndefined();
    expect(boundsOf('', undefined)).toEqual({});
  });
});
