import * as z from 'zod';

/** An STF that was seen with a state: the earliest of its state, its run and its few seconds. */
export const Sighting = z.object({
  value: z.string().max(60),
  stampedAt: z.string(),
  run: z.int().min(0),
  sequence: z.int().min(0),
  runId: z.string(),
  messageId: z.string(),
  receivedAt: z.iso.datetime(),
});
export type Sighting = z.infer<typeof Sighting>;

/**
 * The states in which STFs were seen lately, in the order of their stamps. Papilio owns it; it changes a few times a minute
 * while the state stays, and with each change of state.
 */
export const Sightings = z.object({
  latest: z.array(Sighting).max(64),
  /** Where the state of the oldest of `latest` began, if that was before it. */
  before: Sighting.optional(),
  /** Stamped far before earlier STFs of its run, and not yet believed. */
  doubted: Sighting.optional(),
});
export type Sightings = z.infer<typeof Sightings>;
