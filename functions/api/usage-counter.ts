import type { UsageCount } from '#schema/usage';

/** What the front tells of use that papilio does not know yet. */
export type UsageCounter = {
  /** Counts one request; the hour is its number since 1970. */
  readonly count: (asked: Omit<UsageCount, 'hourAt' | 'requests'>, hour: number) => void;
  /** What was counted since the last time. */
  readonly take: () => UsageCount[];
  readonly isEmpty: () => boolean;
};

/** Ways of asking that are told apart between two tellings, and programs that are within an hour; beyond that all are `other`. */
const most = { lines: 2_000, clients: 300 } as const;

/** The product of a `User-Agent`, without version and comments: `curl/8.1 (x86)` is `curl`. */
export const productOf = (userAgent: string | undefined): string =>
  /^\s*([\w!#$%&'*+.^`|~-]{1,60})/.exec(userAgent ?? '')?.[1] ?? 'none';

type Asked = Parameters<UsageCounter['count']>[0];

/** Counts requests in memory. A request costs one look into a map; what is kept is bounded, whoever asks. */
export const createUsageCounter = (): UsageCounter => {
  const lines = new Map<string, { readonly asked: Asked; readonly hour: number; requests: number }>();
  // Who is not known and calls himself many things takes nobody else's place.
  const clientsOf = { known: new Set<string>(), unknown: new Set<string>() };
  let clientsHour = 0;

  const clientOf = ({ client, who }: Pick<Asked, 'client' | 'who'>, hour: number): string => {
    if (hour !== clientsHour) {
      clientsOf.known.clear();
      clientsOf.unknown.clear();
      clientsHour = hour;
    }
    const clients = clientsOf[who === 'anonymous' ? 'unknown' : 'known'];
    if (clients.has(client)) return client;
    if (clients.size >= most.clients) return 'other';
    clients.add(client);
    return client;
  };
  const add = (asked: Asked, hour: number): void => {
    const { who, token, client, method, route, status } = asked;
    const key = JSON.stringify([hour, status, route, client, method, who, token]);
    const line = lines.get(key);
    if (line) line.requests += 1;
    else if (lines.size < most.lines) lines.set(key, { asked, hour, requests: 1 });
    else if (route !== 'other') add({ who: 'other', client: 'other', method, route: 'other', status }, hour);
    else lines.set(key, { asked, hour, requests: 1 });
  };
  return {
    count: (asked, hour) => add({ ...asked, client: clientOf(asked, hour) }, hour),
    isEmpty: () => lines.size === 0,
    take: () => {
      const taken = [...lines.values()].map(({ asked, hour, requests }) => ({
        ...asked,
        hourAt: new Date(hour * 3_600_000).toISOString(),
        requests,
      }));
      lines.clear();
      return taken;
    },
  };
};
