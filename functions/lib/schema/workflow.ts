import * as z from 'zod';

/**
 * A state machine that somebody writes, before it runs: what is wrong with it, and what one of its states does. Nothing
 * here is stored; the engine of the work plane answers.
 */

/** Text of a definition in Amazon States Language, as its file has it; `${function:NAME}` may stand for an ARN. */
export const DefinitionText = z.string().min(1).max(1_048_576);

export const WorkflowProblem = z.object({
  severity: z.enum(['ERROR', 'WARNING']),
  code: z.string(),
  message: z.string(),
  /** JSON pointer to where it is. */
  location: z.string().optional(),
});
export type WorkflowProblem = z.infer<typeof WorkflowProblem>;

export const WorkflowCheck = z.object({
  result: z.enum(['OK', 'FAIL']),
  problems: z.array(WorkflowProblem),
});
export type WorkflowCheck = z.infer<typeof WorkflowCheck>;

/** What stands for the work of a state: its result, or the error it ends with. */
export const WorkflowMock = z.union([
  z.strictObject({ result: z.unknown() }),
  z.strictObject({ error: z.string().max(256), cause: z.string().max(32_768).optional() }),
]);
export type WorkflowMock = z.infer<typeof WorkflowMock>;

export const WorkflowTest = z.strictObject({
  definition: DefinitionText,
  /** A state of a whole machine; without it the definition is one state. */
  state: z.string().min(1).max(80).optional(),
  input: z.unknown().optional(),
  inspect: z.enum(['info', 'debug', 'trace']).default('info'),
  mock: WorkflowMock.optional(),
  variables: z.record(z.string(), z.unknown()).optional(),
  /** Attempts that its Retry has made before. */
  retries: z.int().min(0).optional(),
});
export type WorkflowTest = z.input<typeof WorkflowTest>;

/** How a tested state ended. */
export const WorkflowTestResult = z.object({
  status: z.enum(['SUCCEEDED', 'FAILED', 'RETRIABLE', 'CAUGHT_ERROR']),
  output: z.unknown().optional(),
  error: z.string().optional(),
  cause: z.string().optional(),
  nextState: z.string().optional(),
  /** What the state made of its data, step by step, by AWS's names: `afterInputPath`, `result` and so on. */
  inspection: z.record(z.string(), z.unknown()).optional(),
});
export type WorkflowTestResult = z.infer<typeof WorkflowTestResult>;
