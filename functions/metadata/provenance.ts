import type { Attempt, Job } from '#schema/job';
import { inputsNamedMax, type Provenance, type TfAccount } from '#schema/output';
import type { Stf } from '#schema/stf';

/** An output that a merge read. */
type MergedOutput = { readonly id: string; readonly objectKey: string; readonly checksumAdler32: string };

type Origin = {
  readonly job: Job;
  readonly attempt: Attempt;
  readonly stf: Stf | undefined;
  /** TFs that the payload read, as it says. */
  readonly tfs?: TfAccount | undefined;
  /** Outputs that a merge read: those that are named, and how many there are. */
  readonly merged?: { readonly named: readonly MergedOutput[]; readonly count: number } | undefined;
  readonly executionId: string;
  readonly config: { readonly PAPILIO_BUILD: string };
};

/** Where an output came from: exact inputs, program, place, execution and build. @see 4.8 */
export const provenanceOf = ({ job, attempt, stf, tfs, merged, executionId, config }: Origin): Provenance => ({
  inputs: stf ? [stfInput(stf)] : (merged?.named ?? []).slice(0, inputsNamedMax).map(outputInput),
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
const outputInput = ({ id, objectKey, checksumAdler32 }: MergedOutput) => ({
  id,
  name: objectKey.slice(objectKey.lastIndexOf('/') + 1),
  checksumAdler32,
});
