import * as z from 'zod';
import { LifecycleType, Remark, RunConditions } from './daq-lifecycle.ts';

/** The detector's state as DAQ tells it; owned by the DAQ, changed by its lifecycle messages only. */
export const DetectorState = z.enum(['off', 'no_beam', 'beam', 'run', 'calib', 'test']);
export type DetectorState = z.infer<typeof DetectorState>;

export const DetectorSubstate = z.enum([
  'not_ready',
  'ready',
  'physics',
  'standby',
  'lumi',
  'eic',
  'epic',
  'daq',
  'calib',
]);
export type DetectorSubstate = z.infer<typeof DetectorSubstate>;

export const StatePair = z.object({ state: DetectorState, substate: DetectorSubstate });
export type StatePair = z.infer<typeof StatePair>;

/** One lifecycle message, as evidence: what was said, and when by the DAQ's own stamp. */
export const Observation = z.object({
  messageId: z.string(),
  type: LifecycleType,
  /** The DAQ's stamp, UTC, microseconds kept. */
  stampedAt: z.string(),
  /** The DAQ's own order where it gives one (`simulation_tick`). */
  order: z.number(),
  pair: StatePair.optional(),
  totalStfs: z.int().min(0).optional(),
  conditions: RunConditions.optional(),
  /** What is odd about it and does not make it illegal. */
  remarks: z.array(Remark).optional(),
  receivedAt: z.iso.datetime(),
  raw: z.string(),
});
export type Observation = z.infer<typeof Observation>;

/** A judged step of a run's timeline: legal ones make the state, illegal ones wait in quarantine. */
export const TimelineStep = Observation.extend({
  isLegal: z.boolean(),
  from: StatePair.optional(),
  to: StatePair.optional(),
  /** The rule that an illegal one breaks, and how. */
  rule: z.string().optional(),
  reason: z.string().optional(),
  /** The DAQ counts it before what it stamped earlier. */
  isClockBack: z.boolean().optional(),
});
export type TimelineStep = z.infer<typeof TimelineStep>;

/** All that DAQ said about a run's life, sorted by its own stamps; a late message makes a new revision. */
export const Timeline = z.object({ runId: z.string(), steps: z.array(TimelineStep).max(500) });
export type Timeline = z.infer<typeof Timeline>;
