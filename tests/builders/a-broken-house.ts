import type { Backlog, PlaneView } from '../../functions/lib/schema/status.ts';
import type { BrokenInputs } from '../../functions/monitoring/broken-inputs.ts';

const nowMs = Date.UTC(2026, 0, 1, 12);
const none = { count: 0, firstMs: undefined };
const empty: Backlog = { count: 0, trend: 'steady', perMinute: 0 };

/** So many seconds before the moment that is judged. */
export const agoMs = (seconds: number): number => nowMs - seconds * 1000;
/** The same, as it is written. */
export const ago = (seconds: number): string => new Date(agoMs(seconds)).toISOString();

/** A plane that is well, but for what the test says. */
export const aPlane = (name: PlaneView['name'], changes: Partial<PlaneView> = {}): PlaneView => ({
  name,
  isAlive: true,
  queued: 0,
  queues: {},
  ...changes,
});

/** A backlog whose oldest STF waits so long. */
export const aBacklog = (oldestS: number, changes: Partial<Backlog> = {}): Backlog => ({
  ...empty,
  count: 40,
  oldestAt: ago(oldestS),
  ...changes,
});

/** A house in which nothing is broken while physics is taken, but for what the test says. */
export const aHouse = (changes: Partial<BrokenInputs> = {}): BrokenInputs => ({
  nowMs,
  planes: [aPlane('archive'), aPlane('work')],
  ribbon: { run: 102363, phase: 'physics', state: 'run', substate: 'physics', since: ago(600) },
  facets: [],
  rates: { windowS: 60, announcedHz: 5, archivedHz: 5, processedHz: 5 },
  backlogs: { archiving: empty, processing: empty },
  ...changes,
  evidence: {
    lastStfMs: agoMs(1),
    held: { ...none, lastCode: undefined },
    failures: { ...none, now: 0, lastCode: undefined },
    incomplete: { ...none, lastName: undefined },
    gaps: [],
    facilities: [],
    ...changes.evidence,
  },
});
