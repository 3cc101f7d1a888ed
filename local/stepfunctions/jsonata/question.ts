import * as z from 'zod';
import { JsonValue } from '../stimulus.ts';

/** Expressions that a step of a state needs evaluated before it can go on, with all that they see. */
export const Question = z.object({
  type: z.literal('evaluate'),
  items: z.array(z.object({ at: z.string(), source: z.string() })),
  /** `$states`, and the variables that the expressions name. */
  bindings: z.record(z.string(), JsonValue),
  /** What `$now()` tells. */
  atMs: z.number(),
  /** Of `$random()` and `$uuid()`. */
  seed: z.string(),
});

/** Expressions that a step of a state needs evaluated before it can go on. */
export type Question = z.infer<typeof Question>;

/** Thrown by a step that cannot go on without an answer; it is repeated when the answer has come. */
export class Unanswered extends Error {
  readonly question: Question;
  constructor(question: Question) {
    super('waits for an expression');
    this.name = 'Unanswered';
    this.question = question;
  }
}
