/** What of a run is given out: pieces of parts in order, none over another. */
import type { RecordedAct } from '#ports/e1-data';
import type { TfRange } from '#schema/tf';
import type { Part } from './part.ts';

/** Consecutive TFs of one part that are given out. */
export type Piece = TfRange & { readonly part: Part };

const isBeside = (a: TfRange, b: TfRange): boolean => a.tfEnd <= b.tfFirst || b.tfEnd <= a.tfFirst;

/** What of `range` is left without `cut`. */
const without = <R extends TfRange>(range: R, cut: TfRange): R[] => {
  if (isBeside(range, cut)) return [range];
  const left = range.tfFirst < cut.tfFirst ? [{ ...range, tfEnd: cut.tfFirst }] : [];
  const right = range.tfEnd > cut.tfEnd ? [{ ...range, tfFirst: cut.tfEnd }] : [];
  return [...left, ...right];
};

/** Pieces without a range. O(n). */
export const cutOut = (live: readonly Piece[], cut: TfRange): Piece[] => live.flatMap((piece) => without(piece, cut));

/** The place of the first piece that ends behind a TF. O(log n). */
const firstBehind = (live: readonly Piece[], tf: bigint): number => {
  let [low, high] = [0, live.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((live[middle]?.tfEnd ?? 0n) <= tf) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** What of a range is given out. O(log n + pieces in it). */
export const liveIn = (live: readonly Piece[], { tfFirst, tfEnd }: TfRange): Piece[] => {
  const found: Piece[] = [];
  for (let at = firstBehind(live, tfFirst); ; at++) {
    const piece = live[at];
    if (piece === undefined || piece.tfFirst >= tfEnd) return found;
    found.push({
      ...piece,
      tfFirst: piece.tfFirst < tfFirst ? tfFirst : piece.tfFirst,
      tfEnd: piece.tfEnd > tfEnd ? tfEnd : piece.tfEnd,
    });
  }
};

/** Adds a part in its place; the caller knows that nothing of it is given out yet. */
export const addTo = (live: Piece[], part: Part): void => {
  const { tfFirst, tfEnd } = part;
  live.splice(firstBehind(live, tfFirst), 0, { tfFirst, tfEnd, part });
};

/** The act that keeps some TF of a range from being written: the last one that speaks of it took it away for good. */
export const actAgainst = (range: TfRange, acts: readonly RecordedAct[]): RecordedAct | undefined => {
  let open: TfRange[] = [range];
  for (const act of acts.toReversed()) {
    if (act.act === 'withdraw' && open.some((part) => !isBeside(part, act))) return act;
    open = open.flatMap((part) => without(part, act));
  }
  return undefined;
};

/** The last act that speaks of a TF. */
export const actOn = (tf: bigint, acts: readonly RecordedAct[]): RecordedAct | undefined =>
  acts.findLast(({ tfFirst, tfEnd }) => tfFirst <= tf && tf < tfEnd);

/**
 * What is given out of parts after acts: a part counts from the act on after which it was written. Of two that hold one TF,
 * which no writer leaves, the earlier in order wins.
 */
export const liveOf = (parts: readonly Part[], acts: readonly RecordedAct[]): Piece[] => {
  let live: Piece[] = [];
  const written = Map.groupBy(parts, ({ afterAct }) => afterAct);
  for (let number = 0; number <= acts.length; number++) {
    const act = acts[number - 1];
    if (act) live = cutOut(live, act);
    for (const part of written.get(number) ?? []) if (liveIn(live, part).length === 0) addTo(live, part);
  }
  return live;
};
