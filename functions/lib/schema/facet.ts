import * as z from 'zod';

/**
 * What is known of the detector and its stream, facet by facet. Each facet has one owner, who alone revises it; a revision
 * is written once and never changed. The fields are those that the experiment proposes for a transition record.
 * @see 3.3
 */
export const FacetName = z.enum(['detector', 'run-control', 'observed', 'stream', 'processing']);
export type FacetName = z.infer<typeof FacetName>;

export const FacetOwner = z.enum(['daq', 'stream', 'papilio']);
export type FacetOwner = z.infer<typeof FacetOwner>;

/** `told`: the owner said so. `implied`: it follows from what was said. `observed`: seen on the stream, told by nobody. */
export const Confidence = z.enum(['told', 'implied', 'observed']);

export const FacetRevision = z.object({
  facet: FacetName,
  owner: FacetOwner,
  /** 1 for the first; the previous one is `revision - 1`. */
  revision: z.int().min(1),
  /** `run/physics`, `paused`, `silent`: the facet's own words. */
  value: z.string().max(60),
  previousValue: z.string().max(60).optional(),
  /** `changed`, or `corrected`: a late message showed that it had been otherwise. */
  type: z.enum(['changed', 'corrected']),
  reason: z.string().max(300),
  /** When it happened, by the owner's own clock. */
  eventAt: z.string(),
  receivedAt: z.iso.datetime(),
  /** What the revision belongs together with: the run. */
  runId: z.string().optional(),
  /** Message or command that led to it. */
  causeId: z.string().optional(),
  /** Function or user that wrote it. */
  actor: z.string(),
  confidence: Confidence,
  /** Version of the configuration in force, where the owner named one. */
  configuration: z.string().optional(),
  schemaVersion: z.literal(1),
});
export type FacetRevision = z.infer<typeof FacetRevision>;
