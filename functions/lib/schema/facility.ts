import * as z from 'zod';

/** A facility: a site and its queues, each an entrance with its own limits. Papilio owns the record; operators change it. */
export const FacilityQueue = z.object({
  name: z.string(),
  slots: z.int().min(0),
  coresPerSlot: z.int().min(1),
  memoryMbPerSlot: z.int().min(1),
  isOnline: z.boolean(),
});
export type FacilityQueue = z.infer<typeof FacilityQueue>;

/** Why a facility gets no more work: who wants it so, since when, and until when at the latest. */
export const Drain = z.object({
  by: z.string(),
  why: z.string(),
  sinceAt: z.iso.datetime(),
  /** Then it ends by itself. */
  untilAt: z.iso.datetime().optional(),
});
export type Drain = z.infer<typeof Drain>;

/** What a drain may say besides its reason. */
export const DrainWish = z.object({
  untilAt: z.iso
    .datetime()
    .optional()
    .describe('When it ends by itself; without it, when somebody resumes the facility'),
});

/** What a person did to a facility. */
export const FacilityAct = z.object({
  commandId: z.string(),
  act: z.enum(['drain', 'resume']),
  by: z.string(),
  why: z.string(),
  at: z.iso.datetime(),
});
export type FacilityAct = z.infer<typeof FacilityAct>;

export const Facility = z.object({
  id: z.string(),
  name: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/),
  kind: z.enum(['local']),
  isOnline: z.boolean(),
  queues: z.array(FacilityQueue).min(1),
  /** While it is there, the broker places nothing; what runs goes on. */
  drain: Drain.optional(),
  /** The latest, oldest first. */
  acts: z.array(FacilityAct).optional(),
});
export type Facility = z.infer<typeof Facility>;
