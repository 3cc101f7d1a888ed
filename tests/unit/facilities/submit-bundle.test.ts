import { expect, test } from 'vitest';
import { bundles } from '#lib/records';
import { submitBundle } from '../../../functions/facilities/submit-bundle.fn.ts';
import { settleJobs } from '../../../functions/jobs/settle-jobs.fn.ts';
import { aDeps, eventTypes } from '../../builders/a-deps.ts';
import { dyingAt, everyDeath } from '../../builders/a-deps-crash.ts';
import { anAssignedJob, anItem, aSettledJob, aSubmittedJob, jobNow } from '../../builders/a-job.ts';

const jobEvents = async (deps: Parameters<typeof eventTypes>[0]) =>
  (await eventTypes(deps)).filter((type) => type.startsWith('job.') && type !== 'job.created');

test('an assigned job is handed over: intent, then the facility, then what the facility calls it', async () => {
  const deps = aDeps();
  const place = await anAssignedJob(deps);
  expect(await submitBundle.runBatch([anItem({ token: 't', place })], deps)).toEqual([]);
  const job = await jobNow(deps, place.jobId);
  expect(job).toMatchObject({ state: 'submitted', attempts: [{ id: place.attemptId, number: 1, state: 'submitted' }] });
  expect(job.attempts[0]?.handle).toBe(`h-${place.attemptId}`);
  expect((await bundles.need(deps.store, place.bundleId)).doc).toMatchObject({
    token: 't',
    attemptIds: [place.attemptId],
  });
  expect(deps.facility.accepted).toMatchObject([
    { attemptId: place.attemptId, jobId: place.jobId, payload: { name: 'stf-hits' }, resources: job.resources },
  ]);
  expect(deps.facility.accepted[0]?.payload.inputs).toMatchObject([{ name: 'swf.102363.000001.stf' }]);
  expect(await jobEvents(deps)).toEqual(['job.assigned', 'job.submitting', 'job.submitted']);
});

test('an STF is read from the archive and never from the incoming folder', async () => {
  const deps = aDeps();
  const place = await anAssignedJob(deps);
  const archive = { ...deps.archive, localPath: async (key: string) => `/objects/${key}` };
  await submitBundle.runBatch([anItem({ token: 't', place })], { ...deps, archive });
  const [input] = deps.facility.accepted[0]?.payload.inputs ?? [];
  expect(input?.paths).toEqual(['/objects/00102363/swf.102363.000001.stf']);
});

test('an STF archived where objects are no files is read at an address that is good for a week', async () => {
  const deps = aDeps();
  const place = await anAssignedJob(deps);
  const presignedGet = async (key: string, validS: number) => `http://objects/${key}?for=${validS}`;
  const archive = { ...deps.archive, localPath: async () => undefined, presignedGet };
  await submitBundle.runBatch([anItem({ token: 't', place })], { ...deps, archive });
  expect(deps.facility.accepted[0]?.payload.inputs).toEqual([
    {
      name: 'swf.102363.000001.stf',
      url: 'http://objects/00102363/swf.102363.000001.stf?for=604800',
      paths: [],
    },
  ]);
});

test('a request that comes again starts nothing twice and says nothing new', async () => {
  const deps = aDeps();
  const place = await anAssignedJob(deps);
  for (let time = 0; time < 3; time++) await submitBundle.runBatch([anItem({ token: 't', place })], deps);
  await Promise.all([1, 2].map(() => submitBundle.runBatch([anItem({ token: 't', place })], deps)));
  expect(deps.facility.accepted).toHaveLength(1);
  expect(await jobEvents(deps)).toEqual(['job.assigned', 'job.submitting', 'job.submitted']);
});

test('a state machine that had to ask again is answered under its latest token', async () => {
  const deps = aDeps();
  const place = await aSubmittedJob(deps);
  await submitBundle.runBatch([anItem({ token: 'second', place })], deps);
  deps.facility.finish(place.attemptId, {}, { 'out/hits.json': '{}' });
  await settleJobs.runBatch([anItem({ attemptId: place.attemptId })], deps);
  expect(deps.machines.answers.get('second')).toMatchObject({ kind: 'success', output: { decision: 'register' } });
});

test('who asks about an attempt that has settled is told so', async () => {
  const deps = aDeps();
  const place = await aSettledJob(deps);
  await submitBundle.runBatch([anItem({ token: 'late', place })], deps);
  const notice = deps.queues.sent.filter(({ queue }) => queue === 'settle').at(-1);
  expect(notice?.body).toEqual({ attemptId: place.attemptId });
  await settleJobs.runBatch([anItem({ attemptId: place.attemptId })], deps);
  expect(deps.machines.answers.get('late')).toMatchObject({ kind: 'success', output: { decision: 'register' } });
  expect(deps.facility.accepted).toHaveLength(1);
});

test('an attempt that had ended before its hand-over was recorded is announced', async () => {
  const deps = aDeps();
  const place = await anAssignedJob(deps);
  const killed = dyingAt(deps, 1, 'after');
  expect(await submitBundle.runBatch([anItem({ token: 't', place })], killed.deps)).toEqual(['item-1']);
  deps.facility.finish(place.attemptId);
  await submitBundle.runBatch([anItem({ token: 't', place })], deps);
  expect(deps.queues.sent).toEqual([{ queue: 'settle', body: { attemptId: place.attemptId } }]);
});

test('what has no slot at the facility is handed over without a handle', async () => {
  const deps = aDeps({ slots: 1 });
  const [first, second] = [await anAssignedJob(deps, 1), await anAssignedJob(deps, 2)];
  const items = [first, second].map((place) => anItem({ token: place.jobId, place }, place.jobId));
  expect(await submitBundle.runBatch(items, deps)).toEqual([]);
  expect((await jobNow(deps, second.jobId)).attempts[0]).not.toHaveProperty('handle');
  expect(await jobNow(deps, second.jobId)).toMatchObject({ state: 'submitted' });
});

test('a facility that is down leaves its messages in the queue, and a later delivery hands them over', async () => {
  const deps = aDeps();
  const place = await anAssignedJob(deps);
  deps.facility.isDown = true;
  expect(await submitBundle.runBatch([anItem({ token: 't', place })], deps)).toEqual(['item-1']);
  expect(await jobNow(deps, place.jobId)).toMatchObject({ state: 'submitting' });
  deps.facility.isDown = false;
  expect(await submitBundle.runBatch([anItem({ token: 't', place })], deps)).toEqual([]);
  expect(await jobNow(deps, place.jobId)).toMatchObject({ state: 'submitted' });
  expect(deps.machines.answers.has('t')).toBe(false);
});

test('a job that nobody knows fails its state machine, and the others of the batch are handed over', async () => {
  const deps = aDeps();
  const place = await anAssignedJob(deps);
  const lost = { ...place, jobId: 'test_job_bnl-1-none' };
  const items = [anItem({ token: 'bad', place: lost }, 'i1'), anItem({ token: 'good', place }, 'i2')];
  expect(await submitBundle.runBatch(items, deps)).toEqual([]);
  expect(deps.machines.answers.get('bad')).toMatchObject({ kind: 'failure', error: 'Missing' });
  expect(deps.facility.accepted).toHaveLength(1);
});

test.each(everyDeath(3))('killed $moment effect $step, the next delivery hands over once', async (death) => {
  const deps = aDeps();
  const place = await anAssignedJob(deps);
  const { deps: dying } = dyingAt(deps, death.step, death.moment);
  expect(await submitBundle.runBatch([anItem({ token: 't', place })], dying)).toEqual(['item-1']);
  expect(await submitBundle.runBatch([anItem({ token: 't', place })], deps)).toEqual([]);
  expect(deps.facility.accepted).toHaveLength(1);
  expect(await jobNow(deps, place.jobId)).toMatchObject({ state: 'submitted', attempts: [{ state: 'submitted' }] });
  expect(await jobEvents(deps)).toEqual(['job.assigned', 'job.submitting', 'job.submitted']);
});
