/**
 * The numbering of a run, as its files state it. The value of the lowest sequence counts, so a set of files gives one
 * numbering in whatever order they arrive.
 *
 *     STF 3 states 1000 × 65536, STF 2 states 500 × 65536, STF 4 states 1000 × 65536 → 500 × 65536; 3 and 4 differ
 */
import type { NumberingView, StatedNumbering } from '#schema/numbering';
import type { Numbering } from '#schema/stf';

/** Sequences and values that a record has room for. */
const SEQUENCES_MAX = 20;
const STATED_MAX = 100;

/** A file with the numbering that it states. */
export type Statement = Numbering & { readonly sequence: number };

/** Adds what files state; the same for any order and any repeats. O((known + files) log). */
export function withStatements(stated: readonly StatedNumbering[], files: readonly Statement[]): StatedNumbering[] {
  const known = new Map(stated.map((one) => [keyOf(one), one]));
  for (const { sequence, tfsPerStf, bxPerTf } of files) {
    const key = keyOf({ tfsPerStf, bxPerTf });
    const sequences = [...new Set([...(known.get(key)?.sequences ?? []), sequence])].toSorted((a, b) => a - b);
    known.set(key, { tfsPerStf, bxPerTf, sequences: sequences.slice(0, SEQUENCES_MAX) });
  }
  return [...known.values()].toSorted(byFirst).slice(0, STATED_MAX);
}

/** Returns the numbering of a run as it is shown; the settings' where no file was read. */
export function numberingView(stated: readonly StatedNumbering[] | undefined, settings: Numbering): NumberingView {
  const [first, ...differing] = stated ?? [];
  if (first === undefined) return { ...settings, differing };
  const { tfsPerStf, bxPerTf, sequences } = first;
  return { tfsPerStf, bxPerTf, ...(sequences[0] === undefined ? {} : { sequence: sequences[0] }), differing };
}

/** Whether two numberings are the same. */
export function isSameNumbering(a: Numbering, b: Numbering): boolean {
  return keyOf(a) === keyOf(b);
}

function keyOf({ tfsPerStf, bxPerTf }: Numbering): string {
  return `${tfsPerStf}/${bxPerTf}`;
}

function byFirst(a: StatedNumbering, b: StatedNumbering): number {
  return (a.sequences[0] ?? 0) - (b.sequences[0] ?? 0) || a.tfsPerStf - b.tfsPerStf || a.bxPerTf - b.bxPerTf;
}
