import type { Backlog, Backlogs, Rates } from '#schema/status';
import { iso } from './moment.ts';
import { steadyWithin, trendWindowS } from './policy.ts';
import type { TallyState } from './tally-state.ts';

const windowS = 60;
const rounded = (value: number): number => Math.round(value * 100) / 100;

/** STFs that wait, and the receipt of the first. */
export type Open = { readonly count: number; readonly sinceMs: number | undefined };

/** STFs of which none is set aside, and the first of them; asked for what is set aside, not for all that waits. */
const openOf = (stfs: ReadonlyMap<string, number>, isAside: (stfId: string) => boolean, aside: number): Open => {
  const count = stfs.size - aside;
  if (count === 0) return { count, sinceMs: undefined };
  for (const [stfId, sinceMs] of stfs) if (!isAside(stfId)) return { count, sinceMs };
  return { count, sinceMs: undefined };
};

const countIn = (stfs: ReadonlyMap<string, number>, some: Iterable<string>, isOther = (_: string) => true): number => {
  let count = 0;
  for (const stfId of some) if (stfs.has(stfId) && isOther(stfId)) count += 1;
  return count;
};

/** STFs that wait for their processing, archived or not; one that is held in quarantine waits for a person. */
export const waitingIn = ({ waiting, held }: TallyState): Open =>
  openOf(waiting, held.isStfHeld, countIn(waiting, held.stfs()));

/** STFs that wait for the archive. */
const unarchivedIn = ({ unarchived, held }: TallyState): Open =>
  openOf(unarchived, held.isStfHeld, countIn(unarchived, held.stfs()));

/** STFs that are archived and wait for their processing. */
const unprocessedIn = ({ waiting, unarchived, held }: TallyState): Open => {
  const isHeldOnly = (stfId: string): boolean => !unarchived.has(stfId);
  const aside = countIn(waiting, unarchived.keys()) + countIn(waiting, held.stfs(), isHeldOnly);
  return openOf(waiting, (stfId) => held.isStfHeld(stfId) || unarchived.has(stfId), aside);
};

/**
 * Trend of a backlog by what came and what went in the last 20 s: 12 wait, 30 came, 44 went: it shrinks by 42 a minute and is
 * caught up with in 17 s.
 */
const backlogOf = ({ count, sinceMs }: Open, came: number, went: number): Backlog => {
  // Nothing grew by more than there is: the rest was held in quarantine.
  const change = Math.min(came - went, count);
  const perMinute = (change * windowS) / trendWindowS;
  const isSteady = Math.abs(change) <= Math.max(steadyWithin.stfs, steadyWithin.share * Math.max(came, went));
  const direction = change > 0 ? 'growing' : 'shrinking';
  const trend = isSteady || count === 0 ? 'steady' : direction;
  return {
    count,
    ...(sinceMs === undefined ? {} : { oldestAt: iso(sinceMs) }),
    trend,
    perMinute,
    ...(trend === 'shrinking' ? { catchUpS: Math.round((windowS * count) / -perMinute) } : {}),
  };
};

/** What waits for the archive, and what waits for its processing there. */
export const backlogsOf = (state: TallyState, nowMs: number): Backlogs => {
  const lately = (name: keyof TallyState['flow']): number => state.flow[name].until(nowMs, trendWindowS).count;
  const [came, kept] = [lately('announced'), lately('archived')];
  const settled = lately('processed') + lately('failed');
  return {
    archiving: backlogOf(unarchivedIn(state), came, kept),
    processing: backlogOf(unprocessedIn(state), kept, settled),
  };
};

/** STFs a second, over the last minute. */
export const ratesOf = ({ flow }: TallyState, nowMs: number): Rates => {
  const hz = (name: keyof typeof flow): number => rounded(flow[name].until(nowMs).count / windowS);
  return { windowS, announcedHz: hz('announced'), archivedHz: hz('archived'), processedHz: hz('processed') };
};
