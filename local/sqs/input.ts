import type * as z from 'zod';
import { AwsError } from '../engine/part.ts';
import { badValue, missing } from './errors.ts';

/** Parses an operation's input; says what is wrong as SQS does. */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.join('.') ?? '';
  const value = issue?.path.reduce<unknown>((at, key) => inside(at, key), input);
  if (value === undefined) throw missing(path);
  if (issue?.code === 'invalid_type') {
    throw new AwsError('SerializationException', `${path}: ${issue.message}`);
  }
  throw badValue(path, value, issue?.message);
}

function inside(value: unknown, key: PropertyKey): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([name]) => name === String(key))?.[1];
}
