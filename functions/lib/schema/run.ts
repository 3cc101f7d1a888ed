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

/** Latest pass of a run's merge that was planned. */
export const RunMerge = z.object({
  pass: z.int().min(1),
  /** STFs that it holds; 0 for a pass that found nothing to merge. */
  inputs: z.int().min(0),
  isPartial: z.boolean(),
  /** Whether its output is registered, or it has none. */
  isSettled: z.boolean(),
  /** Merged output that is current: of this pass, or of the last one that left any. */
  outputId: z.string().optional(),
});
export type RunMerge = z.infer<typeof RunMerge>;

/** Exact counts of a run's STFs, changed in the transaction that settles one: of all, or of one share of them. */
export const RunProgress = z.object({
  runId: z.string(),
  catalogued: z.int().min(0),
  processed: z.int().min(0),
  /** Below zero in a share that took up an STF whose failure another had counted. */
  failed: z.int(),
  /** When its latest STF was catalogued. */
  lastStfAt: z.iso.datetime().optional(),
  /** When its latest STF was processed or failed; records of earlier builds have none. */
  lastSettledAt: z.iso.datetime().optional(),
  /** Task token of the merge that waits for the run. */
  waiter: z.string().optional(),
  /** Pass of that merge; tokens of earlier builds have none. */
  waiterPass: z.int().min(1).optional(),
  /** In the first share. */
  merge: RunMerge.optional(),
});
export type RunProgress = z.infer<typeof RunProgress>;

/** A run of which the work plane has catalogued an STF. Written with its first ones, never changed. */
export const StfRun = z.object({ runId: z.string(), run: z.int().min(0) });
export type StfRun = z.infer<typeof StfRun>;
