import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  coverOf,
  coversOf,
  neighboursOf,
  packedCovers,
  piecesAt,
  piecesOf,
  SEGMENT_TFS,
  segmentOf,
  tfOfSegment,
  totalsOf,
  withPieces,
} from '#lib/model/tf-index';

const aPiece = fc.record({ first: fc.nat(60), count: fc.integer({ min: 1, max: 20 }), sequence: fc.nat(9) });
const aTf = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

describe('the catalogue of TFs', () => {
  test('finds a TF in the segment that its number names', () => {
    fc.assert(
      fc.property(aTf, (tf) => {
        const { run, segment, place } = segmentOf(tf);
        expect(tfOfSegment(run, segment) + BigInt(place)).toBe(tf);
      }),
    );
  });

  test('cuts a range at the borders of segments and loses no TF', () => {
    fc.assert(
      fc.property(aTf, fc.integer({ min: 1, max: 3 * SEGMENT_TFS }), (tfFirst, count) => {
        const { run } = segmentOf(tfFirst);
        fc.pre(segmentOf(tfFirst + BigInt(count)).run === run);
        const pieces = piecesOf({ tfFirst, tfEnd: tfFirst + BigInt(count) }, 4);
        expect(pieces.reduce((sum, piece) => sum + piece.count, 0)).toBe(count);
        let expected = tfFirst;
        for (const piece of pieces) {
          expect(tfOfSegment(run, piece.segment) + BigInt(piece.first)).toBe(expected);
          expect(piece.first + piece.count).toBeLessThanOrEqual(SEGMENT_TFS);
          expected += BigInt(piece.count);
        }
      }),
    );
  });

  test('is the same for any order of arrival and any repeats', () => {
    fc.assert(
      fc.property(fc.array(aPiece, { maxLength: 20 }), fc.infiniteStream(fc.nat()), (pieces, order) => {
        const keyed = [...pieces, ...pieces].map((piece) => ({ piece, key: order.next().value ?? 0 }));
        const shuffled = keyed.toSorted((a, b) => a.key - b.key).map(({ piece }) => piece);
        const oneByOne = shuffled.reduce<number[]>((packed, piece) => withPieces(packed, [piece]), []);
        expect(oneByOne).toEqual(withPieces([], pieces));
      }),
    );
  });

  test('finds every STF that holds a TF, as looking at all of them does', () => {
    fc.assert(
      fc.property(fc.array(aPiece, { maxLength: 20 }), fc.nat(90), (pieces, place) => {
        const packed = withPieces([], pieces);
        const naive = withPieces(
          [],
          pieces.filter(({ first, count }) => first <= place && place < first + count),
        );
        expect(piecesAt(packed, place).flatMap(({ first, count, sequence }) => [first, count, sequence])).toEqual(
          naive,
        );
      }),
    );
  });

  test('finds what lies around a place that nothing holds', () => {
    fc.assert(
      fc.property(fc.array(aPiece, { maxLength: 12 }), fc.integer({ min: -1, max: 90 }), (pieces, place) => {
        const { before, after } = neighboursOf(withPieces([], pieces), place);
        const ends = pieces.map(({ first, count }) => first + count).filter((end) => end <= place);
        const firsts = pieces.map(({ first }) => first).filter((first) => first > place);
        expect(before && before.first + before.count).toBe(ends.length > 0 ? Math.max(...ends) : undefined);
        expect(after?.first).toBe(firsts.length > 0 ? Math.min(...firsts) : undefined);
      }),
    );
  });

  test('counts what is held, what is held twice, and gaps, as counting TF by TF does', () => {
    fc.assert(
      fc.property(fc.array(aPiece, { minLength: 1, maxLength: 12 }), (pieces) => {
        const packed = withPieces([], pieces);
        const times = Array.from({ length: 90 }, () => 0);
        for (let at = 0; at < packed.length; at += 3)
          for (let tf = packed[at] ?? 0; tf < (packed[at] ?? 0) + (packed[at + 1] ?? 0); tf++)
            times[tf] = (times[tf] ?? 0) + 1;
        const first = times.findIndex((n) => n > 0);
        const end = times.findLastIndex((n) => n > 0) + 1;
        const gaps = times.filter((n, tf) => tf > first && tf < end && n === 0 && (times[tf - 1] ?? 0) > 0).length;
        const held = times.filter((n) => n > 0).length;
        const overlapped = times.filter((n) => n > 1).length;
        expect(coverOf(3, packed)).toEqual({ segment: 3, first, end, held, overlapped, gaps });
      }),
    );
  });

  test('a gap at the border of two segments is counted once, an unbroken border not at all', () => {
    const whole = coverOf(0, [0, SEGMENT_TFS, 1]);
    const next = coverOf(1, [0, 10, 2]);
    expect(totalsOf([whole, next]).gaps).toBe(0);
    expect(totalsOf([whole, coverOf(1, [1, 9, 2])]).gaps).toBe(1);
    expect(totalsOf([whole, coverOf(2, [0, 10, 2])]).gaps).toBe(1);
  });

  test('a run of whole segments is two numbers, and comes back as it was', () => {
    const covers = [0, 1, 2, 5].map((segment) => coverOf(segment, [0, SEGMENT_TFS, 1]));
    const all = [...covers.slice(0, 3), coverOf(3, [4, 6, 9]), ...covers.slice(3)];
    const packed = packedCovers(all);
    expect(packed.whole).toEqual([
      [0, 3],
      [5, 6],
    ]);
    expect(coversOf(packed)).toEqual(all);
  });
});
