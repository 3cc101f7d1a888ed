import { describe, expect, test } from 'vitest';
import { compile } from '../../../../../local/stepfunctions/compile.ts';
import { functionArn, machineOf } from '../../../../builders/a-states-part.ts';

const problems = (definition: object) =>
  (compile(JSON.stringify(definition)).diagnostics ?? []).map(
    ({ code, message, at }) => `${code}: ${message} at ${at}`,
  );

const state = (fields: object) => ({ QueryLanguage: 'JSONata', ...machineOf({ S: { ...fields, End: true } }) });
const task = { Type: 'Task', Resource: functionArn('f') };

/** As AWS answers ValidateStateMachineDefinition: the parser's own words. */
test.each([
  ['a[1,2)', 'Expected "]", got ","'],
  ['"unterminated', 'String literal must be terminated by a matching quote'],
  ['1 +', 'Unexpected end of expression'],
  ['{"a":}', 'The symbol "}" cannot be used as a unary operator'],
  ['$x :=', 'Unexpected end of expression'],
  ['$match("a", /abc', 'No terminating / in regular expression'],
  ['', 'Unexpected end of expression'],
])('%s is no expression', (source, message) => {
  const at = '/States/S/Output/l[1]';
  expect(problems(state({ Type: 'Pass', Output: { l: [0, `{% ${source} %}`] } }))).toEqual([
    `INVALID_JSONATA_EXPRESSION: ${message} at ${at}`,
  ]);
});

test.each([
  ['phone', "Reference to 'phone' at the top level is not supported."],
  ['phone.number', "Reference to 'phone' at the top level is not supported."],
  ['$states.input.a & b', "Reference to 'b' at the top level is not supported."],
  ['$map($states.input.a, function($x){ b })', "Reference to 'b' at the top level is not supported."],
  ['[1, a]', "Reference to 'a' at the top level is not supported."],
  ["{'k': a}", "Reference to 'a' at the top level is not supported."],
  ['$$', "Reference to '$$' is not supported."],
  ['$states.errorOutput', "Field '$states.errorOutput' does not exist."],
  ['$states.result', "Field '$states.result' does not exist."],
  ['$states.item', "Field '$states.item' does not exist."],
])('%s has nothing to look at', (source, message) => {
  expect(problems(state({ Type: 'Pass', Output: `{% ${source} %}` }))).toEqual([
    `UNSUPPORTED_JSONATA_EXPRESSION: ${message} at /States/S/Output`,
  ]);
});

test.each([
  '$states.input.items[value > 3]',
  '$states.input.items.name',
  '$states.input.items^(price)',
  '$states.input.items{name: $sum(price)}',
  '$states.input.items.{"n": name}',
  '$states.input.items.$',
  '($x := $states.input; $x.a)',
])('%s is accepted: later steps have a context', (source) => {
  expect(problems(state({ Type: 'Pass', Output: `{% ${source} %}` }))).toEqual([]);
});

describe('https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html#reserved-variable-states', () => {
  test.each([
    ['result in a task’s Output', { ...task, Output: '{% $states.result %}' }, []],
    ['result in a task’s Assign', { ...task, Assign: { v: '{% $states.result %}' } }, []],
    ['result in a task’s Arguments', { ...task, Arguments: '{% $states.result %}' }, ['/States/S/Arguments']],
    ['result in a Wait', { Type: 'Wait', Seconds: 1, Output: '{% $states.result %}' }, ['/States/S/Output']],
    [
      'errorOutput in a catcher, result not',
      {
        ...task,
        Catch: [
          {
            ErrorEquals: ['A'],
            Next: 'S',
            Output: '{% $states.errorOutput %}',
            Assign: { v: '{% $states.errorOutput %}' },
          },
          { ErrorEquals: ['B'], Next: 'S', Output: '{% $states.result %}' },
        ],
      },
      ['/States/S/Catch[1]/Output'],
    ],
  ])('%s', (_what, fields, places) => {
    expect((compile(JSON.stringify(state(fields))).diagnostics ?? []).map(({ at }) => at)).toEqual(places);
  });
});

describe('https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html#variable-scope', () => {
  const inner = (names: object) => ({ ...machineOf({ I: { Type: 'Pass', Assign: names, End: true } }) });

  test('an inner scope must not set a variable of an outer one', () => {
    const machine = machineOf({
      A: { Type: 'Pass', Assign: { 'x.$': '$' }, Next: 'P' },
      P: {
        Type: 'Parallel',
        Branches: [inner({ y: 1 }), inner({ x: 1 })],
        End: true,
      },
    });
    expect(problems(machine)).toContain(
      "DUPLICATE_VARIABLE_NAME: The variable name 'x' was already defined in a parent scope. at /States/P/Branches[1]/States/I/Assign/x",
    );
  });

  test('scopes beside each other may set the same', () => {
    const machine = machineOf({
      P: {
        Type: 'Map',
        Catch: [{ ErrorEquals: ['E'], Next: 'Q', Assign: { x: 1 } }],
        ItemProcessor: inner({ z: 1 }),
        Next: 'Q',
      },
      Q: { Type: 'Map', ItemProcessor: machineOf({ J: { Type: 'Pass', Assign: { z: 1 }, End: true } }), End: true },
    });
    expect(problems(machine)).toEqual([]);
  });
});

test('an expression of ten thousand terms, or levels, is refused or compiled, and nothing breaks', () => {
  const long = Array.from({ length: 10_000 }, () => '1').join('+');
  const deep = `${'('.repeat(10_000)}1${')'.repeat(10_000)}`;
  for (const source of [long, deep]) {
    expect(() => problems(state({ Type: 'Pass', Output: `{% ${source} %}` }))).not.toThrow();
  }
});
