import { expect, test } from 'vitest';
import { bundles } from '#lib/records';
import { AttemptEnd } from '#schema/job';
import { settleJobs } from '../../../functions/jobs/settle-jobs.fn.ts';
import { aDeps, eventTypes, type TestDeps } from '../../builders/a-deps.ts';
import { dyingAt, everyDeath } from '../../builders/a-deps-crash.ts';
import { anAssignedJob, anItem, aSubmittedJob, jobNow } from '../../builders/a-job.ts';

const notice = (attemptId: string, deps: TestDeps) => settleJobs.runBatch([anItem({ attemptId })], deps);
const settledEvents = async (deps: TestDeps) => (await eventTypes(deps)).filter((type) => type === 'job.settled');
const freedIn = (deps: TestDeps) => deps.queues.sent.filter(({ queue }) => queue === 'broker').map(({ body }) => body);

const ends: readonly [AttemptEnd['outcome'], Partial<AttemptEnd>, string, string][] = [
  ['succeeded', { exitCode: 0 }, 'succeeded', 'register'],
  ['failed', { exitCode: 3 }, 'waiting', 'retry'],
  ['failed', { exitCode: 65 }, 'failed', 'fail'],
  ['killed', { signal: 'SIGKILL' }, 'waiting', 'retry'],
  ['timeout', {}, 'failed', 'fail'],
  ['memory', {}, 'failed', 'fail'],
  ['disk', {}, 'failed', 'fail'],
  ['cancelled', {}, 'waiting', 'retry'],
  ['lost', {}, 'waiting', 'retry'],
];

test('every outcome is among these', () => {
  expect(new Set(ends.map(([outcome]) => outcome))).toEqual(new Set(AttemptEnd.shape.outcome.options));
});

test.each(ends)('an attempt that %s (%j) leaves the job %s and says %s', async (outcome, fields, state, decision) => {
  const deps = aDeps();
  const place = await aSubmittedJob(deps);
  const { exitCode: _, ...bare } = { exitCode: 0, outcome, ...fields };
  const files = outcome === 'succeeded' ? { 'out/hits.json': '{}' } : {};
  deps.facility.finish(place.attemptId, { ...bare, ...fields }, files);
  expect(await notice(place.attemptId, deps)).toEqual([]);
  const job = await jobNow(deps, place.jobId);
  expect(job).toMatchObject({ state, attempts: [{ state: 'settled', end: { outcome } }] });
  expect(job).not.toHaveProperty('place');
  expect('settledAt' in job).toBe(state !== 'waiting');
  const settlement = { jobId: place.jobId, attemptId: place.attemptId, attempt: 1, decision };
  expect(deps.machines.answers.get(`run-${place.attemptId}`)).toMatchObject({
    output: { ...settlement, avoid: outcome === 'succeeded' ? [] : ['local'] },
  });
  expect(freedIn(deps)).toEqual([{ kind: 'freed', jobId: place.jobId }]);
  expect(await bundles.get(deps.store, place.bundleId)).toBeUndefined();
  expect(await settledEvents(deps)).toHaveLength(1);
  // An output must be registered first.
  expect(deps.facility.released).toEqual(decision === 'register' ? [] : [place.attemptId]);
});

test('an attempt that ended well without its output has failed', async () => {
  const deps = aDeps();
  const place = await aSubmittedJob(deps);
  deps.facility.finish(place.attemptId);
  await notice(place.attemptId, deps);
  expect(await jobNow(deps, place.jobId)).toMatchObject({ state: 'failed', errorCode: 'output-missing' });
});

test('a notice that comes early changes nothing', async () => {
  const deps = aDeps();
  const place = await aSubmittedJob(deps);
  expect(await notice(place.attemptId, deps)).toEqual([]);
  expect(await jobNow(deps, place.jobId)).toMatchObject({ state: 'submitted' });
  expect(deps.machines.answers.has(`run-${place.attemptId}`)).toBe(false);
});

test('a notice that comes before the intent is recorded comes again', async () => {
  const deps = aDeps();
  const place = await anAssignedJob(deps);
  expect(await notice(place.attemptId, deps)).toEqual(['item-1']);
});

test('a notice that comes again changes nothing', async () => {
  const deps = aDeps();
  const place = await aSubmittedJob(deps);
  deps.facility.finish(place.attemptId, { outcome: 'lost' });
  for (let time = 0; time < 3; time++) await notice(place.attemptId, deps);
  await Promise.all([notice(place.attemptId, deps), notice(place.attemptId, deps)]);
  expect(await settledEvents(deps)).toHaveLength(1);
  expect(freedIn(deps)).toHaveLength(1);
});

test('a notice that comes again answers a token that was not answered', async () => {
  const deps = aDeps();
  const place = await aSubmittedJob(deps);
  deps.facility.finish(place.attemptId, {}, { 'out/hits.json': '{}' });
  deps.machines.isAway = true;
  expect(await notice(place.attemptId, deps)).toEqual(['item-1']);
  deps.machines.isAway = false;
  expect(await notice(place.attemptId, deps)).toEqual([]);
  expect(deps.machines.answers.get(`run-${place.attemptId}`)).toMatchObject({ output: { decision: 'register' } });
  expect(await settledEvents(deps)).toHaveLength(1);
});

test('a facility that is down keeps the notice in the queue, and one bad notice holds up no other', async () => {
  const deps = aDeps();
  const place = await aSubmittedJob(deps);
  deps.facility.finish(place.attemptId, { outcome: 'lost' });
  const items = [anItem({ attemptId: 'test_attempt_none-a1' }, 'bad'), anItem({ attemptId: place.attemptId }, 'good')];
  deps.facility.isDown = true;
  expect((await settleJobs.runBatch(items, deps)).toSorted()).toEqual(['bad', 'good']);
  deps.facility.isDown = false;
  expect(await settleJobs.runBatch(items, deps)).toEqual(['bad']);
});

test.each(everyDeath(4))('killed $moment effect $step, the next notice settles once and answers', async (death) => {
  const deps = aDeps();
  const place = await aSubmittedJob(deps);
  deps.facility.finish(place.attemptId, {}, { 'out/hits.json': '{}' });
  const { deps: dying } = dyingAt(deps, death.step, death.moment);
  expect(await notice(place.attemptId, dying)).toEqual(['item-1']);
  expect(await notice(place.attemptId, deps)).toEqual([]);
  expect(await settledEvents(deps)).toHaveLength(1);
  expect(await jobNow(deps, place.jobId)).toMatchObject({ state: 'succeeded' });
  expect(deps.machines.answers.get(`run-${place.attemptId}`)).toMatchObject({ output: { decision: 'register' } });
  expect(freedIn(deps).length).toBeGreaterThan(0);
  expect(await bundles.get(deps.store, place.bundleId)).toBeUndefined();
});
