import * as z from 'zod';
import { Problem } from './daq-message.ts';
import { DetectorState, DetectorSubstate } from './detector-state.ts';
import { Decimal64, DecimalBx } from './id.ts';

/** Half-open, decimal strings. */
const Range = z.object({ tfFirst: Decimal64, tfEnd: Decimal64 });

/** TFs an STF and BXs a TF: the numbering that follows from them is in docs/users/numbering.md. */
export const Numbering = z.object({
  tfsPerStf: z.int().min(1),
  bxPerTf: z.int().min(1),
});
export type Numbering = z.infer<typeof Numbering>;

/** An STF as the work plane knows it: where it lies in the stream of TFs and BXs and what became of its processing. */
export const Stf = z.object({
  id: z.string(),
  runId: z.string(),
  run: z.int().min(0),
  sequence: z.int().min(0),
  name: z.string(),
  /** Half-open ranges. */
  tfFirst: Decimal64,
  tfEnd: Decimal64,
  bxFirst: DecimalBx,
  bxEnd: DecimalBx,
  /** Its TFs, where they lie in two blocks of the run: `tfFirst` is the first of the first range, `tfEnd` the end of the last. */
  tfRanges: z.array(Range).max(2).optional(),
  /** As its file states it; absent until the file is read. */
  numbering: Numbering.optional(),
  state: DetectorState.optional(),
  substate: DetectorSubstate.optional(),
  stampedAt: z.string(),
  receivedAt: z.iso.datetime(),
  messageId: z.string(),
  sizeBytes: z.int().min(0).optional(),
  checksumAdler32: z.string().optional(),
  processing: z.enum(['waiting', 'processed', 'failed']),
  /** Which processing of the same input. */
  pass: z.int().min(1),
  jobId: z.string(),
  outputId: z.string().optional(),
  failure: z.object({ code: z.string(), reason: z.string() }).optional(),
  settledAt: z.iso.datetime().optional(),
});
export type Stf = z.infer<typeof Stf>;

/** What the walk over an STF's TFs found when it was archived: the TFs that are in it, as they say themselves. */
export const StfContent = z.object({
  layout: z.literal('papilio-stf-1'),
  /** As its header states them; absent in records of earlier versions. */
  tfsPerStf: z.int().min(1).optional(),
  bxPerTf: z.int().min(1).optional(),
  /** TFs that the file holds. */
  tfCount: z.int().min(0),
  /** In the file's order, joined where they touch. */
  tfRanges: z.array(Range).max(2_000),
  /** TFs that it should hold by its own header and does not. */
  tfsMissing: z.array(Range).max(2_001),
  /** Byte at which its index begins: 40 bytes a TF. */
  indexFirstByte: z.int().min(0),
  /** What it says of the detector. */
  state: z.string(),
  substate: z.string(),
});
export type StfContent = z.infer<typeof StfContent>;

/** The archived copy of an STF at this wing; the archive plane owns it. Written once. */
export const Replica = z.object({
  stfId: z.string(),
  runId: z.string(),
  sequence: z.int().min(0),
  name: z.string(),
  objectKey: z.string(),
  sizeBytes: z.int().min(0),
  checksumAdler32: z.string(),
  checksumCrc32c: z.string(),
  messageId: z.string(),
  /** Absent where the file has a layout that papilio does not know: its bytes are kept all the same. */
  content: StfContent.optional(),
  receivedAt: z.iso.datetime(),
  archivedAt: z.iso.datetime(),
});
export type Replica = z.infer<typeof Replica>;

/** Reports to the work plane what was archived, so that its TFs can be found, or why a file could not be. */
export const ArchivedStf = Replica.pick({
  stfId: true,
  runId: true,
  sequence: true,
  name: true,
  objectKey: true,
  content: true,
}).extend({ problem: Problem.optional() });
export type ArchivedStf = z.infer<typeof ArchivedStf>;
