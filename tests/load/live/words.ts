import * as z from 'zod';

/** What the benchmark tells the process of the listeners to do. */
export const Order = z.object({
  does: z.enum(['connect', 'cut', 'count', 'close', 'report']),
  port: z.int().optional(),
  count: z.int().optional(),
  /** Position after which they begin. */
  begin: z.string().optional(),
});
export type Order = z.infer<typeof Order>;

/** What it answers: how its listeners stand, and what they heard since they began to count. */
export const Report = z.object({
  events: z.int(),
  lost: z.int(),
  repeated: z.int(),
  refused: z.int(),
  open: z.int(),
  /** Both numbers of the last id together, of the listener that is the furthest behind and of the first. */
  sumLeast: z.number().nullable(),
  sumMost: z.number().nullable(),
  waitedP50Ms: z.number(),
  waitedP99Ms: z.number(),
  waitedMostMs: z.number(),
});
export type Report = z.infer<typeof Report>;
