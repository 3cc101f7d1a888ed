import { BX_PER_TF, tfRangeOf } from '#lib/model/tf-range';
import type { TfRange } from '#schema/tf';
import { aRandom } from '../builders/random.ts';

/** Consecutive TFs of an STF. */
export type StfPiece = TfRange & { readonly sequence: number };
/** A long run with faults. */
export type LongRun = {
  readonly run: number;
  readonly stfs: number;
  readonly pieces: readonly StfPiece[];
  /** Crossings, some of which lie in gaps. */
  readonly bxs: readonly bigint[];
};

const tfsPerStf = 1000;
/** From here on BX numbers are far above 2^53. */
const firstRun = 500_000;
/** A gap is at most so long. */
const gapTfs = 50;

type Shape = { readonly stfs: number; readonly gaps: number; readonly lookups: number };

type Stf = { readonly start: bigint; readonly sequence: number; readonly gaps: number };

/** What an STF with gaps holds. */
const piecesOfStf = ({ start, sequence, gaps }: Stf, below: (end: number) => number): StfPiece[] => {
  const pieces: StfPiece[] = [];
  let at = 0;
  for (let gap = 0; gap < gaps && at < tfsPerStf / 2; gap++) {
    const end = at + 1 + below(tfsPerStf / 4);
    pieces.push({ tfFirst: start + BigInt(at), tfEnd: start + BigInt(end), sequence });
    at = end + 1 + below(gapTfs);
  }
  return [...pieces, { tfFirst: start + BigInt(at), tfEnd: start + BigInt(tfsPerStf), sequence }];
};

/**
 * A run of STFs, of which some have a gap, every hundredth comes again half an STF later under another number, and the last
 * tenth was taken after a restart that began half an STF too early.
 */
export const aLongRun = (place: number, { stfs, gaps, lookups }: Shape): LongRun => {
  const random = aRandom(place + 1);
  const below = (end: number): number => Math.floor(random() * end);
  const run = firstRun + place;
  const { tfFirst } = tfRangeOf({ run, sequence: 0, tfCount: 1, tfsPerStf });
  const gapsAt = Map.groupBy(
    Array.from({ length: gaps }, () => below(stfs)),
    (stf) => stf,
  );
  const restartAt = Math.floor(stfs * 0.9);
  const pieces: StfPiece[] = [];
  for (let sequence = 0; sequence < stfs; sequence++) {
    const isAfter = sequence >= restartAt;
    const start = tfFirst + BigInt(sequence * tfsPerStf - (isAfter ? tfsPerStf / 2 : 0));
    const number = isAfter ? sequence - restartAt + 1_000_000 : sequence;
    pieces.push(...piecesOfStf({ start, sequence: number, gaps: gapsAt.get(sequence)?.length ?? 0 }, below));
    if (sequence % 100 === 50 && !isAfter) {
      const again = start + BigInt(tfsPerStf / 2);
      pieces.push({ tfFirst: again, tfEnd: again + BigInt(tfsPerStf), sequence: sequence + 2_000_000 });
    }
  }
  // Every second one lies about where a piece ends, so that gaps, overlaps and the restart are met.
  const aTf = (at: number): bigint => {
    const { tfEnd } = (at % 2 === 0 ? pieces[below(pieces.length)] : undefined) ?? { tfEnd: undefined };
    return tfEnd === undefined ? tfFirst + BigInt(below(stfs * tfsPerStf)) : tfEnd + BigInt(below(gapTfs) - gapTfs / 2);
  };
  const bxs = Array.from({ length: lookups }, (_, at) => aTf(at) * BigInt(BX_PER_TF) + BigInt(below(BX_PER_TF)));
  return { run, stfs: stfs + Math.floor(restartAt / 100), pieces, bxs };
};
