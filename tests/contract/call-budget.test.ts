import { beforeAll, describe, expect, test } from 'vitest';
import { type CallBudget, readCallBudget } from '../builders/call-budget.ts';
import { measureCalls } from '../builders/measure-calls.ts';

const remedy = 'if that is meant: node tests/check/write-call-budget.ts && npm run docs';

describe('the calls of the first path', () => {
  let measured: CallBudget;
  beforeAll(async () => {
    measured = await measureCalls();
  });

  test.each(['one', 'ten', 'end', 'minute'] as const)(
    'are those of the budget, none more and none fewer: %s',
    (part) => {
      expect(measured[part], remedy).toEqual(readCallBudget()[part]);
    },
  );

  test('are the same whenever they are counted', async () => {
    expect(await measureCalls()).toEqual(measured);
  });

  test('are of everything that the path is made of', () => {
    const { calls, executions, transitions, stfs } = measured.one;
    expect(stfs).toBe(1);
    expect(executions).toEqual({ 'archive-stf': 1, 'process-stf': 1, 'run-job': 1 });
    expect(transitions).toBeGreaterThan(3);
    expect(Object.keys(calls)).toEqual(
      expect.arrayContaining([
        'bridge',
        'archive-stf',
        'catalogue-stf',
        'assign-jobs',
        'submit-bundle',
        'register-outputs',
      ]),
    );
    expect(calls['archive-stf']).toMatchObject({ 'archive putFile': 1 });
    expect(calls['register-outputs']).toMatchObject({ 'outputs putFile': 1, 'sfn SendTaskSuccess': 1 });
  });
});
