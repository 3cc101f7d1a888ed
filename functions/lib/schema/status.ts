import * as z from 'zod';
import { AnchorReport } from './anchor.ts';
import { Broken } from './broken.ts';
import { BrokerView, DiskReport, StoreTrouble } from './condition.ts';
import { DamageReport } from './damage.ts';
import { DetectorState, DetectorSubstate } from './detector-state.ts';
import { FacetRevision } from './facet.ts';
import { ProcessLine } from './processes.ts';

/**
 * How it goes: counts, latencies and the health of the planes. Derived from the two event logs and from what the planes
 * say of themselves; changes with every event.
 */

const count = z.int().min(0);

/** Half and 99 % of the values lie at or below these; null as long as there are none. */
export const Percentiles = z.object({ p50: z.number().nullable(), p99: z.number().nullable() });
export type Percentiles = z.infer<typeof Percentiles>;

export const HopName = z.enum(['archived', 'catalogued', 'assigned', 'submitted', 'settled', 'processed']);
export type HopName = z.infer<typeof HopName>;

/** Time from one step of an STF's way to the next; `archived` and `catalogued` count from the DAQ's message. */
export const Hop = z.object({ name: HopName, count, p50Ms: z.number().nullable(), p99Ms: z.number().nullable() });
export type Hop = z.infer<typeof Hop>;

export const StfCounts = z.object({
  /** Distinct STFs that a message announced. */
  seen: count,
  archived: count,
  processed: count,
  failed: count,
  /** STFs of which a message is held in quarantine now. */
  quarantined: count,
  /** Announced STFs that the archive plane holds in quarantine now instead of storing them; absent where there are none. */
  notStored: count.optional(),
});
export type StfCounts = z.infer<typeof StfCounts>;

export const MessageCounts = z.object({
  /** Messages and their repeats. */
  seen: count,
  duplicate: count,
  /** Held in quarantine now. */
  quarantined: count,
});
export type MessageCounts = z.infer<typeof MessageCounts>;

export const OutputLine = z.object({
  id: z.string(),
  name: z.string(),
  sizeBytes: count,
  checksumAdler32: z.string(),
  /** Of the merge of a run: STFs that it holds, of how many, when it was registered. */
  merge: z.object({ inputs: count, expected: count, isPartial: z.boolean() }).optional(),
});
export type OutputLine = z.infer<typeof OutputLine>;

/** Counts of one run, or of everything if `run` is null. */
export const Figures = z.object({
  run: z.int().min(0).nullable(),
  stfs: StfCounts,
  messages: MessageCounts,
  /** From the receipt of an STF's message to its registered output. */
  latencyMs: Percentiles,
  hops: z.array(Hop),
});
export type Figures = z.infer<typeof Figures>;

/** The account of a run: what came in, what became of it, what came out. */
export const Summary = Figures.omit({ hops: true }).extend({
  /** At most 100, in the order of their ids; `GET /v1/outputs?run=` lists all of a run. */
  outputs: z.array(OutputLine),
  /** How many outputs there are in all. */
  outputCount: count.optional(),
});
export type Summary = z.infer<typeof Summary>;

/** The state ribbon: what the DAQ last said of the detector, and in which run; `since` by papilio's clock. */
export const Ribbon = z.object({
  run: z.int().min(0),
  phase: z.string(),
  state: DetectorState.optional(),
  substate: DetectorSubstate.optional(),
  since: z.iso.datetime(),
});
export type Ribbon = z.infer<typeof Ribbon>;

/** What is known of one facet now: its latest revision. */
export const FacetView = FacetRevision.pick({
  facet: true,
  revision: true,
  value: true,
  previousValue: true,
  reason: true,
  eventAt: true,
  receivedAt: true,
  runId: true,
});
export type FacetView = z.infer<typeof FacetView>;

/** STFs a second over the last `windowS`. */
export const Rates = z.object({
  windowS: z.int().min(1),
  /** Announced by the DAQ. */
  announcedHz: z.number().min(0),
  archivedHz: z.number().min(0),
  processedHz: z.number().min(0),
});
export type Rates = z.infer<typeof Rates>;

/** STFs that wait for one thing; those that are held in quarantine wait for a person and do not count. */
export const Backlog = z.object({
  count,
  /** Receipt of the one that waits longest. */
  oldestAt: z.iso.datetime().optional(),
  trend: z.enum(['growing', 'steady', 'shrinking']),
  /** By how much it grew over the last minute; negative where it shrank. */
  perMinute: z.number(),
  /** When it shrinks: how long it takes at this rate. */
  catchUpS: z.number().min(0).optional(),
});
export type Backlog = z.infer<typeof Backlog>;

/** Announced and not archived; archived and neither processed nor failed. */
export const Backlogs = z.object({ archiving: Backlog, processing: Backlog });
export type Backlogs = z.infer<typeof Backlogs>;

export const QueueDepth = z.object({ visible: count, inFlight: count, delayed: count });
export type QueueDepth = z.infer<typeof QueueDepth>;

/** What a plane needs, lies outside of it, and does not answer: where that is, and what came instead. */
const ServiceAway = z.object({ what: z.string(), reason: z.string() });

/** What somebody else has said on a stack in papilio's place: in which queue, or of which thing; since the plane began. */
export const ForgedReport = z.object({ what: z.string(), count, lastAt: z.iso.datetime(), reason: z.string() });
export type ForgedReport = z.infer<typeof ForgedReport>;

/** What a plane's socket answers about itself. */
export const PlaneReport = z.object({
  plane: z.string(),
  /** The build and the Node that run. */
  build: z.string().optional(),
  node: z.string().optional(),
  startedAt: z.string().optional(),
  runningExecutions: count.optional(),
  /** Starts and ends of executions that are not in the event log yet. */
  eventsWaiting: count.optional(),
  /** Absent where its queues do not answer. */
  queues: z.record(z.string(), QueueDepth).optional(),
  servicesAway: z.array(ServiceAway).optional(),
  forged: z.array(ForgedReport).optional(),
  health: z.unknown().optional(),
  quota: z.looseObject({ paused: z.string().optional() }).optional(),
  parked: z.array(z.unknown()).optional(),
  damaged: DamageReport.optional(),
  disk: DiskReport.optional(),
  store: StoreTrouble.optional(),
  anchor: AnchorReport.optional(),
});
export type PlaneReport = z.infer<typeof PlaneReport>;

export const PlaneView = z.object({
  name: z.enum(['archive', 'work']),
  /** Whether it answers now. */
  isAlive: z.boolean(),
  /** When it last answered. */
  lastNewsAt: z.iso.datetime().optional(),
  build: z.string().optional(),
  node: z.string().optional(),
  startedAt: z.string().optional(),
  runningExecutions: count.optional(),
  /** Starts and ends of executions that are not in the event log yet. */
  eventsWaiting: count.optional(),
  /** Messages in all its queues; the dead-letter queues apart. */
  queued: count.optional(),
  deadLetters: count.optional(),
  /** Inputs that stopped the plane's loop and wait for a person. */
  parked: count.optional(),
  /** When the first of them was parked. */
  parkedSince: z.iso.datetime().optional(),
  /** Files and records of it that are damaged; absent where none are known to be. */
  damaged: DamageReport.optional(),
  /** What of its services does not answer; absent where all do. */
  servicesAway: z.array(ServiceAway).optional(),
  /** What others have said in papilio's place on the stack; absent where nobody has. */
  forged: z.array(ForgedReport).optional(),
  /** Why it takes no work now. */
  paused: z.string().optional(),
  queues: z.record(z.string(), QueueDepth).optional(),
  health: z.unknown().optional(),
  quota: z.unknown().optional(),
  disk: DiskReport.optional(),
  store: StoreTrouble.optional(),
  /** Where signed heads of its event log go, and the last one there; absent without an anchor. */
  anchor: AnchorReport.optional(),
});
export type PlaneView = z.infer<typeof PlaneView>;

/** Whether a plane answers, and all that it needs. */
export const isPlaneWell = ({ isAlive, servicesAway }: Pick<PlaneView, 'isAlive' | 'servicesAway'>): boolean =>
  isAlive && servicesAway === undefined;

export const Status = z.object({
  instance: z.string(),
  wing: z.string(),
  build: z.string(),
  at: z.iso.datetime(),
  /** Positions in both logs that this tells of: `a1042-w99317`. */
  position: z.string(),
  /** Events from before the start are still being counted: counts and states are as of `position`, not of now. */
  isCatchingUp: z.literal(true).optional(),
  /** Position at which all of them are counted. */
  catchUpEnd: z.string().optional(),
  ribbon: Ribbon.optional(),
  /** Detector, run control, stream and processing, as far as anything is known of them. */
  facets: z.array(FacetView),
  /** Everything since the beginning. */
  total: Figures,
  /** The run that the ribbon names. */
  current: Figures.optional(),
  /** Age of the STF that waits longest for its processing; 0 if none waits. */
  lagMs: z.number().min(0),
  /** What it is to stay below: DAQ messages start work within this. */
  lagLimitMs: z.number().min(0),
  /** STFs that are announced and neither processed, failed nor quarantined. */
  waiting: count,
  /** When the latest STF was announced. */
  lastStfAt: z.iso.datetime().optional(),
  rates: Rates,
  backlogs: Backlogs,
  /** What is broken, the worst first. */
  broken: z.array(Broken),
  planes: z.array(PlaneView),
  /** Brokers that the bridge is configured for; absent without one. */
  brokers: z.array(BrokerView).optional(),
  /** Processes of this instance with their restarts; absent where no supervisor runs them. */
  processes: z.array(ProcessLine).optional(),
  /** Nothing is to be replayed, queued or running, and every event is counted. */
  isQuiet: z.boolean(),
});
export type Status = z.infer<typeof Status>;

export const Health = z.object({
  isHealthy: z.boolean(),
  planes: z.array(PlaneView.pick({ name: true, isAlive: true, lastNewsAt: true, servicesAway: true })),
  /** Outages, the worst first. Everybody may read this, so their evidence is in the status only. */
  problems: z
    .array(Broken.pick({ kind: true, plane: true, severity: true, what: true, since: true, todo: true }))
    .optional(),
});
export type Health = z.infer<typeof Health>;

/** Whether the front can answer what it is asked, and what was looked at. */
export const Readiness = z.object({
  isReady: z.literal(true),
  checks: z.array(z.object({ name: z.string(), isOk: z.boolean(), reason: z.string().optional() })),
});
export type Readiness = z.infer<typeof Readiness>;

export const Version = z.object({
  name: z.literal('papilio'),
  build: z.string(),
  instance: z.string(),
  wing: z.string(),
  epoch: z.int(),
  api: z.literal('v1'),
});
export type Version = z.infer<typeof Version>;
