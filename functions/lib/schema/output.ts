import * as z from 'zod';
import { Decimal64 } from './id.ts';

const Range = z.object({ tfFirst: Decimal64, tfEnd: Decimal64 });

/** Which TFs of an STF its payload read, and which were not in the file: half-open ranges, of many the first 1,000. */
export const TfAccount = z.object({
  tfCount: z.int().min(0),
  tfsMissingCount: z.int().min(0),
  tfRanges: z.array(Range).max(1000),
  tfsMissing: z.array(Range).max(1000),
});
export type TfAccount = z.infer<typeof TfAccount>;

/** Where an output came from, complete: inputs, code, place and decision. */
export const Provenance = z.object({
  inputs: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      checksumAdler32: z.string().optional(),
      tfFirst: Decimal64.optional(),
      tfEnd: Decimal64.optional(),
    }),
  ),
  /** All inputs, also those beyond what the list holds. */
  inputCount: z.int().min(0),
  /** Of an STF's output, where its payload told them. */
  tfs: TfAccount.optional(),
  payload: z.object({ name: z.string() }),
  jobId: z.string(),
  attemptId: z.string(),
  facility: z.string(),
  executionId: z.string(),
  build: z.string(),
});
export type Provenance = z.infer<typeof Provenance>;

/** A file that processing made, registered once: named after input and pass. The work plane owns it. */
export const Output = z.object({
  id: z.string(),
  runId: z.string(),
  stfId: z.string().optional(),
  pass: z.int().min(1),
  name: z.string(),
  objectKey: z.string(),
  sizeBytes: z.int().min(0),
  checksumAdler32: z.string(),
  checksumCrc32c: z.string(),
  registeredAt: z.iso.datetime(),
  provenance: Provenance,
});
export type Output = z.infer<typeof Output>;
