import * as z from 'zod';
import { DetectorState, DetectorSubstate } from './detector-state.ts';
import { Decimal64 } from './id.ts';

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
  bxFirst: Decimal64,
  bxEnd: Decimal64,
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

/** Half-open, decimal strings. */
const Range = z.object({ tfFirst: Decimal64, tfEnd: Decimal64 });

/** What the walk over an STF's TFs found when it was archived: the TFs that are in it, as they say themselves. */
export const StfContent = z.object({
  layout: z.literal('papilio-stf-1'),
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

/** Tells the work plane what came into the archive, so that its TFs can be found. */
export const ArchivedStf = Replica.pick({
  stfId: true,
  runId: true,
  sequence: true,
  name: true,
  objectKey: true,
  content: true,
});
export type ArchivedStf = z.infer<typeof ArchivedStf>;
