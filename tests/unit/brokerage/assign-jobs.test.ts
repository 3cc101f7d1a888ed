import { describe, expect, test } from 'vitest';
import { reviewProcessing } from '#lib/processing';
import { explains, outbox, placements } from '#lib/records';
import type { BrokerMessage } from '#schema/assignment';
import { assignJobs } from '../../../functions/brokerage/assign-jobs.fn.ts';
import { settleJobs } from '../../../functions/jobs/settle-jobs.fn.ts';
import { answerTokens } from '../../../functions/workflows/answer-tokens.fn.ts';
import { aDeps, eventTypes, type TestDeps } from '../../builders/a-deps.ts';
import { dyingAt, everyDeath } from '../../builders/a-deps-crash.ts';
import {
  aFacility,
  anAsk,
  anItem,
  aQueueRecord,
  aSubmittedJob,
  jobNow,
  placeOf,
  withFacility,
} from '../../builders/a-job.ts';
import { aCataloguedStf } from '../../builders/a-stf.ts';

const tell = (deps: TestDeps, ...messages: BrokerMessage[]) =>
  assignJobs.runBatch(
    messages.map((message, at) => anItem(message, `item-${at}`)),
    deps,
  );
const freed = (jobId: string) => ({ kind: 'freed' as const, jobId });
/** A broker that knows nothing: the store is another object, with the same content. */
const restarted = (deps: TestDeps): TestDeps => ({ ...deps, store: { ...deps.store } });
const withSlots = (deps: TestDeps, slots: number) =>
  withFacility(deps, aFacility('local', { queues: [aQueueRecord({ slots })] }));
const someJobs = async (deps: TestDeps, count: number) => {
  const ids: string[] = [];
  for (let sequence = 1; sequence <= count; sequence++) ids.push((await aCataloguedStf(deps, sequence)).jobId);
  return ids;
};
const answered = (deps: TestDeps) => [...deps.machines.answers.keys()].toSorted();
const waiting = async (deps: TestDeps) =>
  (await placements.list(deps.store, 'i1', 'placements')).items.map(({ doc }) => doc.jobId);

test('a job gets a place, with the record of why, and its token is answered', async () => {
  const deps = aDeps();
  await withSlots(deps, 1);
  const { jobId } = await aCataloguedStf(deps);
  expect(await tell(deps, anAsk(jobId))).toEqual([]);
  const place = placeOf(deps, `ask-${jobId}`);
  expect(place).toMatchObject({ jobId, attempt: 1, facility: 'local', queue: 'default' });
  expect(await jobNow(deps, jobId)).toMatchObject({ state: 'assigned', place });
  expect((await explains.need(deps.store, place.attemptId)).doc).toMatchObject({
    chosen: 'local/default',
    considered: [{ facility: 'local', isEligible: true }],
  });
  expect((await outbox.list(deps.store, 'i1', 'outbox')).items).toEqual([]);
  expect(await waiting(deps)).toEqual([]);
  expect(await eventTypes(deps)).toEqual(['stf.catalogued', 'job.created', 'job.assigned']);
});

test('what finds no free slot waits durably, and gets the slot that comes free', async () => {
  const deps = aDeps();
  const first = await aSubmittedJob(deps);
  await withSlots(deps, 1);
  const { jobId } = await aCataloguedStf(deps, 2);
  expect(await tell(deps, anAsk(jobId))).toEqual([]);
  expect(await waiting(deps)).toEqual([jobId]);
  await tell(deps, freed(first.jobId));
  expect(await waiting(deps)).toEqual([jobId]);
  deps.facility.finish(first.attemptId, {}, { 'out/hits.json': '{}' });
  await settleJobs.runBatch([anItem({ attemptId: first.attemptId })], deps);
  expect(deps.queues.sent.at(-1)).toEqual({ queue: 'broker', body: freed(first.jobId) });
  await tell(deps, freed(first.jobId));
  expect(placeOf(deps, `ask-${jobId}`).jobId).toBe(jobId);
});

test('never more than the slots, however many ask, in whatever batches', async () => {
  const deps = aDeps();
  await withSlots(deps, 3);
  const ids = await someJobs(deps, 8);
  await tell(deps, ...ids.slice(0, 5).map((id) => anAsk(id)));
  await tell(deps, ...ids.slice(5).map((id) => anAsk(id)));
  expect(answered(deps)).toEqual(ids.slice(0, 3).map((id) => `ask-${id}`));
  expect(await waiting(deps)).toEqual(ids.slice(3));
});

test('one with no place anywhere waits, whatever comes after it', async () => {
  const deps = aDeps();
  const [jobId = ''] = await someJobs(deps, 1);
  expect(await tell(deps, anAsk(jobId))).toEqual([]);
  expect(await waiting(deps)).toEqual([jobId]);
});

describe('a repeat', () => {
  test('of a request says the same again, also under another token', async () => {
    const deps = aDeps();
    await withSlots(deps, 1);
    const [jobId = ''] = await someJobs(deps, 1);
    await tell(deps, anAsk(jobId, 't1'));
    await tell(deps, anAsk(jobId, 't1'));
    await tell(deps, anAsk(jobId, 't2'));
    expect(placeOf(deps, 't2')).toEqual(placeOf(deps, 't1'));
    expect(await eventTypes(deps)).toEqual(['stf.catalogued', 'job.created', 'job.assigned']);
  });

  test('of a request that waits keeps its place in the line, under the latest token', async () => {
    const deps = aDeps();
    const [jobId = ''] = await someJobs(deps, 1);
    await tell(deps, anAsk(jobId, 't1'));
    await tell(deps, anAsk(jobId, 't2'));
    await withSlots(deps, 1);
    await tell(deps, freed('test_job_bnl-1-none'));
    expect(answered(deps)).toEqual(['t2']);
  });

  test('of a request whose attempt has settled says the same again, so that its end is told, and asks for nothing', async () => {
    const deps = aDeps();
    const place = await aSubmittedJob(deps);
    deps.facility.finish(place.attemptId, { outcome: 'lost' });
    await settleJobs.runBatch([anItem({ attemptId: place.attemptId })], deps);
    await tell(deps, anAsk(place.jobId, 'late', 1));
    expect(placeOf(deps, 'late')).toEqual(place);
    expect(await waiting(deps)).toEqual([]);
    await tell(deps, anAsk(place.jobId, 'next', 2));
    expect(placeOf(deps, 'next').attempt).toBe(2);
    await tell(deps, anAsk(place.jobId, 'later', 1));
    expect(placeOf(deps, 'later')).toEqual(place);
    expect(await waiting(deps)).toEqual([]);
  });
});

describe('a broker that starts anew', () => {
  test('knows which slots are taken', async () => {
    const deps = aDeps();
    await withSlots(deps, 2);
    const ids = await someJobs(deps, 4);
    await tell(deps, anAsk(ids[0] ?? ''));
    const again = restarted(deps);
    await tell(again, ...ids.slice(1).map((id) => anAsk(id)));
    expect(answered(deps)).toEqual(ids.slice(0, 2).map((id) => `ask-${id}`));
  });

  test('knows who waits', async () => {
    const deps = aDeps();
    const ids = await someJobs(deps, 3);
    await tell(deps, ...ids.map((id) => anAsk(id)));
    await withSlots(deps, 2);
    await tell(restarted(deps), freed('test_job_bnl-1-none'));
    expect(answered(deps)).toEqual(ids.slice(0, 2).map((id) => `ask-${id}`));
    expect(await waiting(deps)).toEqual(ids.slice(2));
  });

  test('tries again to read the store when it could not', async () => {
    const deps = restarted(aDeps());
    await withSlots(deps, 1);
    const [jobId = ''] = await someJobs(deps, 1);
    const query = deps.store.query;
    Object.assign(deps.store, { query: () => Promise.reject(new Error('away')) });
    await expect(tell(deps, anAsk(jobId))).rejects.toThrow('away');
    Object.assign(deps.store, { query });
    await tell(deps, anAsk(jobId));
    expect(answered(deps)).toEqual([`ask-${jobId}`]);
  });
});

test('a request for a job that nobody knows is answered with a failure, and holds up no other', async () => {
  const deps = aDeps();
  await withSlots(deps, 2);
  const [jobId = ''] = await someJobs(deps, 1);
  expect(await tell(deps, anAsk('test_job_bnl-1-none', 'bad'), anAsk(jobId, 'good'))).toEqual([]);
  expect(deps.machines.answers.get('bad')).toMatchObject({ kind: 'failure', error: 'Missing' });
  expect(placeOf(deps, 'good').jobId).toBe(jobId);
});

test('an answer that could not be given lies in the outbox until it is', async () => {
  const deps = aDeps();
  await withSlots(deps, 1);
  const [jobId = ''] = await someJobs(deps, 1);
  deps.machines.isAway = true;
  expect(await tell(deps, anAsk(jobId))).toEqual(['item-0']);
  expect((await outbox.list(deps.store, 'i1', 'outbox')).items).toHaveLength(1);
  expect(await answerTokens.run({}, deps)).toEqual({ answered: 0, failed: 1 });
  deps.machines.isAway = false;
  expect(await answerTokens.run({}, deps)).toEqual({ answered: 1, failed: 0 });
  expect(await answerTokens.run({}, deps)).toEqual({ answered: 0, failed: 0 });
  expect(placeOf(deps, `ask-${jobId}`).jobId).toBe(jobId);
});

test.each(everyDeath(4))('killed $moment effect $step, a new broker places the job once', async (death) => {
  const deps = aDeps();
  await withSlots(deps, 1);
  const [jobId = ''] = await someJobs(deps, 1);
  const { deps: dying } = dyingAt(deps, death.step, death.moment);
  await assignJobs.runBatch([anItem(anAsk(jobId))], dying);
  const again = restarted(deps);
  expect(await tell(again, anAsk(jobId))).toEqual([]);
  await answerTokens.run({}, again);
  expect(placeOf(deps, `ask-${jobId}`)).toMatchObject({ jobId, attempt: 1 });
  expect((await eventTypes(deps)).filter((type) => type === 'job.assigned')).toHaveLength(1);
  expect((await outbox.list(deps.store, 'i1', 'outbox')).items).toEqual([]);
  expect(await waiting(deps)).toEqual([]);
});

describe('while processing is suspended', () => {
  const suspend = (deps: TestDeps) =>
    reviewProcessing({ actor: 'anna', causeId: 'c1', operator: { holdsBecause: 'anna: a new firmware' } }, deps);
  const resume = (deps: TestDeps) => reviewProcessing({ actor: 'anna', operator: { holdsBecause: undefined } }, deps);
  const review = { kind: 'review' as const };
  const whyOf = async (deps: TestDeps, jobId: string) => (await explains.need(deps.store, jobId)).doc;

  test('nothing is placed, and each job’s record says why; then all are placed, each once', async () => {
    const deps = aDeps();
    await withSlots(deps, 100);
    const ids = await someJobs(deps, 12);
    await suspend(deps);
    await tell(deps, ...ids.slice(0, 10).map((id) => anAsk(id)));
    await tell(deps, ...ids.slice(10).map((id) => anAsk(id)), freed('test_job_bnl-1-none'));
    expect(answered(deps)).toEqual([]);
    expect(await waiting(deps)).toEqual(ids);
    for (const id of ids)
      expect(await whyOf(deps, id)).toMatchObject({
        chosen: 'none',
        held: 'suspended-by-operator since 2026-01-01T00:00:00.000Z: anna: a new firmware',
      });
    await resume(deps);
    await tell(deps, review);
    await tell(deps, review);
    expect(answered(deps)).toEqual(ids.map((id) => `ask-${id}`));
    expect((await eventTypes(deps)).filter((type) => type === 'job.assigned')).toHaveLength(12);
    expect(await waiting(deps)).toEqual([]);
  });

  test('a broker that starts anew holds them too, and a job that waited for a slot before is told', async () => {
    const deps = aDeps();
    const [jobId = ''] = await someJobs(deps, 1);
    await tell(deps, anAsk(jobId));
    await withSlots(deps, 1);
    await suspend(deps);
    const again = restarted(deps);
    await tell(again, review);
    expect(answered(deps)).toEqual([]);
    expect((await whyOf(deps, jobId)).held).toContain('a new firmware');
    await resume(deps);
    await tell(restarted(again), review);
    expect(answered(deps)).toEqual([`ask-${jobId}`]);
  });

  test('what still waits when it is over is not held any more, by its record', async () => {
    const deps = aDeps();
    const [jobId = ''] = await someJobs(deps, 1);
    await suspend(deps);
    await tell(deps, anAsk(jobId));
    await withSlots(deps, 0);
    await resume(deps);
    await tell(deps, review);
    expect(await whyOf(deps, jobId)).toMatchObject({
      chosen: 'none',
      considered: [{ isEligible: false, reason: 'all 0 slots are taken' }],
    });
    expect(await whyOf(deps, jobId)).not.toHaveProperty('held');
  });
});
