/**
 * TF and BX numbers from run and sequence, never from clocks, so both wings give one TF the same number.
 *
 *     TF = run · 2^27 + sequence · tfsPerStf + index in the STF        BX = TF · bxPerTf + crossing in the TF
 *
 * With 2^16 crossings a TF, run < 2^21 fills 64 bits exactly: 2^27 TFs are 24.8 h of one run. Every function is O(1).
 */
import type { BxRange, TfRange } from '#schema/tf';

const RUN_BITS = 21n;
const TF_BITS = 27n;
const U64_END = 2n ** 64n;

/** TFs that one run has numbers for. */
export const TFS_PER_RUN = Number(2n ** TF_BITS);
/** Run numbers are below this. */
export const RUN_END = Number(2n ** RUN_BITS);
/** Nominal bunch crossings of a TF: 0.665 ms at 98.5 MHz. */
export const BX_PER_TF = 65_536;
/** Nominal TFs of an STF: about 0.67 s. */
export const TFS_PER_STF = 1000;

/** What numbers the TFs of one STF. `tfCount` may be less than `tfsPerStf`: the last STF of a run is often short. */
export type StfPlace = {
  readonly run: number;
  readonly sequence: number;
  readonly tfCount: number;
  readonly tfsPerStf: number;
};

/** Where a TF or BX lies in the stream. */
export type Place = {
  readonly run: number;
  readonly tf: bigint;
  readonly indexInRun: number;
  readonly sequence: number;
  readonly indexInStf: number;
  readonly bxInTf: number;
};

/** Numbers the TFs of an STF. @throws RangeError when run, sequence or counts leave the 64-bit numbering. */
export function tfRangeOf({ run, sequence, tfCount, tfsPerStf }: StfPlace): TfRange {
  within('run', run, 0, RUN_END);
  within('tfsPerStf', tfsPerStf, 1, TFS_PER_RUN + 1);
  within('tfCount', tfCount, 1, tfsPerStf + 1);
  within('sequence', sequence, 0, TFS_PER_RUN);
  const indexInRun = sequence * tfsPerStf;
  if (indexInRun + tfCount > TFS_PER_RUN) {
    throw new RangeError(
      `sequence ${sequence} with ${tfsPerStf} TFs an STF passes the ${TFS_PER_RUN} TFs that a run has numbers for`,
    );
  }
  const tfFirst = (BigInt(run) << TF_BITS) + BigInt(indexInRun);
  return { tfFirst, tfEnd: tfFirst + BigInt(tfCount) };
}

/** The crossings of a range of TFs. @throws RangeError when `bxPerTf` makes them pass 64 bits. */
export function bxRangeOf(range: TfRange, bxPerTf = BX_PER_TF): BxRange {
  within('bxPerTf', bxPerTf, 1, 2 ** 32);
  const bxEnd = range.tfEnd * BigInt(bxPerTf);
  if (bxEnd > U64_END) throw new RangeError(`TF ${range.tfEnd} with ${bxPerTf} BX a TF passes 64 bits`);
  return { bxFirst: range.tfFirst * BigInt(bxPerTf), bxEnd };
}

/** Finds run, STF and TF of a crossing: the inverse of the numbering. @throws RangeError outside 64 bits. */
export function placeOf(bx: bigint, { bxPerTf = BX_PER_TF, tfsPerStf = TFS_PER_STF } = {}): Place {
  within('bxPerTf', bxPerTf, 1, 2 ** 32);
  within('tfsPerStf', tfsPerStf, 1, TFS_PER_RUN + 1);
  if (bx < 0n || bx >= U64_END) throw new RangeError(`BX ${bx} is not an unsigned 64-bit number`);
  const tf = bx / BigInt(bxPerTf);
  const run = Number(tf >> TF_BITS);
  within('run', run, 0, RUN_END);
  const indexInRun = Number(BigInt.asUintN(Number(TF_BITS), tf));
  return {
    run,
    tf,
    indexInRun,
    sequence: Math.floor(indexInRun / tfsPerStf),
    indexInStf: indexInRun % tfsPerStf,
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

/** Puts ranges together: [0,3) [7,9) [3,5) has ranges [0,5) [7,9) and the gap [5,7). O(n log n). */
export function coverageOf(parts: readonly TfRange[]): Coverage {
  const ranges: TfRange[] = [];
  const overlaps: TfRange[] = [];
  for (const part of parts.toSorted((a, b) => Number(a.tfFirst - b.tfFirst))) {
    const last = ranges.at(-1);
    if (last === undefined || last.tfEnd < part.tfFirst) {
      ranges.push(part);
      continue;
    }
    const [shorter, longer] = part.tfEnd < last.tfEnd ? [part, last] : [last, part];
    if (part.tfFirst < last.tfEnd) overlaps.push({ tfFirst: part.tfFirst, tfEnd: shorter.tfEnd });
    ranges[ranges.length - 1] = { tfFirst: last.tfFirst, tfEnd: longer.tfEnd };
  }
  const gaps = ranges.slice(1).map(({ tfFirst }, at) => ({ tfFirst: ranges[at]?.tfEnd ?? tfFirst, tfEnd: tfFirst }));
  return { ranges, gaps, overlaps };
}

function within(what: string, value: number, first: number, end: number): void {
  if (Number.isInteger(value) && value >= first && value < end) return;
  throw new RangeError(`${what} ${value} is not a whole number from ${first} to ${end - 1}`);
}
