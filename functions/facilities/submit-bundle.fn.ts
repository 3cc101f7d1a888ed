import { basename } from 'node:path';
import * as z from 'zod';
import { change, commit, untilNoConflict } from '#lib/change';
import type { Deps } from '#lib/deps';
import { PapilioError } from '#lib/errors';
import { type BatchItem, defineBatchFunction, eachItem } from '#lib/function';
import { mergeInputsOf } from '#lib/merge-manifest';
import { archiveKey } from '#lib/model/ids';
import { counts } from '#lib/model/job-life';
import { tasks } from '#lib/model/task';
import { bundles, jobs, stfs } from '#lib/records';
import { workForToken } from '#lib/token-work';
import type { AttemptStatus, Submission } from '#ports/batch';
import type { Objects } from '#ports/objects';
import { type Attempt, type Job, type PayloadInput, Place } from '#schema/job';
import { payloadOf } from './payload.ts';

const name = 'submit-bundle';
const SubmitRequest = z.object({ token: z.string(), place: Place });
type SubmitRequest = z.infer<typeof SubmitRequest>;
type Prepared = { readonly itemId: string; readonly submission: Submission; readonly facility: string };

/**
 * Hands assigned jobs to one facility: intent recorded, then one submit call for all of the batch, then what the facility
 * calls them. A repeat finds the intent and the attempt; the adapter starts nothing twice. @see 1.3
 */
export const submitBundle = defineBatchFunction({
  name,
  effect: 'named',
  input: SubmitRequest,
  runBatch: async (items, deps) => {
    const prepared: Prepared[] = [];
    const failed = await eachItem(items, name, deps, async (item) => {
      await workForToken(item.input.token, deps, async () => {
        const submission = await prepare(item, deps);
        if (submission) prepared.push({ itemId: item.itemId, submission, facility: item.input.place.facility });
      });
    });
    const byFacility = [...Map.groupBy(prepared, (one) => one.facility)].map(([itemId, ones]) => ({ itemId, ones }));
    const refusing = await eachItem(byFacility, name, deps, async ({ itemId, ones }) => {
      failed.push(...(await handOver(itemId, ones, deps)));
    });
    return [...failed, ...prepared.filter((one) => refusing.includes(one.facility)).map((one) => one.itemId)];
  },
});

/** Records the intent; undefined if the attempt has settled already, of which the token is told. */
const prepare = async ({ input }: BatchItem<SubmitRequest>, deps: Deps): Promise<Submission | undefined> => {
  const job = await untilNoConflict(() => recordIntent(input, deps));
  const { attemptId } = input.place;
  const isCancelled = !counts(job, input.place.attempt);
  // What was handed over before the cancel must end; what was not, never starts.
  if (isCancelled) await deps.batch(input.place.facility).cancel([attemptId]);
  if (isCancelled || job.attempts.find((attempt) => attempt.id === attemptId)?.state === 'settled') {
    await deps.queues.send('settle', [{ attemptId }]);
    return undefined;
  }
  const payload = payloadOf(job.task, job.stfId === undefined ? [] : [await stfInput(job.stfId, deps)], deps.config);
  if (!payload) throw new PapilioError('input-invalid', `job ${job.id} has the unknown task ${job.task}`);
  const listed = await listedInputs(job, deps);
  return { attemptId, jobId: job.id, payload, resources: job.resources, ...(listed && { listed }) };
};

/** What lists the inputs of a merge, once their manifest is known to be sound; undefined for a job of another task. */
const listedInputs = async (job: Job, deps: Deps): Promise<Submission['listed']> => {
  if (tasks[job.task]?.reads !== 'run') return undefined;
  if (job.merge) await deps.outputs.verify(job.merge.manifest.objectKey);
  return () => mergedInputs(job, deps);
};

const recordIntent = async ({ token, place }: SubmitRequest, deps: Deps): Promise<Job> => {
  const [job, bundle] = await Promise.all([
    jobs.need(deps.store, place.jobId),
    bundles.get(deps.store, place.bundleId),
  ]);
  const held = {
    id: place.bundleId,
    facility: place.facility,
    queue: place.queue,
    token,
    attemptIds: [place.attemptId],
  };
  const holds = bundles.put(place.bundleId, held, bundle?.version ?? 0);
  if (job.doc.attempts.some((attempt) => attempt.id === place.attemptId)) {
    // A state machine that had to ask again waits under another token.
    if (bundle?.doc.token !== token) await commit(deps, [], [holds]);
    return job.doc;
  }
  if (!counts(job.doc, place.attempt))
    throw new PapilioError('job-cancelled', `${place.attemptId} was not handed over`);
  const attempt: Attempt = {
    id: place.attemptId,
    number: place.attempt,
    bundleId: place.bundleId,
    facility: place.facility,
    queue: place.queue,
    state: 'submitting',
    submittingAt: deps.now(),
  };
  const after: Job = { ...job.doc, state: 'submitting', attempts: [...job.doc.attempts, attempt] };
  await commit(
    deps,
    [
      change(deps, job.doc.id, jobs.put(job.doc.id, after, job.version), {
        type: 'job.submitting',
        by: name,
        data: { attemptId: place.attemptId, facility: place.facility },
      }),
    ],
    [holds],
  );
  return after;
};

const handOver = async (facility: string, ones: readonly Prepared[], deps: Deps): Promise<string[]> => {
  const statuses = await deps.batch(facility).submit(ones.map((one) => one.submission));
  const itemOf = new Map(ones.map((one) => [one.submission.attemptId, one.itemId]));
  const known = statuses.map((status) => ({ itemId: itemOf.get(status.attemptId) ?? '', status }));
  return eachItem(known, name, deps, ({ status }) => untilNoConflict(() => recordHandle(status, facility, deps)));
};

const recordHandle = async (status: AttemptStatus, facility: string, deps: Deps): Promise<void> => {
  if (status.state === 'unknown')
    throw new PapilioError('facility-unavailable', `attempt ${status.attemptId} is not known after its submission`);
  const job = await jobs.need(deps.store, deps.ids.jobOf(status.attemptId));
  const isOpen = job.doc.attempts.some((attempt) => attempt.id === status.attemptId && attempt.state === 'submitting');
  if (isOpen) {
    const handle = status.state === 'queued' ? undefined : status.handle;
    const submitted = {
      state: 'submitted' as const,
      submittedAt: deps.now(),
      ...(handle === undefined ? {} : { handle }),
    };
    const attempts = job.doc.attempts.map((attempt) =>
      attempt.id === status.attemptId ? { ...attempt, ...submitted } : attempt,
    );
    const state = job.doc.state === 'cancelled' ? 'cancelled' : 'submitted';
    const write = jobs.put(job.doc.id, { ...job.doc, state, attempts }, job.version);
    await commit(deps, [
      change(deps, job.doc.id, write, {
        type: 'job.submitted',
        by: name,
        data: { attemptId: status.attemptId, ...submitted },
      }),
    ]);
  }
  // It was cancelled while it was handed over.
  if (job.doc.state === 'cancelled') await deps.batch(facility).cancel([status.attemptId]);
  if (status.state === 'ended') await deps.queues.send('settle', [{ attemptId: status.attemptId }]);
};

/** How long the address of an input is good: a job may wait for days in the queue of a facility. S3 gives a week at most. */
const addressValidS = 604_800;

/** Where an object is read: as a file where objects are files, else at an address. */
const sourceOf = async (objects: Objects, key: string): Promise<Pick<PayloadInput, 'url' | 'paths'>> => {
  const path = await objects.localPath(key);
  if (path !== undefined) return { paths: [path] };
  const url = await objects.presignedGet?.(key, addressValidS);
  return { paths: [], ...(url === undefined ? {} : { url }) };
};

async function* mergedInputs(job: Job, deps: Deps): AsyncGenerator<PayloadInput> {
  for await (const { objectKey, sizeBytes, checksumAdler32 } of mergeInputsOf(job, deps)) {
    const source = await sourceOf(deps.outputs, objectKey);
    const isAnywhere = source.url !== undefined || source.paths.length > 0;
    if (isAnywhere) yield { name: basename(objectKey), ...source, sizeBytes, checksumAdler32 };
  }
}

/** Where the payload of an STF finds it: as it was archived, never as the DAQ left it. */
const stfInput = async (stfId: string, deps: Deps): Promise<PayloadInput> => {
  const { doc: stf } = await stfs.need(deps.store, stfId);
  const source = await sourceOf(deps.archive, archiveKey(stf.run, stf.name));
  return {
    name: stf.name,
    ...source,
    ...(stf.sizeBytes === undefined ? {} : { sizeBytes: stf.sizeBytes }),
    ...(stf.checksumAdler32 === undefined ? {} : { checksumAdler32: stf.checksumAdler32 }),
  };
};
