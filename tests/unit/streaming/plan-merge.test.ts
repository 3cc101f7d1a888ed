import { expect, test } from 'vitest';
import { commit } from '#lib/change';
import { reviewProcessing } from '#lib/processing';
import { jobs, runs } from '#lib/records';
import { assignJobs } from '../../../functions/brokerage/assign-jobs.fn.ts';
import { submitBundle } from '../../../functions/facilities/submit-bundle.fn.ts';
import { settleJobs } from '../../../functions/jobs/settle-jobs.fn.ts';
import { registerOutputs } from '../../../functions/metadata/register-outputs.fn.ts';
import { planMerge } from '../../../functions/streaming/plan-merge.fn.ts';
import { aDeps, eventTypes, type TestDeps } from '../../builders/a-deps.ts';
import { anAsk, anItem, aSettledJob, placeOf } from '../../builders/a-job.ts';
import { aCataloguedStf } from '../../builders/a-stf.ts';

const run = 102_363;
const runId = 'test_run_00102363';
const jobId = 'test_job_bnl-1-00102363-p1';
const process = async (deps: TestDeps, sequence: number) => {
  const { jobId: own, attemptId } = await aSettledJob(deps, sequence);
  await registerOutputs.runBatch([anItem({ token: own, jobId: own, attemptId, executionId: 'e' })], deps);
};
const created = async (deps: TestDeps) =>
  (await deps.events()).filter(({ type, subject }) => type === 'job.created' && subject === jobId);

test('a run with outputs gets one job that merges them, however often it is planned', async () => {
  const deps = aDeps();
  await process(deps, 1);
  await process(deps, 2);
  for (const _ of ['first', 'again'])
    expect(await planMerge.run({ runId, run }, deps)).toEqual({ jobId, hasWork: true, isHeld: false, processed: 2 });
  const { doc } = await jobs.need(deps.store, jobId);
  expect(doc).toMatchObject({ task: 'run-merge', runId, state: 'waiting' });
  expect(doc).not.toHaveProperty('stfId');
  expect(await created(deps)).toHaveLength(1);
});

test('while processing is suspended, a run that is not complete is not merged yet', async () => {
  const deps = aDeps();
  await process(deps, 1);
  await aCataloguedStf(deps, 2);
  await commit(deps, [], [runs.put(runId, { id: runId, run, phase: 'ended', totalStfs: 2 }, 0)]);
  await reviewProcessing({ actor: 'anna', operator: { holdsBecause: 'anna: x' } }, deps);
  expect(await planMerge.run({ runId, run }, deps)).toMatchObject({ hasWork: false, isHeld: true });
  await reviewProcessing({ actor: 'anna', operator: { holdsBecause: undefined } }, deps);
  await process(deps, 2);
  await reviewProcessing({ actor: 'anna', operator: { holdsBecause: 'anna: x' } }, deps);
  expect(await planMerge.run({ runId, run }, deps)).toMatchObject({ hasWork: true, isHeld: false, processed: 2 });
});

test('no output, no job', async () => {
  const deps = aDeps();
  await aCataloguedStf(deps);
  expect(await planMerge.run({ runId, run }, deps)).toEqual({ jobId, hasWork: false, isHeld: false, processed: 0 });
  expect(await planMerge.run({ runId: 'test_run_00000007', run: 7 }, deps)).toMatchObject({ hasWork: false });
  expect(await created(deps)).toEqual([]);
});

test('an index that does not show all outputs yet is waited for', async () => {
  const deps = aDeps();
  for (let sequence = 1; sequence <= 4; sequence++) await process(deps, sequence);
  let shown = 0;
  const query: typeof deps.store.query = async (asked) => {
    const page = await deps.store.query(asked);
    return { ...page, items: page.items.slice(0, shown++) };
  };
  const lagging = { ...deps, store: { ...deps.store, query } };
  for (let time = 0; time < 4; time++)
    await expect(planMerge.run({ runId, run }, lagging)).rejects.toMatchObject({
      name: 'Transient',
      code: 'index-lagging',
    });
  expect(await planMerge.run({ runId, run }, lagging)).toMatchObject({ hasWork: true, processed: 4 });
});

test('the merge reads the outputs of STFs, and its own output names them', async () => {
  const plain = aDeps();
  const deps = { ...plain, outputs: { ...plain.outputs, localPath: async (key: string) => `/outputs/${key}` } };
  await process(deps, 1);
  await process(deps, 2);
  await planMerge.run({ runId, run }, deps);
  await assignJobs.runBatch([anItem(anAsk(jobId))], deps);
  const place = placeOf(deps, `ask-${jobId}`);
  await submitBundle.runBatch([anItem({ token: 'm', place })], deps);
  const names = [1, 2].map((sequence) => `test_output_00102363-0000000${sequence}-p1-hits.json`);
  expect(deps.facility.accepted.at(-1)?.payload.inputs).toMatchObject(
    names.map((name) => ({ name, paths: [`/outputs/${runId}/${name}`] })),
  );
  deps.facility.finish(place.attemptId, {}, { 'out/merged.json': '{}' });
  await settleJobs.runBatch([anItem({ attemptId: place.attemptId })], deps);
  await registerOutputs.runBatch([anItem({ token: 'r', jobId, attemptId: place.attemptId, executionId: 'e' })], deps);
  expect(deps.machines.answers.get('r')).toMatchObject({ output: { outputId: 'test_output_00102363-p1-merged' } });
  expect((await eventTypes(deps)).at(-1)).toBe('output.registered');
  expect(await planMerge.run({ runId, run }, deps)).toMatchObject({ hasWork: false, processed: 2 });
});
