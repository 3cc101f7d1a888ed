import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorCatalogue } from '../../functions/lib/error-rows.ts';
import { root } from '../check/shell.ts';
import { provokedIn } from '../e2e/errors/provoked.ts';

/** The text of an end-to-end test without its comments. */
const textOf = (path: string): string => {
  try {
    return readFileSync(join(root, 'tests/e2e', path), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  } catch {
    return '';
  }
};

test('every error code is provoked by an end-to-end test, and every test of the table provokes a code that there is', () => {
  expect(Object.keys(provokedIn).sort()).toEqual(Object.keys(errorCatalogue).sort());
});

/** A code of one word is looked for in quotes: it may stand in a sentence too. */
const patternOf = (code: string): RegExp =>
  code.includes('-') ? new RegExp(`(?<![a-z-])${code}(?![a-z-])`) : new RegExp(`'${code}'`);

test.each(Object.entries(provokedIn))('%s is looked for in %s', (code, path) => {
  expect(path).toMatch(/^[\w/-]+\.test\.ts$/);
  expect(textOf(path)).toMatch(patternOf(code));
});
