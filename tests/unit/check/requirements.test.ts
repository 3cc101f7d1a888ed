import { describe, expect, it } from 'vitest';
import { orderProblems, problemsOf, type Requirement, readRequirements } from '../../check/requirements.ts';

const row: Requirement = {
  number: '4.7',
  asks: 'Archiving never waits for processing',
  status: 'done',
  files: ['local/main.ts'],
  tests: ['tests/e2e/planes.test.ts'],
  missing: '',
};
const listed = new Set(row.tests);
const problems = (change: Partial<Requirement>): readonly string[] =>
  problemsOf({ ...row, ...change }, listed, () => true);

describe('the table of requirements', () => {
  it('reads number, status, files and tests of each row', () => {
    const line =
      '| 4.7 | Archiving never waits for processing | done | `local/main.ts` | `tests/e2e/planes.test.ts` | |';
    expect(readRequirements(`# Requirements\n\n| req | asks |\n| --- | --- |\n${line}\n`)).toEqual([row]);
  });

  it('accepts a done row only with a test that vitest runs', () => {
    expect(problems({})).toEqual([]);
    expect(problems({ tests: [] })).toEqual(['4.7 is done without a test']);
    expect(problems({ tests: ['tests/unit/gone.test.ts'] })).toEqual([
      '4.7 names a test that does not run: tests/unit/gone.test.ts',
    ]);
  });

  it.each([
    [{ status: 'nearly', missing: 'all' }, "4.7 has no legal status: 'nearly'"],
    [{ missing: 'the second wing' }, '4.7 is done and still misses something'],
    [{ status: 'partly' }, '4.7 does not say what is missing'],
    [{ status: 'partly', missing: 'much', files: [] }, '4.7 is partly there in no file'],
    [{ asks: '' }, '4.7 does not say what is asked'],
  ])('refuses %o', (change, problem) => {
    expect(problems(change)).toEqual([problem]);
  });

  it('refuses a file that is not there', () => {
    expect(problemsOf(row, listed, () => false)).toEqual(['4.7 names a file that is not there: local/main.ts']);
  });

  it('misses no row and has none twice', () => {
    expect(orderProblems(['1.1', '1.3'])).toEqual(['row 2 should be 1.2 and is 1.3']);
    expect(orderProblems(['1.1'])).toEqual(['row 2 should be 1.2 and is missing']);
  });
});
