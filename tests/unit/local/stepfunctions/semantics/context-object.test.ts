import { describe, expect, test } from 'vitest';
import { functionArn, machineOf } from '../../../../builders/a-states-part.ts';
import { guide, inState, outcomeOf, passOf } from '../../../../builders/an-outcome.ts';

const read = async (path: string, input: unknown = { a: 1 }) =>
  passOf({ Parameters: { 'v.$': path }, OutputPath: '$.v' }, input);

describe(guide('input-output-contextobject'), () => {
  test.each<[path: string, value: RegExp]>([
    ['$$.Execution.Id', /^"arn:aws:states:us-east-1:111111111111:execution:m1:[\w-]+"$/],
    ['$$.Execution.Name', /^"[\w-]+"$/],
    ['$$.Execution.Input', /^{"a":1}$/],
    ['$$.Execution.Input.a', /^1$/],
    ['$$.Execution.RoleArn', /^"arn:aws:iam::111111111111:role\/r"$/],
    ['$$.Execution.StartTime', /^"2026-01-01T00:00:00\.000Z"$/],
    ['$$.Execution.RedriveCount', /^0$/],
    ['$$.State.Name', /^"P"$/],
    ['$$.State.EnteredTime', /^"2026-01-01T00:00:00\.000Z"$/],
    ['$$.StateMachine.Id', /^"arn:aws:states:us-east-1:111111111111:stateMachine:m1"$/],
    ['$$.StateMachine.Name', /^"m1"$/],
    ["$$['Execution']['Input']", /^{"a":1}$/],
    ['$$.Execution.Input[*]', /^\[1\]$/],
    ['$$..Name', /^\["[\w-]+","P","m1"\]$/],
    ["States.Format('{}', $$.State.Name)", /^"P"$/],
    ['States.ArrayLength(States.StringSplit($$.Execution.Id, $$.StateMachine.Name))', /^\d+$/],
  ])('%s', async (path, value) => {
    expect(await read(path)).toMatch(value);
  });

  test.each(['$$.Task.Token', '$$.Map.Item.Index', '$$.Map.Item.Value', '$$.Execution.Nothing', '$$.nothing'])(
    '%s is not there in a Pass',
    async (path) => {
      expect(await read(path)).toContain(
        `States.Runtime: ${inState('P', `The JSONPath '${path}' specified for the field 'v.$'`)}`,
      );
    },
  );

  test.each(['InputPath', 'OutputPath'])('%s may read it', async (field) => {
    expect(await passOf({ [field]: '$$.State.Name' })).toBe('"P"');
  });

  test('the input of the execution stays what it was', async () => {
    const machine = machineOf({
      A: { Type: 'Pass', Result: 'changed', Next: 'B' },
      B: { Type: 'Pass', Parameters: { 'now.$': '$', 'then.$': '$$.Execution.Input' }, End: true },
    });
    expect((await outcomeOf(machine, { a: 1 })).text).toBe('{"now":"changed","then":{"a":1}}');
  });

  test('a state knows when it was entered', async () => {
    const machine = machineOf({
      W: { Type: 'Wait', Seconds: 5, Next: 'B' },
      B: { Type: 'Pass', Parameters: { 'e.$': '$$.State.EnteredTime', 's.$': '$$.Execution.StartTime' }, End: true },
    });
    expect((await outcomeOf(machine, {}, { withinS: 9 })).text).toBe(
      '{"e":"2026-01-01T00:00:05.000Z","s":"2026-01-01T00:00:00.000Z"}',
    );
  });

  test('a Choice may compare it', async () => {
    const machine = machineOf({
      C: { Type: 'Choice', Choices: [{ Variable: '$$.State.Name', StringEquals: 'C', Next: 'Y' }], Default: 'N' },
      Y: { Type: 'Pass', Result: 'y', End: true },
      N: { Type: 'Pass', Result: 'n', End: true },
    });
    expect((await outcomeOf(machine)).text).toBe('"y"');
  });

  test('a Wait may take its time from it', async () => {
    const machine = machineOf({ W: { Type: 'Wait', SecondsPath: '$$.Execution.Input.s', End: true } });
    expect((await outcomeOf(machine, { s: 3 }, { withinS: 9 })).endedAtS).toBe(3);
  });

  test('a task by token has a token of its own each time', async () => {
    const machine = machineOf({
      T: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        Parameters: { FunctionName: 'f', Payload: { 't.$': '$$.Task.Token' } },
        HeartbeatSeconds: 1,
        Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }],
        End: true,
      },
    });
    const { payloads } = await outcomeOf(machine, {}, { answer: () => 'silent', withinS: 9 });
    const [first, second] = payloads.map((payload) => JSON.stringify(payload));
    expect(payloads).toHaveLength(2);
    expect(first).not.toBe(second);
  });

  test.each<[depth: string, expected: string]>([
    ['$$.Map.Item.Index', '[[0,1],[0]]'],
    ['$$.Map.Item.Value', '[["a","b"],["c"]]'],
  ])('in nested maps %s is the inner one', async (path, expected) => {
    const inner = machineOf({ I: { Type: 'Pass', Parameters: { 'v.$': path }, OutputPath: '$.v', End: true } });
    const outer = machineOf({ O: { Type: 'Map', ItemProcessor: inner, End: true } });
    const machine = machineOf({ M: { Type: 'Map', ItemProcessor: outer, End: true } });
    expect((await outcomeOf(machine, [['a', 'b'], ['c']])).text).toBe(expected);
  });

  test('the item is known in every state of its iteration, also within a Parallel', async () => {
    const branch = machineOf({ B: { Type: 'Pass', Parameters: { 'i.$': '$$.Map.Item.Index' }, End: true } });
    const item = machineOf({
      W: { Type: 'Wait', Seconds: 1, Next: 'P' },
      P: { Type: 'Parallel', Branches: [branch], End: true },
    });
    const machine = machineOf({ M: { Type: 'Map', ItemProcessor: item, End: true } });
    expect((await outcomeOf(machine, ['a', 'b'], { withinS: 5 })).text).toBe('[[{"i":0}],[{"i":1}]]');
  });
});

describe(guide('state-fail'), () => {
  const fail = async (fields: object, input: unknown = { e: 'Err', c: 'why', n: 1, l: ['x'] }) =>
    (await outcomeOf(machineOf({ F: { Type: 'Fail', ...fields } }), input)).text;

  test.each<[fields: object, text: string]>([
    [{}, 'FAILED'],
    [{ Error: 'E' }, 'E'],
    [{ Cause: 'c' }, 'FAILED: c'],
    [{ Error: 'E', Cause: 'c' }, 'E: c'],
    [{ Error: '', Cause: '' }, ': '],
    [{ ErrorPath: '$.e' }, 'Err'],
    [{ CausePath: '$.c' }, 'FAILED: why'],
    [{ ErrorPath: '$.e', CausePath: '$.c' }, 'Err: why'],
    [{ Error: 'E', CausePath: '$.c' }, 'E: why'],
    [{ ErrorPath: '$.e', Cause: 'c' }, 'Err: c'],
    [{ Error: 'E', CausePath: "States.Format('{} of {}', $.n, $.c)" }, 'E: 1 of why'],
    [{ Error: 'E', CausePath: 'States.JsonToString($.l)' }, 'E: ["x"]'],
    [{ ErrorPath: 'States.ArrayGetItem($.l, 0)' }, 'x'],
    [{ Error: 'E', CausePath: '$$.State.Name' }, 'E: F'],
    [{ Error: '$.e' }, '$.e'],
    [{ Error: 'States.Timeout' }, 'States.Timeout'],
  ])('%j', async (fields, text) => {
    expect(await fail(fields)).toBe(text);
  });

  test.each<[fields: object]>([[{ ErrorPath: '$.x' }], [{ ErrorPath: '$.n' }], [{ CausePath: '$.l' }]])(
    '%j gives no text',
    async (fields) => {
      expect(await fail(fields)).toContain(`States.Runtime: ${inState('F', '')}`);
    },
  );

  test.each<[fields: object]>([
    [{ Error: 1 }],
    [{ Cause: {} }],
    [{ Error: 'E', ErrorPath: '$.e' }],
    [{ Cause: 'c', CausePath: '$.c' }],
    [{ ErrorPath: 'e' }],
    [{ CausePath: 1 }],
    [{ End: true }],
    [{ Next: 'F' }],
    [{ InputPath: '$' }],
    [{ OutputPath: '$' }],
    [{ Retry: [{ ErrorEquals: ['E'] }] }],
  ])('%j is refused with the definition', async (fields) => {
    expect(await fail(fields)).toMatch(/^refused: /);
  });

  test('it ends the execution at once, whatever else is at work', async () => {
    const branch = machineOf({ T: { Type: 'Task', Resource: functionArn('f'), End: true } });
    const machine = machineOf({
      P: { Type: 'Parallel', Branches: [branch, machineOf({ F: { Type: 'Fail', Error: 'E' } })], End: true },
    });
    expect((await outcomeOf(machine, {}, { answer: () => 'silent' })).text).toBe('E');
  });
});
