import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { UsageDay } from '#schema/usage';
import { createGraduates } from '../../../functions/monitoring/graduates.ts';
import { createUsageSum, hourOf } from '../../../functions/monitoring/usage-sum.ts';

const dayMs = 86_400_000;
const first = Date.UTC(2026, 0, 1);
const always = { firstHour: 0, endHour: hourOf(Date.UTC(2100, 0, 1)) };

/** Use on one day, all of it at one hour. */
const aDay = ({
  at = 0,
  hour = 5,
  requests = 10,
  ...changes
}: Partial<UsageDay> & { at?: number; hour?: number; requests?: number } = {}): UsageDay => ({
  ...{ id: 'prod_usage_x', who: 'ada@iam', client: 'rate-plot', method: 'GET', route: '/v1/runs', status: 200 },
  day: new Date(first + at * dayMs).toISOString().slice(0, 10),
  hours: Array.from({ length: 24 }, (_, one) => (one === hour ? requests : 0)),
  ...changes,
});

describe('use added up', () => {
  test('has the most used first, with what was refused, what failed, and by how many', () => {
    const sum = createUsageSum('client', always);
    for (const day of [
      aDay(),
      aDay({ status: 404, requests: 2 }),
      aDay({ status: 503, requests: 1, at: 2, who: 'bob@iam' }),
      aDay({ client: 'curl', requests: 50 }),
    ])
      sum.add(day);
    expect(sum.lines()).toEqual([
      expect.objectContaining({ name: 'curl', requests: 50, users: 1, days: 1 }),
      {
        ...{ name: 'rate-plot', requests: 13, refused: 2, failed: 1, users: 2, days: 2 },
        ...{ firstHourAt: '2026-01-01T05:00:00.000Z', lastHourAt: '2026-01-03T05:00:00.000Z' },
      },
    ]);
  });

  test.each([
    ['route', 'GET /v1/runs'],
    ['status', '200'],
    ['who', 'ada@iam'],
    ['token', 'none'],
  ] as const)('by %s has its name', (by, name) => {
    const sum = createUsageSum(by, always);
    sum.add(aDay());
    expect(sum.lines()[0]?.name).toBe(name);
  });

  test('within a range has its hours and no other', () => {
    const from = hourOf(first) + 5;
    const requestsIn = (firstHour: number, endHour: number) => {
      const sum = createUsageSum('client', { firstHour, endHour });
      sum.add(aDay());
      return sum.lines()[0]?.requests ?? 0;
    };
    expect([requestsIn(from, from + 1), requestsIn(from + 1, from + 9), requestsIn(from - 5, from)]).toEqual([
      10, 0, 0,
    ]);
  });

  test('comes to the same by whatever it is added up', () => {
    const days = fc.array(
      fc.record({
        at: fc.nat(5),
        requests: fc.nat(99),
        client: fc.constantFrom('a', 'b'),
        who: fc.constantFrom('x', 'y'),
        status: fc.constantFrom(200, 404, 500),
      }),
    );
    fc.assert(
      fc.property(days, (made) => {
        const totals = (['client', 'token', 'who', 'route', 'status'] as const).map((by) => {
          const sum = createUsageSum(by, always);
          for (const day of made) sum.add(aDay(day));
          return sum.lines().reduce((total, { requests }) => total + requests, 0);
        });
        expect(new Set(totals).size).toBe(1);
      }),
    );
  });
});

/** Which integrations graduate. */
const graduates = (days: readonly UsageDay[]) => {
  const found = createGraduates(always);
  for (const day of days) found.add(day);
  return found.list();
};
const onDays = (count: number, changes: Parameters<typeof aDay>[0] = {}) =>
  Array.from({ length: count }, (_, at) => aDay({ at, ...changes }));

describe('an integration graduates', () => {
  test('if it is used day after day and asks much, and says why', () => {
    const [found] = graduates([
      ...onDays(5, { requests: 150 }),
      ...onDays(5, { requests: 100, route: '/v1/stfs' }),
      ...onDays(5, { requests: 90, route: '/v1/jobs' }),
    ]);
    expect(found).toMatchObject({ name: 'rate-plot', requests: 1_700, route: 'GET /v1/runs', suggests: 'view' });
    expect(found?.evidence).toEqual([
      { rule: 'days', value: 5, threshold: 5, isMet: true, says: 'used on 5 days' },
      { rule: 'requests-a-day', value: 340, threshold: 200, isMet: true, says: '340 requests on a day of use' },
      { rule: 'users', value: 1, threshold: 3, isMet: false, says: '1 people or machines use it' },
      {
        rule: 'polling',
        value: 0.44,
        threshold: 0.5,
        isMet: false,
        says: '44 % of its requests ask GET /v1/runs again',
      },
    ]);
  });

  test('if several people use it, however little', () => {
    const days = ['a', 'b', 'c'].flatMap((who) => onDays(5, { who, requests: 1 }));
    expect(graduates(days)).toMatchObject([{ name: 'rate-plot', suggests: 'view' }]);
  });

  test('to live events, if it asks one page over and over', () => {
    expect(graduates(onDays(5, { requests: 60 }))).toMatchObject([{ suggests: 'live-events' }]);
  });

  test.each([
    ['is used on four days only', onDays(4, { requests: 5_000 })],
    ['asks little, for one person', onDays(14, { requests: 49 })],
    ['sends the same again and again, which is no polling', onDays(14, { requests: 150, method: 'POST' })],
    ['is papilio’s own', onDays(14, { requests: 5_000, client: 'papilio-cli' })],
  ])('not if it %s', (_, days) => {
    expect(graduates(days)).toEqual([]);
  });

  test('by its user, if it was made with what everybody uses', () => {
    const curl = { client: 'curl', requests: 300 };
    const days = [...onDays(5, { ...curl, who: 'prod_token_grafana' }), ...onDays(3, { ...curl, who: 'bob@iam' })];
    expect(graduates(days)).toMatchObject([
      { name: 'curl of prod_token_grafana', client: 'curl', who: 'prod_token_grafana' },
    ]);
  });
});
