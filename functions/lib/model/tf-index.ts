/**
 * The catalogue of TFs: run → segment of 2^14 TFs → pieces in order. Which record a TF is in follows from its number, so a
 * look-up is one read and a binary search, however many TFs there are.
 *
 *     TF 134217728 · 3 + 16384 · 2 + 52 lies in run 3, segment 2, at place 52
 */

import type { TfRange } from '#schema/tf';
import type { RunCoverage, SegmentCover } from '#schema/tf-index';
import type { Span } from './tf-cover.ts';
import { runPlaceOf, TFS_PER_BLOCK, tfAt } from './tf-range.ts';

/** TFs of one segment, some 11 s: even one piece a TF fits into a record. */
export const SEGMENT_TFS = 2 ** 14;
/** Segments of one block of a run. */
export const SEGMENTS_PER_BLOCK = TFS_PER_BLOCK / SEGMENT_TFS;
/** Numbers a piece takes: first TF in the segment, number of TFs, sequence. */
const PIECE_NUMBERS = 3;

/** Consecutive TFs of one STF within a segment. */
export type Piece = { readonly first: number; readonly count: number; readonly sequence: number };
/** A run and a place in it. */
export type SegmentPlace = { readonly run: number; readonly segment: number; readonly place: number };

/** Returns the segment that a TF belongs to. O(1). */
export function segmentOf(tf: bigint): SegmentPlace {
  const { run, index } = runPlaceOf(tf);
  return { run, segment: Math.floor(index / SEGMENT_TFS), place: index % SEGMENT_TFS };
}

/** The first TF of a segment of a run. */
export function tfOfSegment(run: number, segment: number): bigint {
  return tfAt(run, segment * SEGMENT_TFS);
}

/** Cuts a range at the borders of segments. */
export function piecesOf(range: TfRange, sequence: number): ({ readonly segment: number } & Piece)[] {
  const pieces: ({ readonly segment: number } & Piece)[] = [];
  for (let tf = range.tfFirst; tf < range.tfEnd; ) {
    const { segment, place } = segmentOf(tf);
    const count = Math.min(SEGMENT_TFS - place, Number(range.tfEnd - tf));
    pieces.push({ segment, first: place, count, sequence });
    tf += BigInt(count);
  }
  return pieces;
}

/** The pieces of a segment with more of them, in order, each once. O(n log n). */
export function withPieces(packed: readonly number[], more: readonly Piece[]): number[] {
  const all = [...unpack(packed), ...more].toSorted(compare);
  return all
    .filter((piece, at) => at === 0 || compare(piece, all[at - 1] ?? piece) !== 0)
    .flatMap(({ first, count, sequence }) => [first, count, sequence]);
}

/** The pieces that hold a place of the segment: more than one where STFs overlap. O(n), as is reading them from the store. */
export function piecesAt(packed: readonly number[], place: number): Piece[] {
  const found: Piece[] = [];
  const count = packed.length / PIECE_NUMBERS;
  const least = place - longestOf(packed);
  for (let at = lastAtOrBefore(packed, place, count); at >= 0; at--) {
    const piece = pieceAt(packed, at);
    if (piece.first <= least) break;
    if (piece.first + piece.count > place) found.push(piece);
  }
  return found.toReversed();
}

/** The piece that ends last at or before a place, and the one that begins first behind it. O(n). */
export function neighboursOf(packed: readonly number[], place: number): { before?: Piece; after?: Piece } {
  const pieces = unpack(packed);
  const before = pieces
    .filter((piece) => endOf(piece) <= place)
    .reduce<Piece | undefined>((last, one) => (last && endOf(last) >= endOf(one) ? last : one), undefined);
  const after = pieces.find(({ first }) => first > place);
  return { ...(before && { before }), ...(after && { after }) };
}

/** What a segment holds: gaps lie between its pieces only, since what is before and after may lie in another. O(n). */
export function coverOf(segment: number, packed: readonly number[]): SegmentCover {
  let [held, overlapped, gaps, end, endOfOverlap] = [0, 0, 0, 0, 0];
  const pieces = unpack(packed);
  for (const [at, { first, count }] of pieces.entries()) {
    const pieceEnd = first + count;
    if (at > 0 && first > end) gaps += 1;
    held += Math.max(0, pieceEnd - Math.max(first, end));
    const sharedEnd = at === 0 ? first : Math.min(pieceEnd, end);
    overlapped += Math.max(0, sharedEnd - Math.max(first, endOfOverlap));
    endOfOverlap = Math.max(endOfOverlap, sharedEnd);
    end = Math.max(end, pieceEnd);
  }
  return { segment, first: pieces[0]?.first ?? 0, end, held, overlapped, gaps };
}

/** Counts over segments, or other parts of `partTfs` TFs: TFs held, held twice, and gaps between the first and the last. O(parts). */
export function totalsOf(
  covers: readonly SegmentCover[],
  partTfs = SEGMENT_TFS,
): { held: number; overlapped: number; gaps: number } {
  const sum = (pick: (cover: SegmentCover) => number) => covers.reduce((total, cover) => total + pick(cover), 0);
  const between = covers.slice(1).filter((cover, at) => !isJoined(covers[at], cover, partTfs)).length;
  return { held: sum((c) => c.held), overlapped: sum((c) => c.overlapped), gaps: sum((c) => c.gaps) + between };
}

/** Returns the places in the run that a segment's pieces take. */
export function spansIn(segment: number, packed: readonly number[]): Span[] {
  const start = segment * SEGMENT_TFS;
  return unpack(packed).map(({ first, count, sequence }) => ({
    first: start + first,
    end: start + first + count,
    sequenceFirst: sequence,
    sequenceLast: sequence,
  }));
}

/** Every segment of a run's coverage by itself, in order. */
export function coversOf({ whole, others }: Pick<RunCoverage, 'whole' | 'others'>): SegmentCover[] {
  const expanded = whole.flatMap(([first, end]) =>
    Array.from({ length: end - first }, (_, at) => wholeCover(first + at)),
  );
  const kept = others.map(([segment, first, end, held, overlapped, gaps]) => ({
    segment,
    first,
    end,
    held,
    overlapped,
    gaps,
  }));
  return [...expanded, ...kept].toSorted((a, b) => a.segment - b.segment);
}

/** A run's coverage in few numbers: segments that are whole stand together. The inverse of `coversOf`. */
export function packedCovers(covers: readonly SegmentCover[]): Pick<RunCoverage, 'whole' | 'others'> {
  const whole: [number, number][] = [];
  const others: RunCoverage['others'] = [];
  for (const { segment, first, end, held, overlapped, gaps } of covers) {
    const last = whole.at(-1);
    if (held < SEGMENT_TFS || overlapped > 0) others.push([segment, first, end, held, overlapped, gaps]);
    else if (last?.[1] === segment) last[1] = segment + 1;
    else whole.push([segment, segment + 1]);
  }
  return { whole, others };
}

function wholeCover(segment: number): SegmentCover {
  return { segment, first: 0, end: SEGMENT_TFS, held: SEGMENT_TFS, overlapped: 0, gaps: 0 };
}

function isJoined(before: SegmentCover | undefined, after: SegmentCover, partTfs: number): boolean {
  return before?.segment === after.segment - 1 && before.end === partTfs && after.first === 0;
}

function unpack(packed: readonly number[]): Piece[] {
  return Array.from({ length: packed.length / PIECE_NUMBERS }, (_, at) => pieceAt(packed, at));
}

function pieceAt(packed: readonly number[], at: number): Piece {
  const [first = 0, count = 0, sequence = 0] = packed.slice(at * PIECE_NUMBERS, (at + 1) * PIECE_NUMBERS);
  return { first, count, sequence };
}

function endOf({ first, count }: Piece): number {
  return first + count;
}

function compare(a: Piece, b: Piece): number {
  return a.first - b.first || a.sequence - b.sequence || a.count - b.count;
}

function longestOf(packed: readonly number[]): number {
  let longest = 0;
  for (let at = 1; at < packed.length; at += PIECE_NUMBERS) longest = Math.max(longest, packed[at] ?? 0);
  return longest;
}

function lastAtOrBefore(packed: readonly number[], place: number, count: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((packed[middle * PIECE_NUMBERS] ?? 0) <= place) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
