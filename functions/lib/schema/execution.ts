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
  /** Of a child of a distributed Map: how many items it works on. */
  itemCount: z.int().min(0).optional(),
  /** How often it was redriven, if it was. */
  redriveCount: z.int().min(1).optional(),
});
export type ExecutionLine = z.infer<typeof ExecutionLine>;
export const ExecutionPage = pageOf(ExecutionLine);

/** Whether what failed of an execution can be run again. */
export const Redrive = z.object({
  isPossible: z.boolean(),
  /** Why not. */
  reason: z.string().optional(),
  lastAt: z.iso.datetime().optional(),
});

/** The children of a distributed Map of an execution, counted. */
export const MapRunView = z.object({
  id: z.string(),
  status: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'ABORTED']),
  startedAt: z.iso.datetime(),
  stoppedAt: z.iso.datetime().optional(),
  /** Children in each state that has any. */
  executions: z.record(z.string(), z.int().min(0)),
  items: z.record(z.string(), z.int().min(0)),
});
export type MapRunView = z.infer<typeof MapRunView>;

/** One execution with what went in, and what came out or went wrong. */
export const ExecutionView = ExecutionLine.extend({
  input: z.unknown(),
  output: z.unknown().optional(),
  error: z.string().optional(),
  cause: z.string().optional(),
  redrive: Redrive.optional(),
  /** Of a child of a distributed Map: the execution whose Map it is. */
  parent: z.string().optional(),
  mapRuns: z.array(MapRunView).optional(),
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
