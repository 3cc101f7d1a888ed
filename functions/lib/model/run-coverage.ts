/**
 * What of a run's TFs is in the archive, block by block: a record a block, and in that of block 0 a line for each further one.
 * A change costs the segments of its own block, however long the run is.
 */
import type { RunCoverage, SegmentCover } from '#schema/tf-index';
import { coversOf, packedCovers, SEGMENT_TFS, SEGMENTS_PER_BLOCK, totalsOf } from './tf-index.ts';
import { TFS_PER_BLOCK } from './tf-range.ts';

/** Counts over a run. */
export type RunTotals = ReturnType<typeof totalsOf>;

/** Returns the block of a segment. */
export function blockOfSegment(segment: number): number {
  return Math.floor(segment / SEGMENTS_PER_BLOCK);
}

/** Returns one line for each block of a run that holds TFs, in order; `segment` is the block, `first` and `end` are places in it. */
export function blockCovers(main: Pick<RunCoverage, 'whole' | 'others' | 'blocks'>): SegmentCover[] {
  const own = blockCover(0, coversOf(main));
  const further = (main.blocks ?? []).map(([segment, first, end, held, overlapped, gaps]) => ({
    segment,
    first,
    end,
    held,
    overlapped,
    gaps,
  }));
  return own === undefined ? further : [own, ...further];
}

/** Counts over a run: TFs held, held more than once, and gaps between the first and the last. O(segments of block 0 + blocks). */
export function runTotals(main: Pick<RunCoverage, 'whole' | 'others' | 'blocks'> | undefined): RunTotals {
  return totalsOf(main === undefined ? [] : blockCovers(main), TFS_PER_BLOCK);
}

/** Replaces covers of segments in those that a block has. */
export function withCovers(known: readonly SegmentCover[], changed: readonly SegmentCover[]): SegmentCover[] {
  const covers = new Map([...known, ...changed].map((cover) => [cover.segment, cover]));
  return [...covers.values()].toSorted((a, b) => a.segment - b.segment);
}

/** Puts a block's covers into the record of block 0: its own whole, a line of each other. */
export function withBlock(main: RunCoverage, block: number, covers: readonly SegmentCover[]): RunCoverage {
  if (block === 0) return { ...main, ...packedCovers(covers) };
  const line = blockCover(block, covers);
  const others = (main.blocks ?? []).filter(([number]) => number !== block);
  if (line === undefined) return main;
  const { first, end, held, overlapped, gaps } = line;
  const added: [number, number, number, number, number, number] = [block, first, end, held, overlapped, gaps];
  return { ...main, blocks: [...others, added].toSorted(([a], [b]) => a - b) };
}

function blockCover(block: number, covers: readonly SegmentCover[]): SegmentCover | undefined {
  const [first, last] = [covers[0], covers.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const placeIn = (segment: number, place: number) => (segment - block * SEGMENTS_PER_BLOCK) * SEGMENT_TFS + place;
  return {
    segment: block,
    first: placeIn(first.segment, first.first),
    end: placeIn(last.segment, last.end),
    ...totalsOf(covers),
  };
}
