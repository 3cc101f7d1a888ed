import type { Backlog, Backlogs, Rates } from '#schema/status';
import { iso } from './moment.ts';
import { steadyWithin } from './policy.ts';
import type { TallyState } from './tally-state.ts';

const windowS = 60;
const rounded = (value: number): number => Math.round(value * 100) / 100;

/** STFs that wait, and the receipt of the first. */
export type Open = { readonly count: number; readonly sinceMs: number | undefined };

/** STFs that a person has to decide about first. */
const heldStfs = (state: TallyState): Set<string> => {
  const held = new Set<string>();
  for (const { stfId } of state.held.values()) if (stfId !== undefined) held.add(stfId);
  return held;
};

const openOf = (stfs: ReadonlyMap<string, number>, isOpen: (stfId: string) => boolean): Open => {
  let count = 0;
  let sinceMs: number | undefined;
  for (const [stfId, receivedMs] of stfs) {
    if (!isOpen(stfId)) continue;
    count += 1;
    sinceMs ??= receivedMs;
  }
  return { count, sinceMs };
};

/** STFs that wait for their processing, archived or not; one that is held in quarantine does not. */
export const waitingIn = (state: TallyState): Open => {
  const held = heldStfs(state);
  return openOf(state.waiting, (stfId) => !held.has(stfId));
};

/**
 * How a backlog goes by what came and what went in the last minute: 12 wait, 100 came, 140 went: it shrinks by 40 a minute
 * and is caught up with in 18 s.
 */
const backlogOf = ({ count, sinceMs }: Open, came: number, went: number): Backlog => {
  // Nothing grew by more than there is: the rest was held in quarantine.
  const perMinute = Math.min(came - went, count);
  const isSteady = Math.abs(perMinute) <= Math.max(steadyWithin.stfs, steadyWithin.share * Math.max(came, went));
  const change = perMinute > 0 ? 'growing' : 'shrinking';
  const trend = isSteady || count === 0 ? 'steady' : change;
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
  const { announced, archived, processed, failed } = state.flow;
  const [came, kept] = [announced.until(nowMs).count, archived.until(nowMs).count];
  const settled = processed.until(nowMs).count + failed.until(nowMs).count;
  const held = heldStfs(state);
  const unarchived = openOf(state.unarchived, (stfId) => !held.has(stfId));
  const unprocessed = openOf(state.waiting, (stfId) => !held.has(stfId) && !state.unarchived.has(stfId));
  return { archiving: backlogOf(unarchived, came, kept), processing: backlogOf(unprocessed, kept, settled) };
};

/** STFs a second, over the last minute. */
export const ratesOf = ({ flow }: TallyState, nowMs: number): Rates => {
  const hz = (name: keyof typeof flow): number => rounded(flow[name].until(nowMs).count / windowS);
  return { windowS, announcedHz: hz('announced'), archivedHz: hz('archived'), processedHz: hz('processed') };
};
