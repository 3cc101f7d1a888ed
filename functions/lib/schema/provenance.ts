import * as z from 'zod';
import { Output } from './output.ts';
import { pageOf } from './view.ts';

/**
 * Where a thing came from and what came of it, one step each way. Derived from outputs, jobs and STFs; nothing of it is
 * stored.
 */

/** A thing that something was made from, or that was made. */
const Made = z.object({ id: z.string(), name: z.string().optional() });

export const ProvenanceView = z.object({
  id: z.string(),
  noun: z.enum(['output', 'stf']),
  name: z.string(),
  /** What it was made from; of very many inputs the first 1,000. */
  from: z.array(Made),
  /** All of them, also those beyond what the list holds. */
  fromCount: z.int().min(0),
  /** How it was made; an STF is made by the DAQ. */
  by: Output.shape.provenance
    .pick({ payload: true, jobId: true, attemptId: true, facility: true, executionId: true, build: true })
    .optional(),
  /** What was made from it. */
  into: z.array(Made),
});
export type ProvenanceView = z.infer<typeof ProvenanceView>;

export const OutputPage = pageOf(Output);
