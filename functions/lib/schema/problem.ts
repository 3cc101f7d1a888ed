import * as z from 'zod';

/**
 * What papilio answers when it cannot do what was asked: RFC 9457 problem details. Papilio owns the codes; they are the
 * rows of the error catalogue and never change their meaning.
 */
export const ProblemDetails = z.object({
  /** Where the code is explained. */
  type: z.string(),
  title: z.string(),
  status: z.int().min(400).max(599),
  /** What was found, naming the thing and the value. */
  detail: z.string(),
  code: z.string(),
  requestId: z.string(),
  /** What to try. */
  help: z.string(),
  /** Whether the same request may succeed later. */
  retryable: z.boolean(),
});
export type ProblemDetails = z.infer<typeof ProblemDetails>;

/** A row of the error catalogue. */
export const ErrorEntry = z.object({
  code: z.string(),
  kind: z.enum(['Invalid', 'Denied', 'Missing', 'Conflict', 'Transient', 'SiteFault', 'PayloadFault', 'Bug']),
  title: z.string(),
  /** What it mostly comes from. */
  cause: z.string(),
  /** What to look at to be sure. */
  evidence: z.string(),
  help: z.string(),
  /** Whether the same may succeed later, without anything being mended. */
  retryable: z.boolean(),
});
export type ErrorEntry = z.infer<typeof ErrorEntry>;
export const ErrorPage = z.object({ items: z.array(ErrorEntry), next: z.string().optional() });
