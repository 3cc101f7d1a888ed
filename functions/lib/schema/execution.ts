import * as z from 'zod';
import { pageOf } from './view.ts';

/**
 * Executions of state machines as people see them. A plane's engine owns them; they change with each event of theirs, and
 * the oldest finished ones are forgotten.
 */

export const ExecutionStatus = z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE']);
export type ExecutionStatus = z.infer<typeof ExecutionStatus>;

export const ExecutionLine = z.object({
  /** `<machine>:<name>`. */
  id: z.string(),
  plane: z.enum(['archive', 'work']),
  machine: z.string(),
  name: z.string(),
  status: ExecutionStatus,
  startedAt: z.iso.datetime(),
  stoppedAt: z.iso.datetime().optional(),
});
export type ExecutionLine = z.infer<typeof ExecutionLine>;
export const ExecutionPage = pageOf(ExecutionLine);

/** One execution with what went in, and what came out or went wrong. */
export const ExecutionView = ExecutionLine.extend({
  input: z.unknown(),
  output: z.unknown().optional(),
  error: z.string().optional(),
  cause: z.string().optional(),
});
export type ExecutionView = z.infer<typeof ExecutionView>;

/** An event of an execution's history; `details` are those that AWS has for its type. */
export const ExecutionEvent = z.object({
  id: z.int().min(1),
  previousId: z.int().min(0),
  at: z.iso.datetime(),
  type: z.string(),
  details: z.record(z.string(), z.unknown()),
});
export type ExecutionEvent = z.infer<typeof ExecutionEvent>;

/** A part of a history, and how the execution stood when it was read. */
export const ExecutionHistory = z.object({
  items: z.array(ExecutionEvent),
  /** Where to go on: the id of the last event that was read. */
  after: z.int().min(0),
  hasMore: z.boolean(),
  status: ExecutionStatus,
});
export type ExecutionHistory = z.infer<typeof ExecutionHistory>;
