import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import * as z from 'zod';
import { root, type Step, tool } from './shell.ts';

/** How many requirements each of the sixteen themes of the experiment's paper has. */
const rowsOfTheme = [12, 7, 12, 8, 7, 8, 5, 7, 7, 4, 12, 9, 6, 4, 9, 6];

const expected = rowsOfTheme.flatMap((count, theme) =>
  Array.from({ length: count }, (_, row) => `${theme + 1}.${row + 1}`),
);

/** One row of `docs/requirements.md`. */
export type Requirement = {
  readonly number: string;
  readonly asks: string;
  readonly status: string;
  readonly files: readonly string[];
  readonly tests: readonly string[];
  readonly missing: string;
};

const inBackticks = (cell: string): readonly string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].flatMap((match) => match[1] ?? []);

/** The rows of every table whose first cell is a requirement's number. */
export function readRequirements(markdown: string): readonly Requirement[] {
  const rows = markdown.split('\n').filter((line) => /^\| \d+\.\d+ \|/.test(line));
  return rows.map((line) => {
    const [number = '', asks = '', status = '', files = '', tests = '', missing = ''] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    return { number, asks, status, files: inBackticks(files), tests: inBackticks(tests), missing };
  });
}

/** What is wrong with one row; `listed` are the test files that vitest runs. */
export function problemsOf(
  row: Requirement,
  listed: ReadonlySet<string>,
  exists: (path: string) => boolean,
): readonly string[] {
  const rules: readonly (readonly [boolean, string])[] = [
    [row.asks !== '', 'does not say what is asked'],
    [['done', 'partly', 'not yet'].includes(row.status), `has no legal status: '${row.status}'`],
    [row.status !== 'done' || row.tests.length > 0, 'is done without a test'],
    [row.status !== 'done' || row.missing === '', 'is done and still misses something'],
    [row.status === 'done' || row.missing !== '', 'does not say what is missing'],
    [row.status !== 'partly' || row.files.length > 0, 'is partly there in no file'],
    ...row.files.map((path) => [exists(path), `names a file that is not there: ${path}`] as const),
    ...row.tests.map((path) => [listed.has(path), `names a test that does not run: ${path}`] as const),
  ];
  return rules.filter(([holds]) => !holds).map(([, problem]) => `${row.number} ${problem}`);
}

/** Which requirements stand where they should, in the paper's order, none twice and none left out. */
export function orderProblems(numbers: readonly string[]): readonly string[] {
  const first = expected.findIndex((number, at) => numbers[at] !== number);
  if (first >= 0) return [`row ${first + 1} should be ${expected[first]} and is ${numbers[first] ?? 'missing'}`];
  return numbers.length > expected.length ? [`there is one row too many: ${numbers[expected.length]}`] : [];
}

const Listed = z.array(z.object({ file: z.string(), projectName: z.string() }));

/** What `npm test` and `npm run test:more` run: a test that needs hours or parts from elsewhere proves nothing about this commit. */
async function listedTests(): Promise<ReadonlySet<string>> {
  const args = ['list', '--config', 'tests/vitest.config.ts', '--filesOnly', '--json'];
  const { stdout, stderr, code } = await tool('vitest', args);
  if (code !== 0) throw new Error(`vitest list said: ${stdout}${stderr}`);
  const inTest = Listed.parse(JSON.parse(stdout)).filter(({ projectName }) =>
    ['unit', 'contract', 'e2e', 'more'].includes(projectName),
  );
  return new Set(inTest.map(({ file }) => relative(root, file)));
}

async function check(): Promise<readonly string[]> {
  const rows = readRequirements(await readFile(join(root, 'docs/requirements.md'), 'utf8'));
  const listed = await listedTests();
  const exists = (path: string): boolean => existsSync(join(root, path));
  return [
    ...orderProblems(rows.map(({ number }) => number)),
    ...rows.flatMap((row) => problemsOf(row, listed, exists)),
  ];
}

/** `docs/requirements.md` is whole, and nothing in it is called done without a test that runs. */
export const requirementsStep: Step = { name: 'requirements', run: check };
