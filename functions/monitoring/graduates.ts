import type { UsageDay, UsageGraduate } from '#schema/usage';
import { graduation } from './policy.ts';
import { type HourRange, hoursIn } from './usage-sum.ts';

/** Programs that many different integrations are made with: who uses them tells these apart. */
const shared: ReadonlySet<string> = new Set([
  ...['none', 'other', 'curl', 'wget', 'httpie', 'mozilla', 'node', 'undici', 'axios', 'got', 'bun', 'deno'],
  ...['python-requests', 'python-urllib', 'python-httpx', 'aiohttp', 'python', 'go-http-client', 'java', 'okhttp'],
  ...['apache-httpclient', 'libwww-perl', 'ruby', 'postmanruntime'],
]);
/** Papilio’s own programs have graduated. */
const isOwn = (client: string): boolean => /^papilio(-|$)/i.test(client);

type Tally = {
  readonly client: string;
  readonly who: string | undefined;
  readonly days: Set<string>;
  readonly users: Set<string>;
  readonly routes: Map<string, { requests: number; isRead: boolean }>;
  requests: number;
};

const round = (value: number): number => Math.round(value * 100) / 100;

const judge = ({ days, users, routes, requests }: Tally) => {
  const [[route, most] = ['none', { requests: 0, isRead: false }]] = [...routes].sort(
    ([a, x], [b, y]) => y.requests - x.requests || (a < b ? -1 : 1),
  );
  const aDay = requests / days.size;
  const share = most.isRead ? most.requests / requests : 0;
  const evidence: UsageGraduate['evidence'] = [
    {
      rule: 'days',
      value: days.size,
      threshold: graduation.days,
      isMet: days.size >= graduation.days,
      says: `used on ${days.size} days`,
    },
    {
      ...{ rule: 'requests-a-day', value: round(aDay), threshold: graduation.requestsADay },
      ...{ isMet: aDay >= graduation.requestsADay, says: `${Math.round(aDay)} requests on a day of use` },
    },
    {
      ...{ rule: 'users', value: users.size, threshold: graduation.users },
      ...{ isMet: users.size >= graduation.users, says: `${users.size} people or machines use it` },
    },
    {
      ...{ rule: 'polling', value: round(share), threshold: graduation.pollingShare },
      isMet: share >= graduation.pollingShare && aDay >= graduation.pollingRequestsADay,
      says: `${Math.round(share * 100)} % of its requests ask ${route} again`,
    },
  ];
  return { route, evidence };
};

/**
 * Finds integrations that should become views of papilio’s own: those that are used on enough days, and that ask much, or
 * serve several people, or ask the same over and over. Each comes with what was found for each rule. @see 11.8
 */
export const createGraduates = (range: HourRange) => {
  const tallies = new Map<string, Tally>();
  const tallyOf = ({ client, who }: UsageDay): Tally => {
    const user = shared.has(client.toLowerCase()) ? who : undefined;
    const name = user === undefined ? client : `${client} of ${user}`;
    const known = tallies.get(name);
    if (known) return known;
    const made: Tally = { client, who: user, days: new Set(), users: new Set(), routes: new Map(), requests: 0 };
    tallies.set(name, made);
    return made;
  };
  const add = (record: UsageDay): void => {
    const requests = hoursIn(record, range).reduce((sum, [, count]) => sum + count, 0);
    if (requests === 0 || isOwn(record.client)) return;
    const tally = tallyOf(record);
    const route = `${record.method} ${record.route}`;
    const asked = tally.routes.get(route) ?? { requests: 0, isRead: record.method === 'GET' };
    asked.requests += requests;
    tally.routes.set(route, asked);
    tally.requests += requests;
    tally.days.add(record.day);
    tally.users.add(record.who);
  };
  const list = (): UsageGraduate[] =>
    [...tallies]
      .flatMap(([name, tally]): UsageGraduate[] => {
        const { route, evidence } = judge(tally);
        const [days, ...others] = evidence;
        if (!days?.isMet || !others.some(({ isMet }) => isMet)) return [];
        const isPolling = others.some(({ rule, isMet }) => rule === 'polling' && isMet);
        const { client, who, requests } = tally;
        const suggests = isPolling ? 'live-events' : 'view';
        return [{ name, client, ...(who === undefined ? {} : { who }), requests, route, suggests, evidence }];
      })
      .sort((a, b) => b.requests - a.requests || (a.name < b.name ? -1 : 1));
  return { add, list };
};
