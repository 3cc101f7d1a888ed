import { expect, test } from 'vitest';
import { commit } from '#lib/change';
import { PapilioError } from '#lib/errors';
import { jobs, runs, stfs } from '#lib/records';
import { runProgress } from '#lib/run-progress';
import { failJob } from '../../../functions/jobs/fail-job.fn.ts';
import { settleJobs } from '../../../functions/jobs/settle-jobs.fn.ts';
import { registerOutputs } from '../../../functions/metadata/register-outputs.fn.ts';
import { awaitRun } from '../../../functions/streaming/await-run.fn.ts';
import { aDeps, eventTypes } from '../../builders/a-deps.ts';
import { dyingAt, everyDeath, Killed } from '../../builders/a-deps-crash.ts';
import { aJob, anItem, aSettledJob, aSubmittedJob, jobNow } from '../../builders/a-job.ts';
import { aCataloguedStf } from '../../builders/a-stf.ts';

const runId = 'test_run_00102363';
const stfId = 'test_stf_00102363-00000001';
const caught = (error: PapilioError) => ({ Error: error.name, Cause: error.message });
const failure = caught(new PapilioError('output-missing', 'attempt 1'));

test('what the state machine caught is recorded with job and STF, and counted once', async () => {
  const deps = aDeps();
  const { jobId } = await aCataloguedStf(deps);
  for (const _ of ['first', 'again'])
    expect(await failJob.run({ jobId, failure }, deps)).toMatchObject({ code: 'output-missing' });
  expect(await jobNow(deps, jobId)).toMatchObject({ state: 'failed', errorCode: 'output-missing' });
  expect((await stfs.need(deps.store, stfId)).doc).toMatchObject({
    processing: 'failed',
    failure: { code: 'output-missing', reason: expect.stringContaining('attempt 1') },
  });
  expect(await runProgress(deps.store, runId)).toMatchObject({ catalogued: 1, processed: 0, failed: 1 });
  expect((await eventTypes(deps)).slice(2)).toEqual(['job.failed', 'stf.failed']);
});

test('a settlement that says fail gives the STF up; the job has failed already', async () => {
  const deps = aDeps();
  const place = await aSubmittedJob(deps);
  deps.facility.finish(place.attemptId, { outcome: 'timeout', reason: 'longer than 300 s' });
  await settleJobs.runBatch([anItem({ attemptId: place.attemptId })], deps);
  const answer = deps.machines.answers.get(`run-${place.attemptId}`);
  const settled = answer?.kind === 'success' ? answer.output : undefined;
  const input = failJob.input.parse({ jobId: place.jobId, settled });
  expect(await failJob.run(input, deps)).toEqual({ code: 'payload-timeout', reason: 'longer than 300 s' });
  expect((await stfs.need(deps.store, stfId)).doc.failure).toEqual({
    code: 'payload-timeout',
    reason: 'longer than 300 s',
  });
  expect((await eventTypes(deps)).filter((type) => type === 'job.failed')).toEqual([]);
});

test('what came after the settlement is the reason, not the settlement', async () => {
  const deps = aDeps();
  const place = await aSettledJob(deps);
  const answer = deps.machines.answers.get(`run-${place.attemptId}`);
  const settled = answer?.kind === 'success' ? answer.output : undefined;
  const input = failJob.input.parse({ jobId: place.jobId, settled, failure });
  expect(await failJob.run(input, deps)).toMatchObject({ code: 'output-missing' });
  expect(await jobNow(deps, place.jobId)).toMatchObject({ state: 'failed' });
});

test('an STF that is processed stays processed', async () => {
  const deps = aDeps();
  const { jobId, attemptId } = await aSettledJob(deps);
  await registerOutputs.runBatch([anItem({ token: 't', jobId, attemptId, executionId: 'e' })], deps);
  await failJob.run({ jobId, failure }, deps);
  expect((await stfs.need(deps.store, stfId)).doc.processing).toBe('processed');
  expect(await runProgress(deps.store, runId)).toMatchObject({ processed: 1, failed: 0 });
});

test('the last STF to fail answers who waits for the run', async () => {
  const deps = aDeps();
  const { jobId } = await aCataloguedStf(deps);
  await commit(deps, [], [runs.put(runId, { id: runId, run: 102_363, phase: 'ended', totalStfs: 1 }, 0)]);
  await awaitRun.run({ runId, token: 'merge' }, deps);
  await failJob.run({ jobId, failure }, deps);
  expect(deps.machines.answers.get('merge')).toMatchObject({ output: { isComplete: true } });
});

test('the merge of a run fails by itself, without an STF', async () => {
  const deps = aDeps();
  const { stfId: _, ...merge } = aJob({ id: 'test_job_bnl-1-00102363-p1', task: 'run-merge' });
  await commit(deps, [], [jobs.put(merge.id, merge, 0)]);
  await failJob.run({ jobId: merge.id, failure }, deps);
  expect(await eventTypes(deps)).toEqual(['job.failed']);
});

test('a job that nobody knows is missing, and one without any reason is a bug', async () => {
  const deps = aDeps();
  await expect(failJob.run({ jobId: 'none', failure }, deps)).rejects.toMatchObject({ code: 'record-missing' });
  const { jobId } = await aCataloguedStf(deps);
  expect(await failJob.run({ jobId }, deps)).toEqual({ code: 'bug', reason: 'unknown' });
});

test.each(everyDeath(1))('killed $moment effect $step, the next try counts once', async (death) => {
  const deps = aDeps();
  const { jobId } = await aCataloguedStf(deps);
  const { deps: dying } = dyingAt(deps, death.step, death.moment);
  await expect(failJob.run({ jobId, failure }, dying)).rejects.toBeInstanceOf(Killed);
  await failJob.run({ jobId, failure }, deps);
  expect((await runProgress(deps.store, runId))?.failed).toBe(1);
  expect((await eventTypes(deps)).slice(2)).toEqual(['job.failed', 'stf.failed']);
});
