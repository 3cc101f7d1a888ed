import type * as z from 'zod';

type Issue = z.core.$ZodIssue;

const MAX_SHOWN_CHARS = 100;

/** `routingConfiguration.1.member.weight`: AWS counts the members of a list from one. */
const placeOf = (path: readonly PropertyKey[]): string =>
  path.map((key) => (typeof key === 'number' ? `${key + 1}.member` : String(key))).join('.');

const bound = (issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string => {
  const what = issue.origin === 'number' || issue.origin === 'int' ? 'value' : 'length';
  return issue.code === 'too_small'
    ? `Member must have ${what} greater than or equal to ${issue.minimum}`
    : `Member must have ${what} less than or equal to ${issue.maximum}`;
};

const ruleOf = (issue: Issue): string => {
  if (issue.code === 'too_small' || issue.code === 'too_big') return bound(issue);
  if (issue.code === 'invalid_value') return `Member must satisfy enum value set: [${issue.values.join(', ')}]`;
  if (issue.code === 'invalid_format' && issue.pattern !== undefined) {
    return `Member must satisfy regular expression pattern: ${issue.pattern.replace(/^\/|\/u?$/g, '')}`;
  }
  return issue.code === 'invalid_type' && issue.input === undefined ? 'Member must not be null' : issue.message;
};

const shown = (value: unknown): string => {
  if (value === undefined || value === null) return 'Value null';
  if (typeof value === 'object') return 'Value';
  const text = String(value);
  return `Value '${text.length > MAX_SHOWN_CHARS ? `${text.slice(0, MAX_SHOWN_CHARS)}…` : text}'`;
};

/** What is wrong with an input, in AWS's words; the issues were reported with their inputs. */
export const describeIssues = (issues: readonly Issue[]): string => {
  const problems = issues.map(
    (issue) => `${shown(issue.input)} at '${placeOf(issue.path)}' failed to satisfy constraint: ${ruleOf(issue)}`,
  );
  const count = problems.length === 1 ? '1 validation error' : `${problems.length} validation errors`;
  return `${count} detected: ${problems.join('; ')}`;
};
