import * as z from 'zod';

/**
 * What papilio is made of: its functions and state machines. Its catalogue owns the first, a plane's engine the second;
 * both change with a build.
 */

export const FunctionView = z.object({
  name: z.string(),
  area: z.string(),
  plane: z.enum(['archive', 'work']),
  memoryMb: z.int().min(1),
  timeoutS: z.number().positive(),
  /** What has it run: messages of a queue, time, or a state machine. */
  trigger: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('queue'), queue: z.string(), batch: z.int().min(1), parallel: z.int().min(1) }),
    z.object({ kind: z.literal('schedule'), everyS: z.number().positive(), atStart: z.boolean() }),
    z.object({ kind: z.literal('machine') }),
  ]),
  /** It runs once for each facility. */
  isPerFacility: z.boolean(),
  uses: z.array(z.string()),
});
export type FunctionView = z.infer<typeof FunctionView>;
export const FunctionPage = z.object({ items: z.array(FunctionView), next: z.string().optional() });

export const WorkflowLine = z.object({
  name: z.string(),
  plane: z.enum(['archive', 'work']),
  comment: z.string().optional(),
  /** States of the machine, without those inside of its Maps and Parallels. */
  states: z.int().min(0),
  /** When its plane took this definition. */
  updatedAt: z.iso.datetime(),
});
export type WorkflowLine = z.infer<typeof WorkflowLine>;
export const WorkflowPage = z.object({ items: z.array(WorkflowLine), next: z.string().optional() });

/** A state machine with its definition in Amazon States Language, every name resolved. */
export const WorkflowView = WorkflowLine.extend({ definition: z.record(z.string(), z.unknown()) });
export type WorkflowView = z.infer<typeof WorkflowView>;
