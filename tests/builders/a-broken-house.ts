import type { BrokerView } from '../../functions/lib/schema/condition.ts';
import type { ProcessLine } from '../../functions/lib/schema/processes.ts';
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

/** A broker that is connected, but for what the test says. */
export const aBroker = (changes: Partial<BrokerView> = {}): BrokerView => ({
  name: 'e1-bnl',
  url: 'stomp://broker:61613',
  state: 'connected',
  since: ago(600),
  ...changes,
});

/** A process that came up at its first start, but for what the test says. */
export const aProcess = (name: string, changes: Partial<ProcessLine> = {}): ProcessLine => ({
  name,
  state: 'up',
  pid: 4242,
  starts: 1,
  restarts: 0,
  since: ago(600),
  ...changes,
});

/** A process that was killed so many seconds ago and has been in its state since. */
export const aRestarted = (name: string, secondsAgo: number, changes: Partial<ProcessLine> = {}): ProcessLine =>
  aProcess(name, {
    ...{ starts: 2, restarts: 1, since: ago(secondsAgo) },
    lastExit: { at: ago(secondsAgo), cause: 'SIGKILL' },
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
  brokers: [],
  processes: [],
  ribbon: { run: 102363, phase: 'physics', state: 'run', substate: 'physics', since: ago(600) },
  facets: [],
  rates: { windowS: 60, announcedHz: 5, archivedHz: 5, processedHz: 5 },
  backlogs: { archiving: empty, processing: empty },
  ...changes,
  evidence: {
    lastStfMs: agoMs(1),
    held: { ...none, recent: 0, lastCode: undefined },
    notStored: { ...none, firstCode: undefined },
    failures: { ...none, recent: 0, lastCode: undefined },
    incomplete: { ...none, lastName: undefined },
    gaps: [],
    facilities: [],
    ...changes.evidence,
  },
});
