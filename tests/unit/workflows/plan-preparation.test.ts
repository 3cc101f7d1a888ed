import { expect, test } from 'vitest';
import { reviewProcessing } from '#lib/processing';
import { outputs, placements } from '#lib/records';
import { assignJobs } from '../../../functions/brokerage/assign-jobs.fn.ts';
import { acceptDaqMessage } from '../../../functions/daq/accept-daq-message.fn.ts';
import { settleJobs } from '../../../functions/jobs/settle-jobs.fn.ts';
import { registerOutputs } from '../../../functions/metadata/register-outputs.fn.ts';
import { planPreparation } from '../../../functions/workflows/plan-preparation.fn.ts';
import { aDeps, eventTypes } from '../../builders/a-deps.ts';
import { aFacility, aHandedOverJob, anAsk, anItem, aQueueRecord, jobNow, withFacility } from '../../builders/a-job.ts';
import { aMessage } from '../../builders/a-message.ts';
import { aCataloguedStf } from '../../builders/a-stf.ts';

const runId = 'test_run_00102363';
const run = 102_363;
const warmUps = ['1', '2', '3', '4'].map((number) => ({ jobId: `test_job_bnl-1-00102363-warm-${number}`, number }));
const jobId = 'test_job_bnl-1-00102363-warm-1';
const name = 'test_exec_bnl-1-prepare-00102363';

test('a run that is announced is prepared for once, however often that is said', async () => {
  const deps = aDeps();
  for (const sender of ['a', 'b']) await acceptDaqMessage.run(aMessage('run_imminent', { sender }), deps);
  expect(deps.machines.started).toEqual([{ machine: 'prepare-run', name, input: { runId, run } }]);
  expect(await planPreparation.run({ runId, run }, deps)).toEqual({ jobs: warmUps });
  expect(await planPreparation.run({ runId, run }, deps)).toEqual({ jobs: warmUps });
  expect((await eventTypes(deps)).filter((type) => type === 'job.created')).toHaveLength(warmUps.length);
});

test('a warm-up job frees its slot, leaves no output, and is not made again', async () => {
  const deps = aDeps();
  await planPreparation.run({ runId, run }, deps);
  const { attemptId } = await aHandedOverJob(deps, jobId);
  expect(deps.facility.accepted[0]?.payload).toMatchObject({ name: 'warm-up', inputs: [] });
  deps.facility.finish(attemptId, {}, { 'warm/out/hits.json': '{}' });
  await settleJobs.runBatch([anItem({ attemptId })], deps);
  await registerOutputs.runBatch([anItem({ token: 't', jobId, attemptId, executionId: 'e' })], deps);
  expect(deps.machines.answers.get('t')).toEqual({ kind: 'success', output: {} });
  expect(deps.facility.released).toEqual([attemptId]);
  expect((await outputs.list(deps.store, 'i1', `${runId}#outputs`)).items).toEqual([]);
  expect(await jobNow(deps, jobId)).not.toHaveProperty('place');
  expect(await planPreparation.run({ runId, run }, deps)).toEqual({ jobs: warmUps.slice(1) });
});

test('an STF goes before it', async () => {
  const deps = aDeps();
  await planPreparation.run({ runId, run }, deps);
  const { jobId: ofStf } = await aCataloguedStf(deps);
  await withFacility(deps, aFacility('local', { queues: [aQueueRecord({ slots: 1 })] }));
  await assignJobs.runBatch([anItem(anAsk(jobId), 'i1'), anItem(anAsk(ofStf), 'i2')], deps);
  expect([...deps.machines.answers.keys()]).toEqual([`ask-${ofStf}`]);
  expect((await placements.list(deps.store, 'i1', 'placements')).items.map(({ doc }) => doc.jobId)).toEqual([jobId]);
});

test('while processing is suspended nothing is prepared', async () => {
  const deps = aDeps();
  await reviewProcessing({ actor: 'anna', operator: { holdsBecause: 'anna: x' } }, deps);
  expect(await planPreparation.run({ runId, run }, deps)).toEqual({ jobs: [] });
  expect(await eventTypes(deps)).toEqual(['facet.changed']);
});
