import * as z from 'zod';

/** Jobs of one task handed to one facility together, with the one token that is answered when all have settled. */
export const Bundle = z.object({
  id: z.string(),
  facility: z.string(),
  queue: z.string(),
  token: z.string(),
  attemptIds: z.array(z.string()).min(1).max(1000),
});
export type Bundle = z.infer<typeof Bundle>;

/** A bundle as people see it. */
export const BundleView = Bundle.omit({ token: true }).extend({
  jobIds: z.array(z.string()).min(1).max(1000),
  /** It is with its facility, or on its way there. */
  isOpen: z.boolean(),
});
export type BundleView = z.infer<typeof BundleView>;
export const BundlePage = z.object({ items: z.array(BundleView), next: z.string().optional() });

/** Tells that an attempt has ended, or may have. */
export const SettleNotice = z.object({ attemptId: z.string() });

/** What a settled job says to its state machine. */
export const Settlement = z.object({
  jobId: z.string(),
  attemptId: z.string(),
  attempt: z.int().min(1),
  decision: z.enum(['register', 'retry', 'fail']),
  code: z.string(),
  reason: z.string(),
  /** How long the job rests before a further attempt. */
  pauseS: z.int().min(0),
  /** Facilities to avoid in a further attempt. */
  avoid: z.array(z.string()),
});
export type Settlement = z.infer<typeof Settlement>;
