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
  receivedAt: z.iso.datetime(),
  archivedAt: z.iso.datetime(),
});
export type Replica = z.infer<typeof Replica>;
