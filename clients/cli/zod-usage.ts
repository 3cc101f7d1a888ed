import * as z from 'zod';
import { UsageError } from './failure.ts';

/** Option of a field: `clientId` is `--client-id`. */
const optionOf = (field: string): string => `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const formats: Readonly<Record<string, string>> = { url: 'a valid URL', datetime: 'a time with its zone' };

/** What an issue of zod means for a person who typed the value. */
const wordsOf = (issue: z.core.$ZodIssue): string => {
  if (issue.code === 'invalid_value') return `not one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}`;
  if (issue.code === 'too_small') return `must be at least ${issue.minimum}`;
  if (issue.code === 'invalid_format') return `not ${formats[issue.format] ?? `a valid ${issue.format}`}`;
  if (issue.code === 'invalid_type')
    return issue.input === undefined
      ? 'is missing'
      : `not a ${issue.expected === 'int' ? 'whole number' : issue.expected}`;
  return issue.message;
};

/** A usage error for options that their schema refused; undefined for anything else that was thrown. */
export const usageOf = (thrown: unknown): UsageError | undefined => {
  const [issue] = thrown instanceof z.ZodError ? thrown.issues : [];
  const [field, ...more] = issue?.path ?? [];
  if (issue === undefined || typeof field !== 'string' || more.length > 0) return undefined;
  return new UsageError(`${optionOf(field)}: ${wordsOf(issue)}`, 'the same with --help shows the values');
};
