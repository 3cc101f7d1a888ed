import { expect, test } from 'vitest';
import { commit } from '#lib/change';
import { explains, facilities, jobs } from '#lib/records';
import type { Facility } from '#schema/facility';
import type { Job } from '#schema/job';
import { waitsFor } from '../../../functions/api/waits-for.ts';
import { aDeps, type TestDeps } from '../../builders/a-deps.ts';
import { aFacility, aJob } from '../../builders/a-job.ts';

const aWaitingJob = (at: number): Job =>
  aJob({ id: `test_job_${at}`, state: 'waiting', createdAt: `2026-01-01T00:00:0${at}.000Z` });
const place = { jobId: 'test_job_0', attemptId: 'a', attempt: 1, bundleId: 'b', facility: 'local', queue: 'default' };

const withJobs = async (all: readonly Job[], fields: Partial<Facility> = {}): Promise<TestDeps> => {
  const deps = aDeps();
  const local = aFacility('local', fields);
  const [queue] = local.queues;
  const queues = queue ? [{ ...queue, slots: 1 }] : [];
  await commit(deps, [], [facilities.put('f', { ...local, queues }, 0)]);
  await jobs.putMany(
    deps.store,
    all.map((job) => [job.id, job]),
  );
  return deps;
};
const busy = aJob({ id: 'test_job_0', state: 'submitted', place });

test('a job that waits for a slot says how many there are, how many are busy and how many jobs are before it', async () => {
  const waiting = [1, 2, 3].map(aWaitingJob);
  const deps = await withJobs([busy, ...waiting]);
  expect(await waitsFor(deps.store, [...waiting, busy])).toEqual([
    'a free slot: local has 1 slot, 1 busy; 0 jobs before it',
    'a free slot: local has 1 slot, 1 busy; 1 job before it',
    'a free slot: local has 1 slot, 1 busy; 2 jobs before it',
    'its payload at local/default, attempt 1',
  ]);
});

test('with a free slot it waits for the broker', async () => {
  const deps = await withJobs([aWaitingJob(1)]);
  expect(await waitsFor(deps.store, [aWaitingJob(1)])).toEqual(['the broker to place it: local has 1 slot, 0 busy']);
});

test('with every facility drained it names who drained it and why', async () => {
  const drain = { by: 'anna', why: 'a new switch', sinceAt: '2026-01-01T00:00:00.000Z' };
  const deps = await withJobs([aWaitingJob(1)], { drain });
  expect(await waitsFor(deps.store, [aWaitingJob(1)])).toEqual(['a facility: local is drained by anna: a new switch']);
});

test('while processing is suspended it says so, and a job that has ended waits for nothing', async () => {
  const deps = await withJobs([aWaitingJob(1)]);
  const held = 'suspended-by-operator since 08:00: firmware';
  const explain = { jobId: 'test_job_1', attempt: 1, decidedAt: '2026-01-01T00:00:00.000Z', chosen: 'none' };
  await explains.putMany(deps.store, [['test_job_1', { ...explain, held, considered: [] }]]);
  expect(await waitsFor(deps.store, [aWaitingJob(1), aJob({ id: 'done', state: 'succeeded' })])).toEqual([
    `processing to resume: ${held}`,
    undefined,
  ]);
});
