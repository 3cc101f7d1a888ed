import * as z from 'zod';
import { type Change, change, commit, untilNoConflict } from '#lib/change';
import type { Deps } from '#lib/deps';
import { PapilioError } from '#lib/errors';
import { defineBatchFunction, eachItem } from '#lib/function';
import { ownNameOf, readId } from '#lib/model/ids';
import { tasks } from '#lib/model/task';
import { jobs, outputs, progresses, stfs } from '#lib/records';
import { tellIfComplete } from '#lib/run-complete';
import { progressWrite, stfOutputsOf } from '#lib/run-progress';
import { workForToken } from '#lib/token-work';
import type { Write } from '#ports/store';
import type { Attempt, Job } from '#schema/job';
import type { Output } from '#schema/output';
import { provenanceOf } from './provenance.ts';

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
  await tellIfComplete(job.runId, deps);
  await deps.machines.succeed(request.token, { outputId });
  await deps.batch(attempt.facility).release(attempt.id);
};

const register = async (job: Job, attempt: Attempt, request: RegisterRequest, deps: Deps): Promise<string> => {
  const template = tasks[job.task];
  if (!template) throw new PapilioError('input-invalid', `job ${job.id} has the unknown task ${job.task}`);
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
    pass: 1,
    name: `${outputId}.json`,
    objectKey,
    ...file,
    registeredAt: deps.now(),
  };
  await untilNoConflict(() =>
    record(job, { ...doc, ...(job.stfId === undefined ? {} : { stfId: job.stfId }) }, attempt, request, deps),
  );
  return outputId;
};

const record = async (
  job: Job,
  doc: Omit<Output, 'provenance'>,
  attempt: Attempt,
  request: RegisterRequest,
  deps: Deps,
): Promise<void> => {
  if (await outputs.get(deps.store, doc.id)) return;
  const [stf, progress] = await Promise.all([
    job.stfId === undefined ? undefined : stfs.need(deps.store, job.stfId),
    progresses.get(deps.store, job.runId),
  ]);
  const merged = job.stfId === undefined ? await stfOutputsOf(job.runId, deps) : [];
  const output: Output = {
    ...doc,
    provenance: provenanceOf({
      job,
      attempt,
      stf: stf?.doc,
      merged,
      executionId: request.executionId,
      config: deps.config,
    }),
  };
  const cause = request.executionId;
  const { provenance: _, ...facts } = output;
  const changes: Change[] = [
    change(deps, output.id, outputs.put(output.id, output, 0), {
      type: 'output.registered',
      cause,
      by: name,
      data: { run: runOf(output), ...facts, jobId: job.id },
    }),
  ];
  const counts: Write[] = [];
  if (stf && stf.doc.processing !== 'processed') {
    const { run, sequence, receivedAt } = stf.doc;
    const { failure: _, ...rest } = stf.doc;
    const settled = { ...rest, processing: 'processed' as const, outputId: output.id, settledAt: deps.now() };
    const data = { run, sequence, receivedAt, outputId: output.id };
    changes.push(
      change(deps, stf.doc.id, stfs.put(stf.doc.id, settled, stf.version), {
        type: 'stf.processed',
        cause: output.id,
        by: name,
        data,
      }),
    );
    // One that had failed before moves over.
    const failed = stf.doc.processing === 'failed' ? -1 : 0;
    counts.push(progressWrite(job.runId, progress, { processed: 1, failed }));
  }
  await commit(deps, changes, counts);
};

const runOf = (output: Pick<Output, 'runId'>): number => Number(readId(output.runId)?.name ?? 0);
