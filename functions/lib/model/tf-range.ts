/**
 * TF and BX numbers from run and sequence, never from clocks, so both wings give one TF the same number.
 *
 *     index in run = sequence · tfsPerStf + index in the STF          block k = index / 2^27
 *     TF = (run mod 2^21 + k · 2^21 + run / 2^21 · 2^31) · 2^27 + index mod 2^27
 *     BX = TF · bxPerTf + crossing in the TF
 *
 * Block k of a run below 2^21 has number run + k · 2^21. A run from 2^21 on has numbers of its own, from 2^31 upwards, so no
 * two blocks share one. A TF fits in 64 bits, a BX in 96. Every function is O(1) unless it states otherwise.
 */
import type { BxRange, TfRange } from '#schema/tf';

/** Runs of one lane: those whose block 0 has the number of the run. */
const LANE_RUNS = 2 ** 21;
const BLOCK_BITS = 27n;
const LANE_BITS = 21n;
const BLOCKS_BITS = 10n;
const U64_END = 2n ** 64n;

/** TFs of one block of a run: 24.8 h at 0.665 ms a TF. */
export const TFS_PER_BLOCK = 2 ** 27;
/** Blocks that one run has numbers for: 2.9 years. */
export const BLOCKS_PER_RUN = 2 ** 10;
/** TFs that one run has numbers for. */
export const TFS_PER_RUN = TFS_PER_BLOCK * BLOCKS_PER_RUN;
/** Run numbers are below this: 8 digits. */
export const RUN_END = 100_000_000;
/** Sequence numbers are below this: 8 digits. */
export const SEQUENCE_END = 100_000_000;
/** Nominal bunch crossings of a TF: 0.665 ms at 98.5 MHz. */
export const BX_PER_TF = 65_536;
/** BXs of a TF are below this. */
export const BX_PER_TF_END = 2 ** 32;
/** Nominal TFs of an STF: about 0.67 s. */
export const TFS_PER_STF = 1000;

/** The numbering that an STF belongs to. `tfCount` may be less than `tfsPerStf`: the last STF of a run is often short. */
export type StfPlace = {
  readonly run: number;
  readonly sequence: number;
  readonly tfCount: number;
  readonly tfsPerStf: number;
};

/** TFs that follow each other within a run: half-open, counted from the first TF of the run. Their numbers may lie in several blocks. */
export type TfSpan = { readonly run: number; readonly first: number; readonly end: number };

/** Position of a TF or BX in the stream. */
export type Place = {
  readonly run: number;
  readonly tf: bigint;
  readonly indexInRun: number;
  readonly sequence: number;
  readonly indexInStf: number;
  readonly bxInTf: number;
};

/** Returns the TFs of one STF. @throws RangeError when run, sequence or counts leave the numbering. */
export function spanOf({ run, sequence, tfCount, tfsPerStf }: StfPlace): TfSpan {
  within('run', run, 0, RUN_END);
  within('tfsPerStf', tfsPerStf, 1, TFS_PER_BLOCK + 1);
  within('tfCount', tfCount, 1, tfsPerStf + 1);
  within('sequence', sequence, 0, SEQUENCE_END);
  const first = sequence * tfsPerStf;
  if (first + tfCount > TFS_PER_RUN) {
    throw new RangeError(
      `sequence ${sequence} with ${tfsPerStf} TFs an STF passes the ${TFS_PER_RUN} TFs that a run has numbers for`,
    );
  }
  return { run, first, end: first + tfCount };
}

/** Returns the number of a TF by its place in the run. */
export function tfAt(run: number, index: number): bigint {
  const block = Math.floor(index / TFS_PER_BLOCK);
  const lane = Math.floor(run / LANE_RUNS);
  const number = (((BigInt(lane) << BLOCKS_BITS) + BigInt(block)) << LANE_BITS) + BigInt(run % LANE_RUNS);
  return (number << BLOCK_BITS) + BigInt(index % TFS_PER_BLOCK);
}

/** Returns run and place in the run of a TF: the inverse of `tfAt` for every 64-bit number. Its run may be above the last one. */
export function runPlaceOf(tf: bigint): { readonly run: number; readonly index: number } {
  const number = tf >> BLOCK_BITS;
  const block = Number(BigInt.asUintN(Number(BLOCKS_BITS), number >> LANE_BITS));
  const lane = Number(number >> (LANE_BITS + BLOCKS_BITS));
  return {
    run: lane * LANE_RUNS + Number(BigInt.asUintN(Number(LANE_BITS), number)),
    index: block * TFS_PER_BLOCK + Number(BigInt.asUintN(Number(BLOCK_BITS), tf)),
  };
}

/** Whether a TF belongs to a span. */
export function holdsTf({ run, first, end }: TfSpan, tf: bigint): boolean {
  const place = runPlaceOf(tf);
  return place.run === run && place.index >= first && place.index < end;
}

/** Returns the numbers of a span: one range, or one for each block. O(blocks of the span). */
export function rangesOfSpan({ run, first, end }: TfSpan): TfRange[] {
  const ranges: TfRange[] = [];
  for (let at = first; at < end; ) {
    const next = Math.min(end, (Math.floor(at / TFS_PER_BLOCK) + 1) * TFS_PER_BLOCK);
    const tfFirst = tfAt(run, at);
    ranges.push({ tfFirst, tfEnd: tfFirst + BigInt(next - at) });
    at = next;
  }
  return ranges;
}

/** Returns the first TF of a span and the one after its last: what is between belongs to it only if both are in one block. */
export function hullOf({ run, first, end }: TfSpan): TfRange {
  return { tfFirst: tfAt(run, first), tfEnd: tfAt(run, Math.max(first, end - 1)) + (end > first ? 1n : 0n) };
}

/** Numbers the TFs of an STF by their first and last. @throws RangeError when run, sequence or counts leave the numbering. */
export function tfRangeOf(place: StfPlace): TfRange {
  return hullOf(spanOf(place));
}

/** The crossings of a range of TFs. @throws RangeError when `bxPerTf` does not fit in 32 bits. */
export function bxRangeOf(range: TfRange, bxPerTf = BX_PER_TF): BxRange {
  within('bxPerTf', bxPerTf, 1, BX_PER_TF_END);
  return { bxFirst: range.tfFirst * BigInt(bxPerTf), bxEnd: range.tfEnd * BigInt(bxPerTf) };
}

/** Finds run, STF and TF of a crossing: the inverse of the numbering. @throws RangeError where no run has the number. */
export function placeOf(bx: bigint, { bxPerTf = BX_PER_TF, tfsPerStf = TFS_PER_STF } = {}): Place {
  within('bxPerTf', bxPerTf, 1, BX_PER_TF_END);
  within('tfsPerStf', tfsPerStf, 1, TFS_PER_BLOCK + 1);
  const tf = bx / BigInt(bxPerTf);
  if (bx < 0n || tf >= U64_END) throw new RangeError(`BX ${bx} with ${bxPerTf} BX a TF is in no 64-bit TF`);
  const { run, index } = runPlaceOf(tf);
  within('run', run, 0, RUN_END);
  return {
    run,
    tf,
    indexInRun: index,
    sequence: Math.floor(index / tfsPerStf),
    indexInStf: index % tfsPerStf,
    bxInTf: Number(bx % BigInt(bxPerTf)),
  };
}

/** The how-manieth TF of a file one is, whose TFs lie in these ranges in order; undefined if it is in none. O(ranges). */
export function ordinalIn(ranges: readonly TfRange[], tf: bigint): number | undefined {
  let before = 0n;
  for (const { tfFirst, tfEnd } of ranges) {
    if (tf >= tfFirst && tf < tfEnd) return Number(before + tf - tfFirst);
    before += tfEnd - tfFirst;
  }
  return undefined;
}

/** Ranges in order and joined where they touch, what lies between them, and what more than one of them holds. */
export type Coverage = {
  readonly ranges: readonly TfRange[];
  readonly gaps: readonly TfRange[];
  readonly overlaps: readonly TfRange[];
};

/** Puts ranges of TFs together: [0,3) [7,9) [3,5) has ranges [0,5) [7,9) and the gap [5,7). Nothing lies between two runs. O(n log n). */
export function coverageOf(parts: readonly TfRange[]): Coverage {
  const joined: TfSpan[] = [];
  const overlaps: TfSpan[] = [];
  for (const part of parts.map(spanOfRange).toSorted((a, b) => a.run - b.run || a.first - b.first)) {
    const last = joined.at(-1);
    if (last === undefined || last.run !== part.run || last.end < part.first) {
      joined.push(part);
      continue;
    }
    if (part.first < last.end) overlaps.push({ ...part, end: Math.min(part.end, last.end) });
    joined[joined.length - 1] = { ...last, end: Math.max(part.end, last.end) };
  }
  return {
    ranges: joined.flatMap(rangesOfSpan),
    gaps: joined.flatMap((span, at) => gapBetween(joined[at - 1], span)),
    overlaps: overlaps.flatMap(rangesOfSpan),
  };
}

/** Returns the TFs of a span that ranges within it do not hold. O(n log n). */
export function missingIn(span: TfSpan, held: readonly TfRange[]): readonly TfRange[] {
  const spans = held.map(spanOfRange).toSorted((a, b) => a.first - b.first);
  const edges = [{ ...span, end: span.first }, ...spans, { ...span, first: span.end }];
  return edges.flatMap((edge, at) => gapBetween(edges[at - 1], edge));
}

/** Returns the places in its run of a range, which lies in one block. */
function spanOfRange({ tfFirst, tfEnd }: TfRange): TfSpan {
  const { run, index } = runPlaceOf(tfFirst);
  return { run, first: index, end: index + Number(tfEnd - tfFirst) };
}

function gapBetween(before: TfSpan | undefined, after: TfSpan): TfRange[] {
  if (before === undefined || before.run !== after.run) return [];
  return rangesOfSpan({ run: after.run, first: before.end, end: after.first });
}

function within(what: string, value: number, first: number, end: number): void {
  if (Number.isInteger(value) && value >= first && value < end) return;
  throw new RangeError(`${what} ${value} is not a whole number from ${first} to ${end - 1}`);
}
