import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commit } from '#lib/change';
import { facilityOfJob, timeKey } from '#lib/model/job-order';
import { facilities, jobs } from '#lib/records';
import { type Job, JobState } from '#schema/job';
import { type JobWish, listJobs } from '../../../functions/api/job-list.ts';
import { aDeps, type TestDeps } from '../../builders/a-deps.ts';
import { aFacility, aJob } from '../../builders/a-job.ts';

const places = ['local', 'far', undefined] as const;
const moment = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

const aPlacedJob = (at: number, { state, place, second, owner, run, isEnding }: Drawn): Job => {
  const id = `test_job_bnl-1-${String(run).padStart(8, '0')}-${String(at).padStart(8, '0')}-p1`;
  const attempt = {
    id: `${id}-a1`,
    number: 1,
    bundleId: 'b',
    facility: place ?? '',
    queue: 'default',
    state: isEnding ? ('submitted' as const) : ('settled' as const),
    submittingAt: moment(0),
  };
  const fields = { id, state, createdAt: moment(second), runId: `test_run_${run}`, attempts: place ? [attempt] : [] };
  return aJob({ ...fields, ...(owner && { owner }) });
};

const drawn = fc.record({
  state: fc.constantFrom(...JobState.options),
  place: fc.constantFrom(...places),
  second: fc.integer({ min: 0, max: 9 }),
  owner: fc.constantFrom('anna', undefined),
  run: fc.constantFrom(1, 2),
  isEnding: fc.boolean(),
});
type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never;

const wishes = fc.record({
  runId: fc.constantFrom('test_run_1', undefined),
  state: fc.option(fc.constantFrom(...JobState.options), { nil: undefined }),
  facility: fc.constantFrom('local', 'far', 'none', undefined),
  owner: fc.constantFrom('anna', undefined),
  since: fc.constantFrom(moment(3), undefined),
  until: fc.constantFrom(moment(7), undefined),
  isNewestFirst: fc.boolean(),
  limit: fc.integer({ min: 1, max: 5 }),
});

const withJobs = async (deps: TestDeps, all: readonly Job[]): Promise<void> => {
  for (const name of ['local', 'far']) await commit(deps, [], [facilities.put(`f-${name}`, aFacility(name), 0)]);
  await jobs.putMany(
    deps.store,
    all.map((job) => [job.id, job]),
  );
};

const everyPage = async (deps: TestDeps, wish: JobWish): Promise<string[]> => {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listJobs(deps.store, { ...wish, cursor });
    expect(page.items.length).toBeLessThanOrEqual(wish.limit);
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.next;
  } while (cursor !== undefined);
  return ids;
};

const expected = (all: readonly Job[], wish: JobWish): string[] => {
  const keyOf = (job: Job) => (wish.runId === undefined ? timeKey(job) : job.id);
  const wanted = all
    .filter((job) => wish.runId === undefined || job.runId === wish.runId)
    .filter((job) => wish.state === undefined || job.state === wish.state)
    .filter((job) => wish.facility === undefined || facilityOfJob(job) === wish.facility)
    .filter((job) => wish.owner === undefined || job.owner === wish.owner)
    .filter((job) => wish.since === undefined || job.createdAt >= wish.since)
    .filter((job) => wish.until === undefined || job.createdAt < wish.until)
    .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return (wish.isNewestFirst ? wanted.toReversed() : wanted).map(({ id }) => id);
};

test('whatever is asked for, the pages together are exactly the jobs for which it holds, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(drawn, { maxLength: 30 }), wishes, async (rows, wish) => {
      const deps = aDeps();
      const all = rows.map((row, at) => aPlacedJob(at, row));
      await withJobs(deps, all);
      expect(await everyPage(deps, wish)).toEqual(expected(all, wish));
    }),
    { numRuns: 300 },
  );
});

test('a filter without an index of its own gives a short page with a next one, not a slow one', async () => {
  const deps = aDeps();
  const row = { state: 'succeeded', place: 'local', second: 1, owner: undefined, run: 1, isEnding: false } as const;
  const all = Array.from({ length: 2_500 }, (_, at) => aPlacedJob(at, row));
  const own = aPlacedJob(3_000, { ...row, second: 0, owner: 'anna' });
  await withJobs(deps, [...all, own]);
  const wish = { owner: 'anna', isNewestFirst: true, limit: 10 };
  const first = await listJobs(deps.store, wish);
  expect(first.items).toEqual([]);
  expect(first.next).toBeDefined();
  expect((await listJobs(deps.store, { ...wish, cursor: first.next })).items.map(({ id }) => id)).toEqual([own.id]);
});
