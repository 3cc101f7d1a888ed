import * as z from 'zod';
import { Decimal64, DecimalBx } from './id.ts';

/**
 * Where timeframes lie: which STF holds which TFs. Papilio owns it, made from what the walk through each archived STF found;
 * changes with every STF that comes into the archive, in any order.
 */

const count = z.int().min(0);

/** The TFs of some 11 s of a run: 2^14 of them. */
export const TfSegment = z.object({
  runId: z.string(),
  /** Place in the run: TFs from `segment · 2^14` on. */
  segment: z.int().min(0).max(8_388_607),
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

/** What of the TFs of one block of a run is in the archive: 2^27 TFs, which is 24.8 h. The record of block 0 has the sums of all. */
export const RunCoverage = z.object({
  runId: z.string(),
  run: count,
  /** Half-open ranges of segments of which every TF is there once. */
  whole: z.array(z.tuple([count, count])).max(8192),
  /** Segment, first place, end, TFs held, TFs held more than once, gaps. */
  others: z.array(z.tuple([count, count, count, count, count, count])).max(8192),
  /** In the record of block 0, of each further block: its number, first place, end, TFs held, TFs held more than once, gaps. */
  blocks: z
    .array(z.tuple([count, count, count, count, count, count]))
    .max(1023)
    .optional(),
});
export type RunCoverage = z.infer<typeof RunCoverage>;

/** Bytes of one TF in one archived STF. */
export const TfCopy = z.object({
  stfId: z.string(),
  name: z.string(),
  sequence: count,
  objectKey: z.string(),
  /** Half-open: bytes of the STF from `firstByte` to before `endByte`. */
  firstByte: count,
  endByte: count,
  /** The CRC-32C that the STF's index has for it: of its bytes from the ninth on. */
  crc32c: z.string(),
});
export type TfCopy = z.infer<typeof TfCopy>;

/** Where a TF is: in several STFs where they overlap. */
export const TfView = z.object({
  tf: Decimal64,
  /** Half-open. */
  bxFirst: DecimalBx,
  bxEnd: DecimalBx,
  run: count,
  runId: z.string(),
  /** Place in the run: TFs from `segment · 2^14` on. */
  segment: count,
  /** The crossing that was asked for, and its place in the TF. */
  bx: DecimalBx.optional(),
  bxInTf: count.optional(),
  copies: z.array(TfCopy).min(1),
});
export type TfView = z.infer<typeof TfView>;

/** TFs that follow each other and are there once (`held`), not at all (`gap`) or more than once (`overlap`). */
export const CoverLine = z.object({
  kind: z.enum(['held', 'gap', 'overlap']),
  /** Half-open. */
  tfFirst: Decimal64,
  tfEnd: Decimal64,
  tfCount: count,
  /** Of the STFs: the first and last that hold it, those before and after a gap, the first twenty that overlap. */
  sequences: z.array(count).max(20),
});
export type CoverLine = z.infer<typeof CoverLine>;

/** What of a run's TFs is in the archive, line after line without a break; `next` is absent on the last page. */
export const CoverageView = z.object({
  run: count,
  runId: z.string(),
  /** Half-open, from the first TF that is there to the last. */
  tfFirst: Decimal64,
  tfEnd: Decimal64,
  tfsHeld: count,
  tfsOverlapped: count,
  gaps: count,
  /** STFs whose number came again with other content, among the latest 1,000 in quarantine: the run was started again. */
  repeated: z.array(z.object({ sequence: count, name: z.string(), quarantineId: z.string() })),
  items: z.array(CoverLine),
  next: z.string().optional(),
});
export type CoverageView = z.infer<typeof CoverageView>;
