import { describe, expect, test } from 'vitest';
import { functionArn, machineOf } from '../../../../builders/a-states-part.ts';
import { type Answer, guide, inState, outcomeOf, specification } from '../../../../builders/an-outcome.ts';

const pass = { Type: 'Pass', End: true };
const caught = { Caught: { Type: 'Pass', Parameters: { 'caught.$': '$' }, End: true } };
const task = (fields: object) =>
  machineOf({ T: { Type: 'Task', Resource: functionArn('f'), ...fields, End: true }, ...caught });

const failing =
  (error: string, cause?: string): Answer =>
  () => ({ error, ...(cause !== undefined && { cause }) });

const run = async (fields: object, answer: Answer, input: unknown = { a: 1 }) =>
  (await outcomeOf(task(fields), input, { answer, withinS: 30 })).text;

describe(guide('concepts-error-handling'), () => {
  test.each<[names: readonly string[], error: string, isCaught: boolean]>([
    [['E'], 'E', true],
    [['E'], 'e', false],
    [['A', 'E'], 'E', true],
    [['A', 'B'], 'E', false],
    [['States.ALL'], 'E', true],
    [['States.ALL'], 'States.Timeout', true],
    [['States.ALL'], 'States.Permissions', true],
    [['States.ALL'], 'Lambda.ServiceException', true],
    [['States.TaskFailed'], 'E', true],
    [['States.TaskFailed'], 'States.Timeout', false],
    [['States.TaskFailed'], 'States.Permissions', true],
    [['States.Timeout'], 'E', false],
    [['States.Timeout'], 'States.Timeout', true],
    [['Lambda.Unknown'], 'Lambda.Unknown', true],
  ])('%j for %s: %s', async (names, error, isCaught) => {
    const text = await run({ Catch: [{ ErrorEquals: names, Next: 'Caught' }] }, failing(error, 'c'));
    expect(text.startsWith('{"caught":')).toBe(isCaught);
  });

  test.each<[path: string | null | undefined, output: object]>([
    [undefined, { Error: 'E', Cause: 'why' }],
    ['$', { Error: 'E', Cause: 'why' }],
    ['$.error', { a: 1, error: { Error: 'E', Cause: 'why' } }],
    ['$.a', { a: { Error: 'E', Cause: 'why' } }],
    ['$.x.y', { a: 1, x: { y: { Error: 'E', Cause: 'why' } } }],
    [null, { a: 1 }],
  ])('a ResultPath of %j hands on %j', async (path, output) => {
    const branch = { StartAt: 'F', States: { F: { Type: 'Fail', Error: 'E', Cause: 'why' } } };
    const catcher = { ErrorEquals: ['E'], ...(path !== undefined && { ResultPath: path }), Next: 'Caught' };
    const machine = machineOf({ P: { Type: 'Parallel', Branches: [branch], Catch: [catcher], End: true }, ...caught });
    expect(JSON.parse((await outcomeOf(machine, { a: 1 })).text)).toEqual({ caught: output });
  });

  test('the error goes into what the state was given, whatever its own paths say', async () => {
    const catcher = { ErrorEquals: ['E'], ResultPath: '$.e', Next: 'Caught' };
    const fields = { InputPath: '$.a', ResultPath: '$.r', OutputPath: '$.r', Catch: [catcher] };
    expect(JSON.parse(await run(fields, failing('E'), { a: {} })).caught).toMatchObject({ a: {}, e: { Error: 'E' } });
  });

  test('the first catcher that matches is taken', async () => {
    const fields = {
      Catch: [
        { ErrorEquals: ['E'], ResultPath: '$.first', Next: 'Caught' },
        { ErrorEquals: ['States.ALL'], ResultPath: '$.second', Next: 'Caught' },
      ],
    };
    expect(Object.keys(JSON.parse(await run(fields, failing('E'))).caught)).toEqual(['a', 'first']);
    expect(Object.keys(JSON.parse(await run(fields, failing('F'))).caught)).toEqual(['a', 'second']);
  });

  test('retriers come before catchers', async () => {
    const fields = {
      Retry: [{ ErrorEquals: ['E'], MaxAttempts: 2 }],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }],
    };
    const { text, payloads } = await outcomeOf(task(fields), {}, { answer: failing('E'), withinS: 30 });
    expect(payloads).toHaveLength(3);
    expect(JSON.parse(text).caught).toMatchObject({ Error: 'E' });
  });

  test('an error that nothing catches fails the execution', async () => {
    expect(await run({ Catch: [{ ErrorEquals: ['F'], Next: 'Caught' }] }, failing('E', 'c'))).toBe(
      'E: {"errorMessage":"c","errorType":"E"}',
    );
  });

  test('an error inside a state that catches leads to the next catcher', async () => {
    const machine = machineOf({
      A: { Type: 'Task', Resource: functionArn('f'), Catch: [{ ErrorEquals: ['E'], Next: 'B' }], End: true },
      B: { Type: 'Task', Resource: functionArn('g'), Catch: [{ ErrorEquals: ['E'], Next: 'Caught' }], End: true },
      ...caught,
    });
    const { text, payloads } = await outcomeOf(machine, {}, { answer: failing('E', 'c') });
    expect(payloads).toHaveLength(2);
    expect(JSON.parse(text).caught.Error).toBe('E');
  });
});

describe(guide('concepts-error-handling#error-handling-error-representation'), () => {
  const all = [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }];

  test.each<[what: string, fields: object, reason: string]>([
    ['InputPath', { InputPath: '$.x' }, "Invalid path '$.x' : No results for path: "],
    ['OutputPath', { OutputPath: '$.x' }, "Invalid path '$.x' : No results for path: "],
    [
      'Parameters',
      { Parameters: { 'v.$': '$.x' } },
      "The JSONPath '$.x' specified for the field 'v.$' could not be found",
    ],
    [
      'ResultSelector',
      { ResultSelector: { 'v.$': '$.x' } },
      "The JSONPath '$.x' specified for the field 'v.$' could not",
    ],
  ])('States.Runtime of %s is not caught by States.ALL', async (_field, fields, reason) => {
    expect(await run({ ...fields, Catch: all }, () => ({ ok: {} }))).toContain(
      `States.Runtime: ${inState('T', reason)}`,
    );
  });

  test.each<[error: string, fields: object]>([
    ['States.IntrinsicFailure', { Parameters: { 'v.$': "States.StringToJson('{')" } }],
    ['States.IntrinsicFailure', { ResultSelector: { 'v.$': 'States.ArrayLength($.n)' } }],
    ['States.ResultPathMatchFailure', { ResultPath: '$.a.b' }],
  ])('%s is caught by its name and by States.ALL', async (error, fields) => {
    const ok: Answer = () => ({ ok: { n: 1 } });
    expect(JSON.parse(await run({ ...fields, Catch: all }, ok)).caught.Error).toBe(error);
    const byName = [{ ErrorEquals: [error], Next: 'Caught' }];
    expect(JSON.parse(await run({ ...fields, Catch: byName }, ok)).caught.Error).toBe(error);
  });

  test('the cause that a catcher gets names the state and its event', async () => {
    const text = await run({ ResultPath: '$.a.b', Catch: all }, () => ({ ok: 1 }));
    expect(JSON.parse(text).caught.Cause).toBe(inState('T', 'Unable to apply ReferencePath $.a.b to input {"a":1}'));
  });

  test('States.DataLimitExceeded is not caught by States.ALL', async () => {
    const text = await run({ Catch: all }, () => ({ ok: 'x'.repeat(262_144) }));
    expect(text).toMatch(/^States\.DataLimitExceeded: /);
  });

  test('a catcher may name what States.ALL leaves out', async () => {
    const byName = [{ ErrorEquals: ['States.DataLimitExceeded'], Next: 'Caught' }];
    const text = await run({ Catch: byName }, () => ({ ok: 'x'.repeat(262_144) }));
    expect(JSON.parse(text).caught.Error).toBe('States.DataLimitExceeded');
  });

  test('a Lambda function that fails gives its error type and its error as text', async () => {
    const text = await run({ Catch: all }, failing('TypeError', 'x is not a function'));
    expect(JSON.parse(text).caught).toEqual({
      Error: 'TypeError',
      Cause: '{"errorMessage":"x is not a function","errorType":"TypeError"}',
    });
  });
});

describe(specification('fallback-states'), () => {
  test.each<[catchers: unknown]>([
    [[{ ErrorEquals: ['E'] }]],
    [[{ Next: 'Caught' }]],
    [[{ ErrorEquals: [], Next: 'Caught' }]],
    [[{ ErrorEquals: 'E', Next: 'Caught' }]],
    [[{ ErrorEquals: ['E'], Next: 'Nowhere' }]],
    [[{ ErrorEquals: ['E'], Next: 1 }]],
    [[{ ErrorEquals: ['States.ALL', 'E'], Next: 'Caught' }]],
    [
      [
        { ErrorEquals: ['States.ALL'], Next: 'Caught' },
        { ErrorEquals: ['E'], Next: 'Caught' },
      ],
    ],
    [[{ ErrorEquals: ['E'], ResultPath: '$.a[*]', Next: 'Caught' }]],
    [[{ ErrorEquals: ['E'], ResultPath: 1, Next: 'Caught' }]],
    [{ ErrorEquals: ['E'], Next: 'Caught' }],
  ])('Catch %j is refused with the definition', async (catchers) => {
    const machine = machineOf({
      T: { Type: 'Task', Resource: functionArn('f'), Catch: catchers, Next: 'Caught' },
      Caught: pass,
    });
    expect((await outcomeOf(machine)).text).toMatch(/^refused: Invalid State Machine Definition/);
  });
});
