import * as z from 'zod';
import type { Json } from './json.ts';

/** A JSON value that came from a place which guarantees it (the journal's checksum, `JSON.parse`). */
export const JsonValue = z.custom<Json>((value) => value !== undefined);

const pending = z.number();
const error = z.string().optional();
const cause = z.string().optional();

/** What an expression gave: a value, nothing at all, or why it failed. */
export const Answer = z.object({
  /** Which expression: where it stands in its state. */
  at: z.string(),
  value: JsonValue.optional(),
  failure: z.string().optional(),
});

/** What an expression gave: a value, nothing at all, or why it failed. */
export type Answer = z.infer<typeof Answer>;

/** What can set an execution in motion. `pending` is the id of the event that scheduled what is answered. */
export const Stimulus = z.discriminatedUnion('type', [
  /** `envelope` is what came around the output, such as the version of a function that ran. */
  z.object({ type: z.literal('succeeded'), pending, output: JsonValue, envelope: JsonValue.optional() }),
  z.object({ type: z.literal('failed'), pending, error, cause }),
  /** An answer by task token. */
  z.object({ type: z.literal('answered'), pending, output: JsonValue }),
  z.object({ type: z.literal('refused'), pending, error, cause }),
  z.object({ type: z.literal('heartbeat'), pending }),
  /** A worker has taken the work. */
  z.object({ type: z.literal('taken'), pending, worker: z.string().optional() }),
  /** The worker that took it was gone before it was told. */
  z.object({ type: z.literal('returned'), pending }),
  z.object({ type: z.literal('childEnded'), pending, output: JsonValue }),
  z.object({ type: z.literal('evaluated'), pending, answers: z.array(Answer) }),
  z.object({ type: z.literal('timer'), pending }),
  /** The turn before has left something to do. */
  z.object({ type: z.literal('goOn') }),
  z.object({ type: z.literal('stop'), error, cause }),
]);

/** What can set an execution in motion. */
export type Stimulus = z.infer<typeof Stimulus>;
