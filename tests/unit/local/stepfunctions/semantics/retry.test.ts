import { describe, expect, test } from 'vitest';
import { functionArn, machineOf } from '../../../../builders/a-states-part.ts';
import { type Answer, guide, outcomeOf, specification } from '../../../../builders/an-outcome.ts';

const task = (retry: readonly object[], fields: object = {}) =>
  machineOf({ T: { Type: 'Task', Resource: functionArn('f'), Retry: retry, ...fields, End: true } });

const always =
  (error: string): Answer =>
  () => ({ error, cause: 'c' });

/** When the function was called, in seconds since the start. */
const calls = async (retry: readonly object[], answer: Answer = always('E'), withinS = 400) =>
  (await outcomeOf(task(retry), {}, { answer, withinS })).calledAtS;

describe(guide('concepts-error-handling'), () => {
  test.each<[retrier: object, calledAtS: readonly number[]]>([
    [{}, [0, 1, 3, 7]],
    [{ MaxAttempts: 0 }, [0]],
    [{ MaxAttempts: 1 }, [0, 1]],
    [{ MaxAttempts: 5 }, [0, 1, 3, 7, 15, 31]],
    [{ IntervalSeconds: 3 }, [0, 3, 9, 21]],
    [{ IntervalSeconds: 3, MaxAttempts: 2 }, [0, 3, 9]],
    [{ BackoffRate: 1 }, [0, 1, 2, 3]],
    [{ BackoffRate: 3 }, [0, 1, 4, 13]],
    [{ IntervalSeconds: 2, BackoffRate: 1.5, MaxAttempts: 2 }, [0, 2, 5]],
    [{ IntervalSeconds: 3, BackoffRate: 2, MaxAttempts: 3, MaxDelaySeconds: 5 }, [0, 3, 8, 13]],
    [{ IntervalSeconds: 10, BackoffRate: 2, MaxAttempts: 2, MaxDelaySeconds: 15 }, [0, 10, 25]],
    [{ IntervalSeconds: 4, MaxDelaySeconds: 600, MaxAttempts: 3 }, [0, 4, 12, 28]],
    [{ JitterStrategy: 'NONE', MaxAttempts: 2 }, [0, 1, 3]],
  ])('%j calls again after so many seconds', async (retrier, calledAtS) => {
    expect(await calls([{ ErrorEquals: ['E'], ...retrier }])).toEqual(calledAtS);
  });

  test('full jitter waits anything up to the delay', async () => {
    const at = await calls([{ ErrorEquals: ['E'], IntervalSeconds: 16, MaxAttempts: 3, JitterStrategy: 'FULL' }]);
    expect(at).toHaveLength(4);
    const gaps = at.slice(1).map((each, index) => each - (at[index] ?? 0));
    // A test looks once a second, so a gap may show up to a second late.
    for (const [index, gap] of gaps.entries()) expect(gap).toBeLessThanOrEqual(16 * 2 ** index + 1);
  });

  test.each<[names: readonly string[], error: string, isRetried: boolean]>([
    [['E'], 'E', true],
    [['E'], 'e', false],
    [['E'], 'EE', false],
    [['A', 'E'], 'E', true],
    [['A', 'B'], 'E', false],
    [['States.ALL'], 'E', true],
    [['States.ALL'], 'Lambda.Unknown', true],
    [['States.TaskFailed'], 'E', true],
    [['States.TaskFailed'], 'States.Timeout', false],
    [['States.Timeout'], 'States.Timeout', true],
    [['States.Timeout'], 'E', false],
    [['States.ALL'], 'States.Timeout', true],
  ])('%j for %s: %s', async (names, error, isRetried) => {
    expect((await calls([{ ErrorEquals: names, MaxAttempts: 1 }], always(error))).length).toBe(isRetried ? 2 : 1);
  });

  test('each retrier counts its own attempts', async () => {
    const errors = ['A', 'B', 'A', 'B', 'A', 'B'];
    const retry = [
      { ErrorEquals: ['A'], IntervalSeconds: 1, MaxAttempts: 2, BackoffRate: 1 },
      { ErrorEquals: ['B'], IntervalSeconds: 10, MaxAttempts: 2, BackoffRate: 1 },
    ];
    const at = await calls(retry, (_payload, call) => ({ error: errors[call] ?? 'A' }));
    expect(at).toEqual([0, 1, 11, 12, 22]);
  });

  test('the first retrier that matches is used, though it has no attempts left', async () => {
    const retry = [
      { ErrorEquals: ['E'], MaxAttempts: 1 },
      { ErrorEquals: ['States.ALL'], MaxAttempts: 5 },
    ];
    expect(await calls(retry)).toEqual([0, 1]);
  });

  test('a retry that succeeds goes on with the result, and is called with the same input', async () => {
    const answer: Answer = (_payload, call) => (call < 2 ? { error: 'E' } : { ok: { done: call } });
    const outcome = await outcomeOf(task([{ ErrorEquals: ['E'] }]), { a: 1 }, { answer, withinS: 20 });
    expect(outcome.text).toBe('{"done":2}');
    expect(outcome.payloads).toEqual([{ a: 1 }, { a: 1 }, { a: 1 }]);
  });

  test('$$.State.RetryCount tells how often it was tried again', async () => {
    const machine = task([{ ErrorEquals: ['E'], MaxAttempts: 2 }], { Parameters: { 'n.$': '$$.State.RetryCount' } });
    const { payloads } = await outcomeOf(machine, {}, { answer: always('E'), withinS: 20 });
    expect(payloads).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
  });

  test('when attempts are used up the error is the one of the last attempt', async () => {
    const answer: Answer = (_payload, call) => ({ error: 'E', cause: `call ${call}` });
    const { text } = await outcomeOf(task([{ ErrorEquals: ['E'], MaxAttempts: 1 }]), {}, { answer, withinS: 20 });
    expect(text).toBe('E: {"errorMessage":"call 1","errorType":"E"}');
  });

  test('the attempts of a state begin anew each time it is entered', async () => {
    const machine = machineOf({
      T: {
        Type: 'Task',
        Resource: functionArn('f'),
        Retry: [{ ErrorEquals: ['E'], MaxAttempts: 1 }],
        Catch: [{ ErrorEquals: ['E'], Next: 'Again' }],
        End: true,
      },
      Again: { Type: 'Pass', Result: {}, Next: 'T' },
    });
    const answer: Answer = (_payload, call) => (call < 3 ? { error: 'E' } : { ok: call });
    const { text, calledAtS } = await outcomeOf(machine, {}, { answer, withinS: 20 });
    expect([text, calledAtS]).toEqual(['3', [0, 1, 1, 2]]);
  });
});

describe(specification('retrying-after-error'), () => {
  test.each<[retry: unknown]>([
    [[{}]],
    [[{ ErrorEquals: [] }]],
    [[{ ErrorEquals: 'E' }]],
    [[{ ErrorEquals: [1] }]],
    [[{ ErrorEquals: ['States.ALL', 'E'] }]],
    [[{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['E'] }]],
    [[{ ErrorEquals: ['E'], IntervalSeconds: 1.5 }]],
    [[{ ErrorEquals: ['E'], IntervalSeconds: '1' }]],
    [[{ ErrorEquals: ['E'], MaxAttempts: -1 }]],
    [[{ ErrorEquals: ['E'], MaxAttempts: 1.5 }]],
    [[{ ErrorEquals: ['E'], MaxAttempts: 100_000_000 }]],
    [[{ ErrorEquals: ['E'], BackoffRate: 0.5 }]],
    [[{ ErrorEquals: ['E'], BackoffRate: '2' }]],
    [[{ ErrorEquals: ['E'], MaxDelaySeconds: 0 }]],
    [[{ ErrorEquals: ['E'], MaxDelaySeconds: 31_622_401 }]],
    [[{ ErrorEquals: ['E'], JitterStrategy: 'SOME' }]],
    [{ ErrorEquals: ['E'] }],
  ])('Retry %j is refused with the definition', async (retry) => {
    const machine = machineOf({ T: { Type: 'Task', Resource: functionArn('f'), Retry: retry, End: true } });
    expect((await outcomeOf(machine)).text).toMatch(/^refused: Invalid State Machine Definition/);
  });

  test.each(['Pass', 'Choice', 'Wait', 'Succeed', 'Fail'])('%s cannot retry', async (type) => {
    const rest = {
      Pass: { End: true },
      Choice: { Choices: [{ Variable: '$.a', IsPresent: true, Next: 'S' }] },
      Wait: { Seconds: 1, End: true },
    };
    const fields = Object.entries(rest).find(([name]) => name === type)?.[1] ?? {};
    const machine = machineOf({
      X: { Type: type, ...fields, Retry: [{ ErrorEquals: ['E'] }] },
      S: { Type: 'Succeed' },
    });
    expect((await outcomeOf(machine)).text).toMatch(/^refused: /);
  });
});
