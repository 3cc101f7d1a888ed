import { usageDays } from '#lib/records';
import type { Store } from '#ports/store';
import type { UsageBy, UsageDay, UsageGraduate, UsageLine } from '#schema/usage';
import { createGraduates } from '../monitoring/graduates.ts';
import { createUsageSum, type HourRange, hourOf } from '../monitoring/usage-sum.ts';
import { readCursor, writeCursor } from './lists.ts';

const hourMs = 3_600_000;
const dayOf = (hour: number): string => new Date(hour * hourMs).toISOString().slice(0, 10);

/** A range of moments as whole hours: the first is the one that `since` lies in, the last the one before `until`’s end. */
export const hoursBetween = (sinceMs: number, untilMs: number): HourRange => ({
  firstHour: hourOf(sinceMs),
  endHour: Math.ceil(untilMs / hourMs),
});

/** Every record of the days of a range, page by page, so that others are answered between. */
const eachDay = async (
  store: Store,
  { firstHour, endHour }: HourRange,
  add: (day: UsageDay) => void,
): Promise<void> => {
  const range = { skFirst: dayOf(firstHour), skEnd: `${dayOf(endHour)}~`, limit: 1_000 };
  let cursor: string | undefined;
  do {
    const page = await usageDays.list(store, 'i1', 'usage', { ...range, ...(cursor === undefined ? {} : { cursor }) });
    for (const { doc } of page.items) add(doc);
    cursor = page.next;
  } while (cursor !== undefined);
};

/** What is asked of use. */
export type UsageQuery = {
  readonly by: UsageBy;
  readonly client?: string | undefined;
  readonly who?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
};

const place = ({ requests, name }: { requests: number; name: string }): string => `${requests} ${name}`;

/** A page of what is sorted by requests and name; a cursor is the last of the page before. */
const pageFrom = <T extends { readonly requests: number; readonly name: string }>(
  sorted: readonly T[],
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): { items: T[]; next?: string } => {
  const after = cursor === undefined ? undefined : readCursor(cursor);
  const requests = Number(after?.split(' ')[0] ?? Number.POSITIVE_INFINITY);
  const name = after?.slice(after.indexOf(' ') + 1) ?? '';
  const rest = sorted.filter(
    (line) => after === undefined || line.requests < requests || (line.requests === requests && line.name > name),
  );
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  return { items, ...(rest.length > items.length && last ? { next: writeCursor(place(last)) } : {}) };
};

/** Use within a range, added up, the most used first. */
export const listUsage = async (
  store: Store,
  range: HourRange,
  query: UsageQuery,
): Promise<{ items: UsageLine[]; next?: string }> => {
  const { by, client, who } = query;
  const sum = createUsageSum(by, range);
  await eachDay(store, range, (day) => {
    if ((client === undefined || day.client === client) && (who === undefined || day.who === who)) sum.add(day);
  });
  return pageFrom(sum.lines(), query);
};

/** Integrations that should become views of papilio’s own, the most used first. */
export const listGraduates = async (
  store: Store,
  range: HourRange,
  page: Pick<UsageQuery, 'limit' | 'cursor'>,
): Promise<{ items: UsageGraduate[]; next?: string }> => {
  const graduates = createGraduates(range);
  await eachDay(store, range, graduates.add);
  return pageFrom(graduates.list(), page);
};
