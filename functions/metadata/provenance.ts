import type { MergeInput } from '#lib/merge-manifest';
import type { Attempt, Job } from '#schema/job';
import type { Provenance, TfAccount } from '#schema/output';
import type { Stf } from '#schema/stf';

type Origin = {
  readonly job: Job;
  readonly attempt: Attempt;
  readonly stf: Stf | undefined;
  /** TFs that the payload read, as it says. */
  readonly tfs?: TfAccount | undefined;
  /** Outputs that a merge read: those that are named, and how many there are. */
  readonly merged?: { readonly named: readonly MergeInput[]; readonly count: number } | undefined;
  readonly executionId: string;
  readonly config: { readonly PAPILIO_BUILD: string };
};

/** A record item is at most 400 kB: of a merge of more inputs than this, its manifest names all of them. */
export const inputsMax = 1000;

/** Where an output came from: exact inputs, program, place, execution and build. @see 4.8 */
export const provenanceOf = ({ job, attempt, stf, tfs, merged, executionId, config }: Origin): Provenance => ({
  inputs: stf ? [stfInput(stf)] : (merged?.named ?? []).slice(0, inputsMax).map(outputInput),
  inputCount: stf ? 1 : (merged?.count ?? 0),
  ...(job.merge && { manifest: job.merge.manifest }),
  ...(tfs === undefined ? {} : { tfs }),
  payload: { name: job.task },
  jobId: job.id,
  attemptId: attempt.id,
  facility: `${attempt.facility}/${attempt.queue}`,
  executionId,
  build: config.PAPILIO_BUILD,
});

const stfInput = ({ id, name, checksumAdler32, tfFirst, tfEnd }: Stf) => ({
  id,
  name,
  ...(checksumAdler32 === undefined ? {} : { checksumAdler32 }),
  tfFirst,
  tfEnd,
});
const outputInput = ({ id, objectKey, checksumAdler32 }: MergeInput) => ({
  id,
  name: objectKey.slice(objectKey.lastIndexOf('/') + 1),
  checksumAdler32,
});
