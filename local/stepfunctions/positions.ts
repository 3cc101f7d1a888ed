import type { Position } from '../engine/part.ts';

/** More than any offset in a segment. */
const OFFSETS = 2 ** 32;

/** A position as a number. */
export const packedPosition = ({ segment, offsetBytes }: Position): number => segment * OFFSETS + offsetBytes;

/** The position that a number stands for. */
export const positionOf = (packed: number): Position => ({
  segment: Math.floor(packed / OFFSETS),
  offsetBytes: packed % OFFSETS,
});

/** The last of them. */
export const lastPosition = (positions: readonly number[]): Position | undefined =>
  positions.slice(-1).map(positionOf)[0];

/** Few are copied to grow, because `push` would leave room for sixteen more. */
const FEW = 8;

/** The positions with one more; the old ones are not to be used again. */
export const withPosition = (positions: number[], at: Position): number[] => {
  const packed = packedPosition(at);
  if (positions.length < FEW) return positions.concat(packed);
  positions.push(packed);
  return positions;
};
