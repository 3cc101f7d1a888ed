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

/** Inputs that provenance names: a record item is at most 400 kB. The manifest of a merge names all of them. */
export const inputsNamedMax = 1000;

/** STFs that a merge names as missing; all of them are counted. */
export const missingNamedMax = 100;

/**
 * STF of a run that a merge lacks. `not-announced`: a hole in the numbers of the STFs that were announced; what the DAQ
 * counts beyond the highest number has none.
 */
export const MissingStf = z.object({
  sequence: z.int().min(0),
  stfId: z.string().optional(),
  because: z.enum(['waiting', 'failed', 'not-announced']),
});
export type MissingStf = z.infer<typeof MissingStf>;

/** Share of a run that one pass of its merge holds. */
export const MergeAccount = z.object({
  /** STFs whose output it holds. */
  inputs: z.int().min(0),
  /** STFs of the run: as many as `end_run` gave, or as were announced, if those are more. */
  expected: z.int().min(0),
  /** Source of `expected`; `catalogue` if `end_run` gave no total, or a smaller one. */
  expectedFrom: z.enum(['end_run', 'catalogue']),
  isPartial: z.boolean(),
});
export type MergeAccount = z.infer<typeof MergeAccount>;

/** List of the inputs of a merge, an object of its own: a line of JSON for each, after one with the account. */
export const MergeManifest = z.object({
  objectKey: z.string(),
  sizeBytes: z.int().min(0),
  checksumAdler32: z.string(),
  checksumCrc32c: z.string(),
});
export type MergeManifest = z.infer<typeof MergeManifest>;

/** Account of a merge with the missing STFs that it names, at most 100. */
export const MergeRecord = MergeAccount.extend({ missing: z.array(MissingStf).max(missingNamedMax) });
export type MergeRecord = z.infer<typeof MergeRecord>;

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
  /** Names every input of a merge. */
  manifest: MergeManifest.optional(),
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

/** A file that processing made, registered once: named after input and pass. The work plane owns it. It changes when a later pass of a merge supersedes it. */
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
  /** Of the merge of a run; merges of earlier builds have none. */
  merge: MergeRecord.optional(),
  /** Earlier pass of the same merge that this one replaces. */
  supersedes: z.string().optional(),
  /** Later pass that replaces this one. */
  supersededBy: z.string().optional(),
  provenance: Provenance,
});
export type Output = z.infer<typeof Output>;
