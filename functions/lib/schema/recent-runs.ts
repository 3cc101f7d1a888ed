import * as z from 'zod';
import { Observation } from './detector-state.ts';
import { FacetRevision } from './facet.ts';

/** What holds since a message: the value of a facet, and which message it came with. */
const Standing = FacetRevision.pick({
  value: true,
  eventAt: true,
  receivedAt: true,
  reason: true,
  confidence: true,
}).extend({ messageId: z.string() });
export type Standing = z.infer<typeof Standing>;

/** What a run said last, of all that was legal in it. */
export const RunLine = z.object({
  runId: z.string(),
  run: z.int().min(0),
  last: Observation.pick({ stampedAt: true, order: true, type: true, messageId: true }),
  detector: Standing,
  runControl: Standing,
  configuration: z.string().optional(),
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
});
export type RunLine = z.infer<typeof RunLine>;

/**
 * The runs of which the DAQ spoke last, by its own stamps, the latest last. Papilio owns it; it follows from the runs'
 * timelines, and changes with them, so the state now does not depend on the order in which messages came.
 */
export const RecentRuns = z.object({ runs: z.array(RunLine).max(64) });
export type RecentRuns = z.infer<typeof RecentRuns>;
