import * as z from 'zod';
import { RunConditions } from './daq-lifecycle.ts';
import { StatePair } from './detector-state.ts';

/** A run of the DAQ, as its lifecycle messages tell it: derived from the timeline, a new revision with every change of it. */
export const Run = z.object({
  id: z.string(),
  run: z.int().min(0),
  phase: z.enum(['unknown', 'imminent', 'physics', 'standby', 'ended']),
  pair: StatePair.optional(),
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
  /** As `end_run` says. */
  totalStfs: z.int().min(0).optional(),
  /** As the DAQ said last: beam energy, magnetic field, bunch structure. */
  conditions: RunConditions.optional(),
  /** How often it was announced or started again after its end; such messages are held. */
  restarts: z.int().min(1).optional(),
});
export type Run = z.infer<typeof Run>;

/** Exact counts of a run's STFs, changed in the transaction that settles one: of all, or of one share of them. */
export const RunProgress = z.object({
  runId: z.string(),
  catalogued: z.int().min(0),
  processed: z.int().min(0),
  /** Below zero in a share that took up an STF whose failure another had counted. */
  failed: z.int(),
  /** When its latest STF was catalogued. */
  lastStfAt: z.iso.datetime().optional(),
  /** Whoever waits for the run to be complete. */
  waiter: z.string().optional(),
});
export type RunProgress = z.infer<typeof RunProgress>;
