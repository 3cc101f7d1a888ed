/**
 * A run's TFs from end to end, as lines that follow each other: held once, a gap, or held by several STFs.
 *
 *     STF 4 [0,5), STF 5 [3,9), STF 8 [12,15) → held [0,3) overlap [3,5) held [5,9) gap [9,12) held [12,15)
 */
import type { CoverLine } from '#schema/tf-index';
import { hullOf, type TfSpan } from './tf-range.ts';

/** Places in the run, counted from its first TF: half-open. */
type Places = Pick<TfSpan, 'first' | 'end'>;
/** TFs of one STF, or of several that follow each other without gap or overlap. */
export type Span = Places & { readonly sequenceFirst: number; readonly sequenceLast: number };
/** A line by its places in the run. */
export type Line = Places & { readonly kind: CoverLine['kind']; readonly sequences: readonly number[] };

const SEQUENCES_TOLD = 20;

/** Lines over spans in any order. O(n log n + n · overlapping). */
export function linesOver(spans: readonly Span[]): Line[] {
  const starts = spans.toSorted((a, b) => a.first - b.first);
  const borders = [...new Set(spans.flatMap((span) => [span.first, span.end]))].toSorted((a, b) => a - b);
  const lines: Line[] = [];
  let open: Span[] = [];
  let started = 0;
  for (const [at, first] of borders.entries()) {
    const end = borders[at + 1];
    if (end === undefined) break;
    const ended = open.filter((span) => span.end <= first);
    open = open.filter((span) => span.end > first);
    for (; starts[started]?.first === first; started++) open.push(...starts.slice(started, started + 1));
    const line = lineOf({ first, end }, open);
    append(
      lines,
      line.kind === 'gap' ? { ...line, sequences: aroundOf(ended, starts.slice(started, started + 1)) } : line,
    );
  }
  return lines;
}

/** A line of a run as it is shown. */
export function shownLine(run: number, { kind, first, end, sequences }: Line): CoverLine {
  const { tfFirst, tfEnd } = hullOf({ run, first, end });
  const told = kind === 'overlap' ? sequences.slice(0, SEQUENCES_TOLD) : endsOf(sequences);
  return { kind, tfFirst: String(tfFirst), tfEnd: String(tfEnd), tfCount: end - first, sequences: told };
}

function lineOf(range: Places, open: readonly Span[]): Line {
  const sequences = inOrder(open.flatMap(({ sequenceFirst, sequenceLast }) => [sequenceFirst, sequenceLast]));
  if (open.length === 0) return { ...range, kind: 'gap', sequences };
  return { ...range, kind: open.length === 1 ? 'held' : 'overlap', sequences };
}

function aroundOf(before: readonly Span[], after: readonly Span[]): number[] {
  return [...before.slice(-1).map((span) => span.sequenceLast), ...after.map((span) => span.sequenceFirst)];
}

/** Joins lines of one kind. */
function append(lines: Line[], line: Line): void {
  const last = lines.at(-1);
  if (last === undefined || last.kind !== line.kind) {
    lines.push(line);
    return;
  }
  const all = inOrder([...last.sequences, ...line.sequences]);
  const sequences = line.kind === 'overlap' ? all : endsOf(all);
  lines[lines.length - 1] = { ...last, end: line.end, sequences };
}

function endsOf(sequences: readonly number[]): number[] {
  return sequences.length <= 2 ? [...sequences] : [...sequences.slice(0, 1), ...sequences.slice(-1)];
}

function inOrder(sequences: readonly number[]): number[] {
  return [...new Set(sequences)].toSorted((a, b) => a - b);
}
