import * as z from 'zod';

/**
 * Where timeframes lie: which STF holds which TFs. Papilio owns it, made from what the walk through each archived STF found;
 * changes with every STF that comes into the archive, in any order.
 */

const count = z.int().min(0);

/** The TFs of some 11 s of a run: 2^14 of them. */
export const TfSegment = z.object({
  runId: z.string(),
  /** Place in the run: TFs from `segment · 2^14` on. */
  segment: z.int().min(0).max(8191),
  /** Three numbers a piece, in order: first TF in the segment, number of TFs, sequence of the STF. */
  pieces: z.array(count),
});
export type TfSegment = z.infer<typeof TfSegment>;

/** What one segment holds, in TFs; `first` and `end` are places in the segment. */
export type SegmentCover = {
  readonly segment: number;
  readonly first: number;
  readonly end: number;
  /** TFs that are there, and those that are there more than once. */
  readonly held: number;
  readonly overlapped: number;
  /** Gaps between its pieces. */
  readonly gaps: number;
};

/** What of a run's TFs is in the archive. */
export const RunCoverage = z.object({
  runId: z.string(),
  run: count,
  /** Half-open ranges of segments of which every TF is there once. */
  whole: z.array(z.tuple([count, count])).max(8192),
  /** Segment, first place, end, TFs held, TFs held more than once, gaps. */
  others: z.array(z.tuple([count, count, count, count, count, count])).max(8192),
});
export type RunCoverage = z.infer<typeof RunCoverage>;
