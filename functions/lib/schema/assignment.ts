import * as z from 'zod';
import { Resources } from './job.ts';

/** A job that asks the broker for a place, with the token to answer. */
export const PlacementAsk = z.object({
  kind: z.literal('place'),
  token: z.string(),
  jobId: z.string(),
  attempt: z.int().min(1),
  /** When its machine came to ask. Not every Step Functions writes `Z` and milliseconds; here it is one form, for asks are ordered by it. */
  requestedAt: z.iso.datetime({ offset: true, abort: true }).overwrite((moment) => new Date(moment).toISOString()),
  /** The execution that asks; an ask of an earlier version does not say. */
  executionId: z.string().optional(),
  /** Facilities that failed this job already. */
  avoid: z.array(z.string()).default([]),
});
export type PlacementAsk = z.infer<typeof PlacementAsk>;

/** What the broker keeps of an ask until it is assigned. */
export const PlacementRequest = PlacementAsk.extend({
  requestedAt: z.iso.datetime(),
  resources: Resources,
  /** Of a job that reads an STF: the file that must be archived first, and whether it was not yet. */
  file: z.object({ stfId: z.string(), name: z.string(), objectKey: z.string(), isAwaited: z.boolean() }).optional(),
  /** Higher goes first. */
  priority: z.int().min(0).max(1000),
});
export type PlacementRequest = z.infer<typeof PlacementRequest>;

/** Tells the broker that a job’s slot came free, or that it waits no more: it was cancelled. */
export const CapacityFreed = z.object({ kind: z.literal('freed'), jobId: z.string() });

/** Tells the broker to look again at all that waits: processing was suspended or resumed. */
export const ReviewAsk = z.object({ kind: z.literal('review') });

/** Reports to the broker that the file of a job which waits for it was archived, or could not be. */
export const FileSettled = z.object({ kind: z.literal('file'), jobId: z.string() });

export const BrokerMessage = z.discriminatedUnion('kind', [PlacementAsk, CapacityFreed, ReviewAsk, FileSettled]);
export type BrokerMessage = z.infer<typeof BrokerMessage>;

/** How one queue was judged for one job. */
export const Considered = z.object({
  facility: z.string(),
  queue: z.string(),
  isEligible: z.boolean(),
  score: z.number(),
  factors: z.record(z.string(), z.number()),
  /** Why not, if not eligible. */
  reason: z.string().optional(),
  /** What would make it eligible. */
  wouldNeed: z.string().optional(),
});
export type Considered = z.infer<typeof Considered>;

/** Why a job went where it went; written with the assignment, never changed. */
export const Explain = z.object({
  jobId: z.string(),
  attempt: z.int().min(1),
  decidedAt: z.iso.datetime(),
  chosen: z.string(),
  considered: z.array(Considered),
  /** Why it waits whatever is free: `suspended-by-operator since …: …`; then nothing was considered, and `chosen` is `none`. */
  held: z.string().optional(),
});
export type Explain = z.infer<typeof Explain>;

/** What waits at the broker, with what it last said of it. */
export const PlacementView = PlacementRequest.omit({ kind: true, token: true, executionId: true, file: true }).extend({
  explain: Explain.optional(),
});
export const PlacementPage = z.object({ items: z.array(PlacementView), next: z.string().optional() });
