import type { UsageBy, UsageDay, UsageLine } from '#schema/usage';

/** Hours from `firstHour` to before `endHour`, each as its number since 1970. */
export type HourRange = { readonly firstHour: number; readonly endHour: number };

const hourMs = 3_600_000;
const stampOf = (hour: number): string => new Date(hour * hourMs).toISOString();

/** The number of the hour that a moment lies in. */
export const hourOf = (ms: number): number => Math.floor(ms / hourMs);

/** The hours of a day in which there were requests, within a range. */
export const hoursIn = (
  { day, hours }: UsageDay,
  { firstHour, endHour }: HourRange,
): readonly (readonly [number, number])[] => {
  const first = hourOf(Date.parse(day));
  return hours.flatMap((requests, at) => {
    const hour = first + at;
    return requests > 0 && hour >= firstHour && hour < endHour ? [[hour, requests] as const] : [];
  });
};

const namesOf: Readonly<Record<UsageBy, (day: UsageDay) => string>> = {
  client: ({ client }) => client,
  token: ({ token }) => token ?? 'none',
  who: ({ who }) => who,
  route: ({ method, route }) => `${method} ${route}`,
  status: ({ status }) => String(status),
};

type Sum = {
  requests: number;
  refused: number;
  failed: number;
  users: Set<string>;
  days: Set<string>;
  first: number;
  last: number;
};

const emptySum = (): Sum => ({
  requests: 0,
  refused: 0,
  failed: 0,
  users: new Set(),
  days: new Set(),
  first: Number.POSITIVE_INFINITY,
  last: 0,
});

/** Adds up use within a range. Cost: one step an hour of a record; what is kept grows with the names, not with the records. */
export const createUsageSum = (by: UsageBy, range: HourRange) => {
  const sums = new Map<string, Sum>();
  const add = (record: UsageDay): void => {
    const hours = hoursIn(record, range);
    if (hours.length === 0) return;
    const name = namesOf[by](record);
    const sum = sums.get(name) ?? emptySum();
    sums.set(name, sum);
    for (const [hour, requests] of hours) {
      sum.requests += requests;
      if (record.status >= 500) sum.failed += requests;
      else if (record.status >= 400) sum.refused += requests;
      sum.first = Math.min(sum.first, hour);
      sum.last = Math.max(sum.last, hour);
    }
    sum.users.add(record.who);
    sum.days.add(record.day);
  };
  /** The most used first, those with as many requests by name. */
  const lines = (): UsageLine[] =>
    [...sums]
      .map(([name, { requests, refused, failed, users, days, first, last }]) => ({
        ...{ name, requests, refused, failed, users: users.size, days: days.size },
        ...{ firstHourAt: stampOf(first), lastHourAt: stampOf(last) },
      }))
      .sort((a, b) => b.requests - a.requests || (a.name < b.name ? -1 : 1));
  return { add, lines };
};
