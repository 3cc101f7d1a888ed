import * as z from 'zod';
import { commit } from '#lib/change';
import { outputs, runs } from '#lib/records';
import type { Output } from '#schema/output';
import { assignJobs } from '../../functions/brokerage/assign-jobs.fn.ts';
import { submitBundle } from '../../functions/facilities/submit-bundle.fn.ts';
import { failJob } from '../../functions/jobs/fail-job.fn.ts';
import { settleJobs } from '../../functions/jobs/settle-jobs.fn.ts';
import { registerOutputs } from '../../functions/metadata/register-outputs.fn.ts';
import { planMerge } from '../../functions/streaming/plan-merge.fn.ts';
import type { TestDeps } from './a-deps.ts';
import { aFacility, aHandedOverJob, anAsk, anItem, aQueueRecord, aSettledJob, placeOf, withFacility } from './a-job.ts';
import { steer } from './a-steered-job.ts';
import { aCataloguedStf } from './a-stf.ts';

/** The run of these tests. */
export const run = 102_363;
export const runId = 'test_run_00102363';
export const mergeJobId = (pass: number): string => `test_job_bnl-1-00102363-p${pass}`;
export const mergedId = (pass: number): string => `test_output_00102363-p${pass}-merged`;
export const hitsId = (sequence: number): string => `test_output_00102363-0000000${sequence}-p1-hits`;

/** Ends the run, as `end_run` does; again with another total. */
export const endRun = async (deps: TestDeps, totalStfs?: number): Promise<void> => {
  const known = await runs.get(deps.store, runId);
  const total = totalStfs === undefined ? {} : { totalStfs };
  await commit(deps, [], [runs.put(runId, { id: runId, run, phase: 'ended', ...total }, known?.version ?? 0)]);
};

/** Takes an STF to its registered output. */
export const processStf = async (deps: TestDeps, sequence: number): Promise<void> => {
  const { jobId, attemptId } = await aSettledJob(deps, sequence);
  await registerOutputs.runBatch([anItem({ token: jobId, jobId, attemptId, executionId: 'e' })], deps);
};

/** Takes an STF to its failure; returns its job. */
export const failStf = async (deps: TestDeps, sequence: number): Promise<string> => {
  const { jobId } = await aCataloguedStf(deps, sequence);
  await failJob.run({ jobId, failure: { Error: 'PayloadFault', Cause: '[payload-failed] exit code 3' } }, deps);
  return jobId;
};

/** Has a failed job of an STF run again, with success. */
export const retryStf = async (deps: TestDeps, jobId: string): Promise<void> => {
  await withFacility(deps, aFacility('local', { queues: [aQueueRecord({ slots: 100 })] }));
  await steer(deps, 'retry', jobId, `retry-${jobId}`);
  const { attempt } = z.object({ attempt: z.int() }).parse(deps.machines.started.at(-1)?.input);
  await assignJobs.runBatch([anItem(anAsk(jobId, `again-${jobId}`, attempt))], deps);
  const place = placeOf(deps, `again-${jobId}`);
  await submitBundle.runBatch([anItem({ token: `again-run-${jobId}`, place })], deps);
  deps.facility.finish(place.attemptId, {}, { 'out/hits.json': '{}' });
  await settleJobs.runBatch([anItem({ attemptId: place.attemptId })], deps);
  const ask = { token: `again-register-${jobId}`, jobId, attemptId: place.attemptId, executionId: 'e' };
  await registerOutputs.runBatch([anItem(ask)], deps);
};

/** Has a pass of the merge planned. */
export const planned = (deps: TestDeps, pass = 1) => planMerge.run({ runId, run, pass }, deps);

/** Takes the planned job of a pass to its payload; returns its attempt and the names of what it reads. */
export const mergeBegun = async (deps: TestDeps, pass: number) => {
  const { attemptId } = await aHandedOverJob(deps, mergeJobId(pass));
  return { attemptId, inputs: deps.facility.listedOf(attemptId).map(({ name }) => name) };
};

/** Ends the payload of a pass and registers what it left. */
export const mergeEnded = async (deps: TestDeps, pass: number, attemptId: string): Promise<Output> => {
  deps.facility.finish(attemptId, {}, { 'out/merged.json': `{"pass":${pass}}` });
  await settleJobs.runBatch([anItem({ attemptId })], deps);
  await registerOutputs.runBatch(
    [anItem({ token: `merge-${pass}`, jobId: mergeJobId(pass), attemptId, executionId: `merge-${pass}` })],
    deps,
  );
  return (await outputs.need(deps.store, mergedId(pass))).doc;
};

/** Plans a pass, runs it and registers what it left. */
export const merged = async (deps: TestDeps, pass = 1): Promise<Output> => {
  await planned(deps, pass);
  const { attemptId } = await mergeBegun(deps, pass);
  return mergeEnded(deps, pass, attemptId);
};

/** Test dependencies whose outputs are files, as on a disk. */
export const withFiles = (deps: TestDeps): TestDeps => ({
  ...deps,
  outputs: { ...deps.outputs, localPath: async (key: string) => `/outputs/${key}` },
});

/** Passes of the merge that were started, by execution name. */
export const startedPasses = (deps: TestDeps): string[] =>
  [...new Set(deps.machines.started.filter(({ machine }) => machine === 'merge-run').map(({ name }) => name))].sort();
