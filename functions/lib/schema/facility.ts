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

export const Facility = z.object({
  id: z.string(),
  name: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/),
  kind: z.enum(['local']),
  isOnline: z.boolean(),
  queues: z.array(FacilityQueue).min(1),
});
export type Facility = z.infer<typeof Facility>;
