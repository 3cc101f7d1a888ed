import type pc from 'picocolors';

/** Colours, or none. */
export type Colors = ReturnType<typeof pc.createColors>;
/** How a status is drawn. */
export type Canvas = { readonly width: number; readonly colors: Colors };
/** A piece of a line and how it is painted. */
export type Piece = string | { readonly text: string; readonly paint: (text: string) => string };

/** Makes a painted piece. */
export const painted = (text: string, paint: (text: string) => string): Piece => ({ text, paint });

/** A line that is at most `width` columns wide, painted after it was cut. */
export const fitted = (pieces: readonly Piece[], width: number): string => {
  let left = width;
  let line = '';
  for (const piece of pieces) {
    const { text, paint } = typeof piece === 'string' ? { text: piece, paint: (same: string) => same } : piece;
    const isCut = text.length > left;
    const shown = isCut ? `${text.slice(0, Math.max(0, left - 1))}…` : text;
    if (left > 0) line += paint(shown);
    left -= shown.length;
    if (isCut) break;
  }
  return line.trimEnd();
};
