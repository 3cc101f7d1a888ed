import * as z from 'zod';
import { type Change, change, commit, untilNoConflict } from '#lib/change';
import type { Deps } from '#lib/deps';
import { PapilioError } from '#lib/errors';
import { defineBatchFunction, eachItem } from '#lib/function';
import { ownNameOf, readId } from '#lib/model/ids';
import { tasks } from '#lib/model/task';
import { type MergedInputs, recordMerged } from '#lib/record-merged';
import { jobs, outputs, type Stored, stfs } from '#lib/records';
import { tellIfComplete } from '#lib/run-complete';
import { progressShareOf, progressWrite } from '#lib/run-progress';
import { workForToken } from '#lib/token-work';
import type { Attempt, Job } from '#schema/job';
import type { Output, TfAccount } from '#schema/output';
import type { Stf } from '#schema/stf';
import { provenanceOf } from './provenance.ts';
import { tfAccountOf, toldOf } from './tf-account.ts';

const name = 'register-outputs';
const RegisterRequest = z.object({
  token: z.string(),
  jobId: z.string(),
  attemptId: z.string(),
  executionId: z.string(),
});
type RegisterRequest = z.infer<typeof RegisterRequest>;

/**
 * The single writer of outputs: puts each once, named after input and pass, and in one transaction records it with its
 * provenance, settles the STF and counts it. A later copy of the same name is dropped: first wins. @see 1.12 4.8
 */
export const registerOutputs = defineBatchFunction({
  name,
  effect: 'named',
  input: RegisterRequest,
  runBatch: (items, deps) =>
    eachItem(items, name, deps, ({ input }) => workForToken(input.token, deps, () => answer(input, deps))),
});

const answer = async (request: RegisterRequest, deps: Deps): Promise<void> => {
  const job = (await jobs.need(deps.store, request.jobId)).doc;
  const attempt = job.attempts.find((one) => one.id === request.attemptId);
  if (!attempt) throw new PapilioError('record-missing', `attempt ${request.attemptId}`);
  const outputId = await register(job, attempt, request, deps);
  const told = outputId === undefined ? {} : { outputId };
  await tellIfComplete(job.runId, deps);
  await deps.machines.succeed(request.token, told);
  await deps.batch(attempt.facility).release(attempt.id);
};

/** Puts and records an output; undefined for a task of which nothing is kept. */
const register = async (
  job: Job,
  attempt: Attempt,
  request: RegisterRequest,
  deps: Deps,
): Promise<string | undefined> => {
  const template = tasks[job.task];
  if (!template) throw new PapilioError('input-invalid', `job ${job.id} has the unknown task ${job.task}`);
  if (template.outputName === undefined) return undefined;
  const outputId = deps.ids.output(`${ownNameOf(job.id)}-${template.outputName}`);
  if (await outputs.get(deps.store, outputId)) return outputId;
  const path = await deps.batch(attempt.facility).outputPath(attempt.id, template.output);
  if (path === undefined) throw new PapilioError('output-missing', `attempt ${attempt.id} left no ${template.output}`);
  const objectKey = `${job.runId}/${outputId}.json`;
  const facts = await deps.outputs.putFile(objectKey, path);
  const { created: _, ...file } = facts;
  const doc = {
    id: outputId,
    runId: job.runId,
    ...(job.stfId === undefined ? {} : { stfId: job.stfId }),
    pass: job.pass ?? 1,
    name: `${outputId}.json`,
    objectKey,
    ...file,
    registeredAt: deps.now(),
  };
  const { stfId } = job;
  if (stfId === undefined) {
    const { executionId } = request;
    const { config } = deps;
    const provenance = (merged: MergedInputs) =>
      provenanceOf({ job, attempt, stf: undefined, merged, executionId, config });
    await untilNoConflict(() => recordMerged({ job, doc, executionId, provenanceOf: provenance }, name, deps));
    return outputId;
  }
  const tfs = tfAccountOf(await deps.outputs.read(objectKey));
  await untilNoConflict(() => record({ job, stfId, attempt, doc, tfs, executionId: request.executionId }, deps));
  return outputId;
};

type Registering = {
  readonly job: Job;
  readonly stfId: string;
  readonly attempt: Attempt;
  readonly doc: Omit<Output, 'provenance'>;
  readonly tfs: TfAccount | undefined;
  readonly executionId: string;
};

const record = async ({ job, stfId, attempt, doc, tfs, executionId }: Registering, deps: Deps): Promise<void> => {
  if (await outputs.get(deps.store, doc.id)) return;
  const stf = await stfs.need(deps.store, stfId);
  const { config } = deps;
  const provenance = provenanceOf({ job, attempt, stf: stf.doc, tfs, executionId, config });
  const data = { run: runOf(doc), ...doc, ...toldOf(tfs), jobId: job.id };
  const fact = { type: 'output.registered', cause: executionId, by: name, data };
  const registered = change(deps, doc.id, outputs.put(doc.id, { ...doc, provenance }, 0), fact);
  // An earlier pass that comes to its end late leaves the STF to the later one.
  if (stf.doc.processing === 'processed' || stf.doc.jobId !== job.id) return commit(deps, [registered]);
  // One that had failed before moves over.
  const failed = stf.doc.processing === 'failed' ? -1 : 0;
  const counted = progressWrite(await progressShareOf(job.runId, stfId, deps), {
    processed: 1,
    failed,
    lastSettledAt: deps.now(),
  });
  return commit(deps, [registered, settling(stf, doc.id, tfs, deps)], [counted]);
};

const settling = (stf: Stored<Stf>, outputId: string, tfs: TfAccount | undefined, deps: Deps): Change => {
  const { failure: _, ...rest } = stf.doc;
  const settled = { ...rest, processing: 'processed' as const, outputId, settledAt: deps.now() };
  const { id, run, sequence, receivedAt, pass } = settled;
  const data = { run, sequence, receivedAt, outputId, pass, ...toldOf(tfs) };
  const fact = { type: 'stf.processed', cause: outputId, by: name, data };
  return change(deps, id, stfs.put(id, settled, stf.version), fact);
};

const runOf = (output: Pick<Output, 'runId'>): number => Number(readId(output.runId)?.name ?? 0);
