import { existsSync, readFileSync } from 'node:fs';
import type { Submission } from '../../functions/lib/ports/batch.ts';
import { aSubmission } from './a-submission.ts';

/** The command of a payload that is a shell script. */
export const shell = (script: string, ...words: readonly string[]): string[] => [
  'sh',
  '-c',
  script,
  'payload',
  ...words,
];

/** A payload that leaves a line when it begins and when it ends: side effects, counted where papilio does not look. */
export const counted = (attemptId: string, file: string, between = ':'): Submission =>
  aSubmission(attemptId, shell(`echo "+ $1" >> "$2"; ${between}; echo "- $1" >> "$2"`, attemptId, file));

/** The lines that counted payloads have left so far. */
export const linesOf = (file: string): readonly string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];

/** How many payloads ran at once at most, as their lines tell. */
export const mostAtOnce = (lines: readonly string[]): number => {
  let [now, most] = [0, 0];
  for (const line of lines) {
    now += line.startsWith('+') ? 1 : -1;
    most = Math.max(most, now);
  }
  return most;
};
