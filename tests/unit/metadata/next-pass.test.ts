import { expect, test } from 'vitest';
import { commit } from '#lib/change';
import { archiveKey } from '#lib/model/ids';
import { wantsNextPass } from '#lib/next-pass';
import { jobs, outputs, stfs } from '#lib/records';
import { runProgress } from '#lib/run-progress';
import type { Stf } from '#schema/stf';
import { failJob } from '../../../functions/jobs/fail-job.fn.ts';
import { settleJobs } from '../../../functions/jobs/settle-jobs.fn.ts';
import { beginPass } from '../../../functions/metadata/begin-pass.fn.ts';
import { indexStfs } from '../../../functions/metadata/index-stfs.fn.ts';
import { registerOutputs } from '../../../functions/metadata/register-outputs.fn.ts';
import { seekFile } from '../../../functions/metadata/seek-file.fn.ts';
import { aDeps, eventTypes, type TestDeps } from '../../builders/a-deps.ts';
import { dyingAt, everyDeath } from '../../builders/a-deps-crash.ts';
import { aHandedOverJob, anItem, jobNow } from '../../builders/a-job.ts';
import { anAwaitedStf } from '../../builders/a-stf.ts';

const stfId = 'test_stf_00102363-00000001';
const runId = 'test_run_00102363';
const fileName = 'swf.102363.000001.stf';
const second = 'test_job_bnl-1-00102363-00000001-p2';
const again = { machine: 'process-stf', name: 'test_exec_bnl-1-stf-00102363-00000001-p2', input: { stfId, pass: 2 } };
const stfNow = async (deps: TestDeps): Promise<Stf> => (await stfs.need(deps.store, stfId)).doc;
const counts = (deps: TestDeps) => runProgress(deps.store, runId);
const fail = (deps: TestDeps, jobId: string, code = 'stf-corrupt') =>
  failJob.run({ jobId, failure: { Error: 'PayloadFault', Cause: `[${code}] x` } }, deps);
const archive = (deps: TestDeps) => deps.archive.putBytes(archiveKey(102_363, fileName), Buffer.from('hits'));
const tell = (deps: TestDeps) => {
  const telling = { stfId, runId, sequence: 1, name: fileName, objectKey: archiveKey(102_363, fileName) };
  return indexStfs.runBatch([anItem(telling)], deps);
};
const aFailedStf = async (code?: string): Promise<TestDeps> => {
  const deps = aDeps();
  const { jobId } = await anAwaitedStf(deps);
  await fail(deps, jobId, code);
  return deps;
};
const aSecondPass = async (): Promise<TestDeps> => {
  const deps = await aFailedStf();
  await archive(deps);
  await beginPass.run({ stfId, pass: 2 }, deps);
  return deps;
};

test.each([
  ['stf-file-missing', true],
  ['stf-file-lost', true],
  ['stf-corrupt', true],
  ['stf-name-mismatch', true],
  ['payload-failed', false],
  ['payload-timeout', false],
])('an STF that failed by %s is processed again when its file is archived: %s', async (code, wants) => {
  const deps = await aFailedStf(code);
  expect(wantsNextPass(await stfNow(deps))).toBe(wants);
  await archive(deps);
  expect(await tell(deps)).toEqual([]);
  expect(await tell(deps)).toEqual([]);
  expect(deps.machines.started).toEqual(wants ? [again] : []);
});

test('an STF that waits or was processed is not processed again by a repeat', async () => {
  const deps = aDeps();
  await anAwaitedStf(deps);
  await archive(deps);
  await tell(deps);
  expect(deps.machines.started).toEqual([]);
});

test('a file that was archived before its STF had failed is found when it has', async () => {
  const deps = aDeps();
  const { jobId } = await anAwaitedStf(deps);
  await archive(deps);
  await tell(deps);
  await fail(deps, jobId);
  expect(await seekFile.run({ stfId }, deps)).toEqual({ isArchived: true });
  expect(await seekFile.run({ stfId }, deps)).toEqual({ isArchived: true });
  expect(deps.machines.started).toEqual([again]);
});

test('without a file in the archive there is no further pass', async () => {
  const deps = await aFailedStf();
  expect(await seekFile.run({ stfId }, deps)).toEqual({ isArchived: false });
  expect(deps.machines.started).toEqual([]);
  await expect(beginPass.run({ stfId, pass: 2 }, deps)).rejects.toMatchObject({ code: 'stf-file-missing' });
});

test('a further pass makes the STF wait again, with a job of its own and what was archived as its input', async () => {
  const deps = await aSecondPass();
  const facts = await deps.archive.stat(archiveKey(102_363, fileName));
  const stf = await stfNow(deps);
  expect(stf).toMatchObject({
    processing: 'waiting',
    pass: 2,
    jobId: second,
    sizeBytes: facts?.sizeBytes,
    checksumAdler32: facts?.checksumAdler32,
  });
  expect(stf).not.toHaveProperty('failure');
  expect(stf).not.toHaveProperty('settledAt');
  expect(await jobNow(deps, second)).toMatchObject({ stfId, pass: 2, state: 'waiting' });
  expect(await counts(deps)).toMatchObject({ catalogued: 1, processed: 0, failed: 0 });
  expect((await eventTypes(deps)).slice(-2)).toEqual(['stf.reopened', 'job.created']);
});

test('twice is once, and there is no third pass by itself', async () => {
  const deps = await aSecondPass();
  expect(await beginPass.run({ stfId, pass: 2 }, deps)).toEqual({ stfId, jobId: second, isSettled: false });
  expect((await eventTypes(deps)).filter((type) => type === 'stf.reopened')).toHaveLength(1);
  await fail(deps, second);
  expect(await counts(deps)).toMatchObject({ failed: 1 });
  await tell(deps);
  await seekFile.run({ stfId }, deps);
  expect(deps.machines.started).toEqual([]);
  expect(await beginPass.run({ stfId, pass: 2 }, deps)).toMatchObject({ isSettled: true });
});

test('a failure of the first pass that is told again does not fail the second', async () => {
  const deps = await aSecondPass();
  await fail(deps, 'test_job_bnl-1-00102363-00000001-p1');
  expect(await stfNow(deps)).toMatchObject({ processing: 'waiting', pass: 2 });
  expect(await counts(deps)).toMatchObject({ failed: 0 });
});

test('an output is named after its pass, and the first pass’s, come late, leaves the STF to the second', async () => {
  const deps = await aSecondPass();
  const register = async (jobId: string) => {
    const { attemptId } = await aHandedOverJob(deps, jobId);
    deps.facility.finish(attemptId, {}, { 'out/hits.json': '{}' });
    await settleJobs.runBatch([anItem({ attemptId })], deps);
    await registerOutputs.runBatch([anItem({ token: jobId, jobId, attemptId, executionId: 'e' })], deps);
  };
  await register(second);
  const outputId = 'test_output_00102363-00000001-p2-hits';
  expect((await outputs.need(deps.store, outputId)).doc).toMatchObject({ pass: 2, stfId });
  expect(await stfNow(deps)).toMatchObject({ processing: 'processed', pass: 2, outputId });
  expect(await counts(deps)).toMatchObject({ catalogued: 1, processed: 1, failed: 0 });
  const first = await jobs.need(deps.store, 'test_job_bnl-1-00102363-00000001-p1');
  const { settledAt: _, errorCode: __, ...open } = first.doc;
  await commit(deps, [], [jobs.put(first.doc.id, { ...open, state: 'waiting' }, first.version)]);
  await register(first.doc.id);
  expect((await outputs.need(deps.store, 'test_output_00102363-00000001-p1-hits')).doc.pass).toBe(1);
  expect(await stfNow(deps)).toMatchObject({ outputId });
  expect(await counts(deps)).toMatchObject({ catalogued: 1, processed: 1, failed: 0 });
});

test.each(everyDeath(1))('killed $moment effect $step, the next try begins the same pass once', async (death) => {
  const deps = await aFailedStf();
  await archive(deps);
  await expect(beginPass.run({ stfId, pass: 2 }, dyingAt(deps, death.step, death.moment).deps)).rejects.toThrow();
  expect(await beginPass.run({ stfId, pass: 2 }, deps)).toMatchObject({ jobId: second, isSettled: false });
  expect((await eventTypes(deps)).filter((type) => type === 'stf.reopened')).toHaveLength(1);
  expect(await counts(deps)).toMatchObject({ failed: 0 });
});
