import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commit, untilNoConflict } from '#lib/change';
import { progresses } from '#lib/records';
import { progressShareOf, progressWrite, runProgress } from '#lib/run-progress';
import { aDeps, type TestDeps } from '../../builders/a-deps.ts';

const runId = 'test_run_00102363';

type Step = { readonly stf: number; readonly field: 'catalogued' | 'processed' | 'failed'; readonly by: 1 | -1 };

const count = (deps: TestDeps, { stf, field, by }: Step): Promise<void> =>
  untilNoConflict(async () => {
    const share = await progressShareOf(runId, `test_stf_${stf}`, deps);
    await commit(deps, [], [progressWrite(share, { [field]: by })]);
  });

test('what was counted at once, up and down, is the sum of it all, however it is spread', async () => {
  const steps = fc.array(
    fc.record({
      stf: fc.nat(40),
      field: fc.constantFrom('catalogued' as const, 'processed' as const, 'failed' as const),
      by: fc.constantFrom(1 as const, 1 as const, -1 as const),
    }),
    { minLength: 1, maxLength: 30 },
  );
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const deps = aDeps();
      const up = all.map((step) => ({ ...step, by: step.field === 'failed' ? step.by : (1 as const) }));
      await Promise.all(up.map((step) => count(deps, step)));
      const sum = (field: Step['field']) => up.reduce((total, step) => total + (step.field === field ? step.by : 0), 0);
      expect(await runProgress(deps.store, runId)).toEqual({
        runId,
        catalogued: sum('catalogued'),
        processed: sum('processed'),
        failed: sum('failed'),
      });
    }),
  );
});

test('an STF is always counted in the same share, and many STFs lie in all shares', async () => {
  const deps = aDeps();
  const idOf = async (stf: number) => (await progressShareOf(runId, `test_stf_${stf}`, deps)).id;
  const ids = await Promise.all(Array.from({ length: 200 }, (_, at) => idOf(at)));
  expect(await Promise.all(Array.from({ length: 200 }, (_, at) => idOf(at)))).toEqual(ids);
  expect(new Set(ids).size).toBe(8);
});

test('the STF that came last and who waits are those of all shares', async () => {
  const deps = aDeps();
  const write = async (stfId: string | undefined, step: Parameters<typeof progressWrite>[1]) =>
    commit(deps, [], [progressWrite(await progressShareOf(runId, stfId, deps), step)]);
  for (const [at, second] of [3, 1, 4, 1, 5, 9, 2, 6].entries())
    await write(`test_stf_${at}`, { catalogued: 1, lastStfAt: `2026-01-01T00:00:0${second}.000Z` });
  await write(undefined, { waiter: 'merge' });
  const lastStfAt = '2026-01-01T00:00:09.000Z';
  expect(await runProgress(deps.store, runId)).toEqual({
    runId,
    catalogued: 8,
    processed: 0,
    failed: 0,
    lastStfAt,
    waiter: 'merge',
  });
});

test('a run that was counted in one record, before there were shares, is counted on', async () => {
  const deps = aDeps();
  await commit(deps, [], [progresses.put(runId, { runId, catalogued: 5, processed: 1, failed: 2 }, 0)]);
  await count(deps, { stf: 1, field: 'failed', by: -1 });
  await count(deps, { stf: 2, field: 'failed', by: -1 });
  expect(await runProgress(deps.store, runId)).toMatchObject({ catalogued: 5, processed: 1, failed: 0 });
  expect(await runProgress(deps.store, 'test_run_00000001')).toBeUndefined();
});
