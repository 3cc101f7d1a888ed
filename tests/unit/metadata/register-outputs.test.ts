import { expect, test } from 'vitest';
import { commit } from '#lib/change';
import { outputs, runs, stfs } from '#lib/records';
import { runProgress } from '#lib/run-progress';
import type { Place } from '#schema/job';
import { failJob } from '../../../functions/jobs/fail-job.fn.ts';
import { settleJobs } from '../../../functions/jobs/settle-jobs.fn.ts';
import { registerOutputs } from '../../../functions/metadata/register-outputs.fn.ts';
import { awaitRun } from '../../../functions/streaming/await-run.fn.ts';
import { aDeps, eventTypes, type TestDeps } from '../../builders/a-deps.ts';
import { dyingAt, everyDeath } from '../../builders/a-deps-crash.ts';
import { anItem, aSettledJob, aSubmittedJob, jobNow } from '../../builders/a-job.ts';

const runId = 'test_run_00102363';
const outputId = 'test_output_00102363-00000001-p1-hits';
const asked = ({ jobId, attemptId }: Place, token = `register-${attemptId}`) =>
  anItem({ token, jobId, attemptId, executionId: 'e1' }, token);
const counts = (deps: TestDeps) => runProgress(deps.store, runId);
const registered = async (deps: TestDeps) =>
  (await eventTypes(deps)).filter((type) => type === 'output.registered' || type.startsWith('stf.p'));
const withEndedRun = (deps: TestDeps, totalStfs: number) =>
  commit(deps, [], [runs.put(runId, { id: runId, run: 102_363, phase: 'ended', totalStfs }, 0)]);

test('an output is put once and recorded with its provenance; its STF has settled and is counted', async () => {
  const deps = aDeps();
  const place = await aSettledJob(deps);
  expect(await registerOutputs.runBatch([asked(place)], deps)).toEqual([]);
  const output = (await outputs.need(deps.store, outputId)).doc;
  expect(Buffer.from(await deps.outputs.read(output.objectKey)).toString()).toBe('{"sequence":1}');
  expect(output).toMatchObject({
    sizeBytes: 14,
    pass: 1,
    stfId: 'test_stf_00102363-00000001',
    provenance: {
      jobId: place.jobId,
      attemptId: place.attemptId,
      executionId: 'e1',
      inputs: [{ name: 'swf.102363.000001.stf' }],
    },
  });
  expect((await stfs.need(deps.store, output.stfId ?? '')).doc).toMatchObject({ processing: 'processed', outputId });
  expect(await counts(deps))?.toMatchObject({ catalogued: 1, processed: 1, failed: 0 });
  expect(deps.machines.answers.get(`register-${place.attemptId}`)).toEqual({ kind: 'success', output: { outputId } });
  expect(deps.facility.released).toEqual([place.attemptId]);
});

test('an STF with missing TFs is never processed silently: output, provenance and both events say so', async () => {
  const deps = aDeps();
  const place = await aSubmittedJob(deps);
  const range = (tfFirst: number, tfEnd: number) => ({ tfFirst: String(tfFirst), tfEnd: String(tfEnd) });
  const told = { tfCount: 7, tfRanges: [range(0, 3), range(6, 10)], tfsMissing: [range(3, 6)] };
  deps.facility.finish(place.attemptId, {}, { 'out/hits.json': JSON.stringify(told) });
  await settleJobs.runBatch([anItem({ attemptId: place.attemptId })], deps);
  await registerOutputs.runBatch([asked(place)], deps);
  const { provenance } = (await outputs.need(deps.store, outputId)).doc;
  expect(provenance.tfs).toEqual({ ...told, tfsMissingCount: 3 });
  const data = { tfCount: 7, tfsMissingCount: 3, tfsMissing: told.tfsMissing };
  expect((await deps.events()).slice(-2)).toMatchObject([
    { type: 'output.registered', data },
    { type: 'stf.processed', data: { ...data, pass: 1 } },
  ]);
});

test('output, STF and count are one transaction', async () => {
  const deps = aDeps();
  const place = await aSettledJob(deps);
  await registerOutputs.runBatch([asked(place)], deps);
  const events = (await deps.events()).slice(-2);
  expect(events.map(({ type }) => type)).toEqual(['output.registered', 'stf.processed']);
  expect(events.map(({ cause }) => cause)).toEqual(['e1', outputId]);
  const again = aDeps();
  const other = await aSettledJob(again);
  await registerOutputs.runBatch([asked(other)], dyingAt(again, 1, 'before').deps);
  expect(await outputs.get(again.store, outputId)).toBeUndefined();
  expect((await counts(again))?.processed).toBe(0);
});

test('twice is once: one output, one count, and both askers are answered', async () => {
  const deps = aDeps();
  const place = await aSettledJob(deps);
  await registerOutputs.runBatch([asked(place, 't1')], deps);
  await registerOutputs.runBatch([asked(place, 't1'), asked(place, 't2')], deps);
  expect(await registered(deps)).toEqual(['output.registered', 'stf.processed']);
  expect((await counts(deps))?.processed).toBe(1);
  expect(deps.machines.answers.get('t2')).toEqual({ kind: 'success', output: { outputId } });
});

test('many at once are counted exactly', async () => {
  const deps = aDeps();
  const places: Place[] = [];
  for (let sequence = 1; sequence <= 10; sequence++) places.push(await aSettledJob(deps, sequence));
  expect(
    await registerOutputs.runBatch(
      [...places, ...places].map((place) => asked(place)),
      deps,
    ),
  ).toEqual([]);
  expect(await counts(deps))?.toMatchObject({ catalogued: 10, processed: 10, failed: 0 });
  expect(await registered(deps)).toHaveLength(20);
});

test('the last output of a run answers who waits for it, and none before', async () => {
  const deps = aDeps();
  const [first, second] = [await aSettledJob(deps, 1), await aSettledJob(deps, 2)];
  await withEndedRun(deps, 2);
  expect(await awaitRun.run({ runId, token: 'merge' }, deps)).toEqual({ isComplete: false });
  await registerOutputs.runBatch([asked(first)], deps);
  expect(deps.machines.answers.has('merge')).toBe(false);
  await registerOutputs.runBatch([asked(second)], deps);
  expect(deps.machines.answers.get('merge')).toEqual({ kind: 'success', output: { isComplete: true } });
});

test('a success that comes after the job was given up moves the counts', async () => {
  const deps = aDeps();
  const place = await aSettledJob(deps);
  await failJob.run({ jobId: place.jobId, failure: { Error: 'States.Timeout', Cause: '' } }, deps);
  expect(await counts(deps))?.toMatchObject({ processed: 0, failed: 1 });
  await registerOutputs.runBatch([asked(place)], deps);
  expect(await counts(deps))?.toMatchObject({ catalogued: 1, processed: 1, failed: 0 });
  const stf = (await stfs.need(deps.store, 'test_stf_00102363-00000001')).doc;
  expect(stf).toMatchObject({ processing: 'processed', outputId });
  expect(stf).not.toHaveProperty('failure');
});

test('an output that is not there fails its state machine, and holds up no other', async () => {
  const deps = aDeps();
  const place = await aSettledJob(deps, 1);
  const other = await aSubmittedJob(deps, 2);
  expect(await registerOutputs.runBatch([asked(other, 'bad'), asked(place, 'good')], deps)).toEqual([]);
  expect(deps.machines.answers.get('bad')).toMatchObject({
    kind: 'failure',
    error: 'PayloadFault',
    cause: expect.stringContaining('[output-missing]'),
  });
  expect(deps.machines.answers.get('good')).toMatchObject({ kind: 'success' });
  expect((await jobNow(deps, other.jobId)).state).toBe('submitted');
});

test('an attempt or job that nobody knows fails its state machine', async () => {
  const deps = aDeps();
  const place = await aSettledJob(deps);
  const items = [
    asked({ ...place, attemptId: 'test_attempt_none-a1' }, 't1'),
    asked({ ...place, jobId: 'test_job_none' }, 't2'),
  ];
  expect(await registerOutputs.runBatch(items, deps)).toEqual([]);
  for (const token of ['t1', 't2'])
    expect(deps.machines.answers.get(token)).toMatchObject({ kind: 'failure', error: 'Missing' });
});

test('other content under a taken name is refused: the first wins', async () => {
  const deps = aDeps();
  const place = await aSettledJob(deps);
  await deps.outputs.putBytes(`${runId}/${outputId}.json`, Buffer.from('other'));
  expect(await registerOutputs.runBatch([asked(place, 't')], deps)).toEqual([]);
  expect(deps.machines.answers.get('t')).toMatchObject({ kind: 'failure', error: 'Conflict' });
  expect(await outputs.get(deps.store, outputId)).toBeUndefined();
});

test('while the disk is full the request stays in the queue', async () => {
  const deps = aDeps();
  const place = await aSettledJob(deps);
  const full = { ...deps.outputs, putFile: () => Promise.reject(new Error('ENOSPC')) };
  expect(await registerOutputs.runBatch([asked(place, 't')], { ...deps, outputs: full })).toEqual(['t']);
  expect(await registerOutputs.runBatch([asked(place, 't')], deps)).toEqual([]);
});

test.each(everyDeath(4))('killed $moment effect $step, the next delivery ends in the same records', async (death) => {
  const deps = aDeps();
  const place = await aSettledJob(deps);
  const { deps: dying } = dyingAt(deps, death.step, death.moment);
  expect(await registerOutputs.runBatch([asked(place, 't')], dying)).toEqual(['t']);
  expect(await registerOutputs.runBatch([asked(place, 't')], deps)).toEqual([]);
  expect(await registered(deps)).toEqual(['output.registered', 'stf.processed']);
  expect((await counts(deps))?.processed).toBe(1);
  expect(deps.machines.answers.get('t')).toEqual({ kind: 'success', output: { outputId } });
  expect(deps.facility.released).toContain(place.attemptId);
});
