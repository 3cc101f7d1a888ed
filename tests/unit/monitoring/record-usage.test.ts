import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { usageDays } from '#lib/records';
import type { UsageCount } from '#schema/usage';
import { recordUsage } from '../../../functions/monitoring/record-usage.fn.ts';
import { aDeps, type TestDeps } from '../../builders/a-deps.ts';

const aCount = (changes: Partial<UsageCount> = {}): UsageCount => ({
  ...{ who: 'ada@iam.example.org', client: 'rate-plot', method: 'GET', route: '/v1/runs', status: 200 },
  ...{ hourAt: '2026-01-01T05:00:00.000Z', requests: 3 },
  ...changes,
});

const kept = async ({ store }: TestDeps) => {
  const { items } = await usageDays.list(store, 'i1', 'usage', { limit: 1_000 });
  return items.map(({ doc }) => doc);
};
const total = async (deps: TestDeps) => (await kept(deps)).flatMap(({ hours }) => hours).reduce((sum, n) => sum + n, 0);

describe('what the front has counted', () => {
  test('is kept by day and hour, a record for each way of asking', async () => {
    const deps = aDeps();
    const counts = [
      aCount(),
      aCount({ hourAt: '2026-01-01T23:00:00.000Z', requests: 1 }),
      aCount({ hourAt: '2026-01-02T05:00:00.000Z' }),
      aCount({ status: 403 }),
      aCount({ token: 'prod_token_a' }),
    ];
    await recordUsage.run({ batch: 'one', counts }, deps);
    await recordUsage.run({ batch: 'two', counts: [aCount({ requests: 4 })] }, deps);
    const days = await kept(deps);
    expect(days.map(({ day, status, token }) => [day, status, token])).toEqual(
      expect.arrayContaining([
        ['2026-01-01', 200, undefined],
        ['2026-01-02', 200, undefined],
        ['2026-01-01', 403, undefined],
        ['2026-01-01', 200, 'prod_token_a'],
      ]),
    );
    expect(days).toHaveLength(4);
    const first = days.find(({ day, status, token }) => day === '2026-01-01' && status === 200 && token === undefined);
    expect([first?.hours[5], first?.hours[23]]).toEqual([7, 1]);
  });

  test('counts once, however often and in whatever order batches come', async () => {
    const batch = fc.array(
      fc.record({ hour: fc.nat(47), status: fc.constantFrom(200, 404), requests: fc.integer({ min: 1, max: 9 }) }),
      { minLength: 1, maxLength: 10 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(batch, { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat(4), { maxLength: 10 }),
        async (batches, again) => {
          const deps = aDeps();
          const facts = batches.map((lines, at) => ({
            batch: `batch-${at}`,
            counts: lines.map(({ hour, ...line }) =>
              aCount({ ...line, hourAt: new Date(Date.UTC(2026, 0, 1, hour)).toISOString() }),
            ),
          }));
          const repeated = again.flatMap((at) => facts[at] ?? []);
          for (const each of [...facts, ...repeated]) await recordUsage.run(each, deps);
          expect(await total(deps)).toBe(batches.flat().reduce((sum, { requests }) => sum + requests, 0));
        },
      ),
      { numRuns: 50 },
    );
  });

  test('of ninety ways at once fits into one transaction', async () => {
    const deps = aDeps();
    const counts = Array.from({ length: 90 }, (_, at) => aCount({ route: `/v1/${at}` }));
    await recordUsage.run({ batch: 'full', counts }, deps);
    expect(await total(deps)).toBe(270);
  });

  test('is forgotten after 400 days', async () => {
    const deps = aDeps();
    await recordUsage.run({ batch: 'old', counts: [aCount()] }, deps);
    await deps.clock.advance(399 * 86_400_000);
    expect(await kept(deps)).toHaveLength(1);
    await deps.clock.advance(2 * 86_400_000);
    expect(await kept(deps)).toHaveLength(0);
  });
});
