import { describe, expect, test, vi } from 'vitest';
import { aStatesPart, functionArn, machineOf } from '../../../../builders/a-states-part.ts';
import { ended } from '../../../../builders/an-end.ts';

const jsonata = (states: Record<string, object>) => ({ QueryLanguage: 'JSONata', ...machineOf(states) });

const outcome = async (definition: object, input?: unknown) => {
  const states = aStatesPart();
  const { status, output, error, cause } = await ended(states, await states.run(definition, input), 10_000);
  return status === 'SUCCEEDED' ? JSON.parse(String(output)) : { error, cause };
};

const pass = (fields: object) => jsonata({ P: { Type: 'Pass', ...fields, End: true } });

describe('https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html', () => {
  test('the example with input and output', async () => {
    const machine = jsonata({
      'Basic Input and Output': {
        Type: 'Succeed',
        Output: {
          lastName: "{% 'Last=>' & $states.input.customer.lastName %}",
          orderValue: '{% $states.input.order.total %}',
        },
      },
    });
    const input = { customer: { firstName: 'Martha', lastName: 'Rivera' }, order: { items: 7, total: 27.91 } };
    expect(await outcome(machine, input)).toEqual({ lastName: 'Last=>Rivera', orderValue: 27.91 });
  });

  test('the example that filters', async () => {
    const machine = pass({ Output: { dietProducts: '{% $states.input.products[calories=0] %}' } });
    const products = [
      { calories: 140, productName: 'DAP01' },
      { calories: 0, productName: 'DAP02' },
    ];
    expect(await outcome(machine, { products })).toEqual({ dietProducts: products[1] });
  });

  test.each([
    [
      '{% $partition([1,2,3,4], $states.input.chunkSize) %}',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['{% $range(0, 10, 2) %}', [0, 2, 4, 6, 8, 10]],
    ["{% $hash($states.input.content, 'MD5') %}", '9a0364b9e99bb480dd25e1f0284c8555'],
    ['{% $random() >= 0 and $random() < 1 %}', true],
    ['{% $random($states.input.chunkSize) = $random(2) %}', true],
    ['{% $length($uuid()) %}', 36],
    ['{% $parse($states.input.json_string).a %}', 1],
    ['plain {% text %}', 'plain {% text %}'],
    ['$states.input', '$states.input'],
    [true, true],
    [42, 42],
    [
      ['{% $states.input.chunkSize %}', { x: '{% 1 %}' }],
      [2, { x: 1 }],
    ],
  ])('Output %j', async (Output, expected) => {
    expect(await outcome(pass({ Output }), { chunkSize: 2, content: 'content', json_string: '{"a":1}' })).toEqual(
      expected,
    );
  });

  test.each([
    [
      '{% $states.input.x + $states.input.y %}',
      ' threw an error during evaluation. T2002: The right side of the "+" operator must evaluate to a number',
    ],
    ['{% $states.input.thisFieldDoesNotExist %}', ' returned nothing (undefined).'],
    [
      '{% ($f:=function($x){$f($x+1)};$f(0)) %}',
      ' threw an error during evaluation: Expression evaluation timeout: Check for infinite loop',
    ],
    ['{% $sum %}', ' returned an unsupported result type.'],
    ["{% $eval('1') %}", ' threw an error during evaluation. T1006: Attempted to invoke a non-function'],
  ])('Output %s fails', async (Output, what) => {
    const source = Output.slice(3, -3);
    expect(await outcome(pass({ Output: { v: Output } }), { x: 1, y: 'a' })).toEqual({
      error: 'States.QueryEvaluationError',
      cause: `An error occurred while executing the state 'P' (entered at the event id #2). The JSONata expression '${source}' specified for the field 'Output/v'${what}`,
    });
  });

  test('a state of a JSONPath machine may be JSONata', async () => {
    const machine = machineOf({
      A: { Type: 'Pass', Parameters: { 'a.$': '$.x' }, Next: 'B' },
      B: { Type: 'Pass', QueryLanguage: 'JSONata', Output: { b: '{% $states.input.a + 1 %}' }, End: true },
    });
    expect(await outcome(machine, { x: 1 })).toEqual({ b: 2 });
  });
});

describe('https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html', () => {
  test('all expressions see the values of the state’s entry', async () => {
    const machine = jsonata({
      A: { Type: 'Pass', Assign: { x: 3, a: 6 }, Next: 'B' },
      B: { Type: 'Pass', Assign: { x: '{% $a %}', nextX: '{% $x %}' }, Output: '{% $x %}', Next: 'C' },
      C: { Type: 'Pass', Output: ['{% $states.input %}', '{% $x %}', '{% $nextX %}'], End: true },
    });
    expect(await outcome(machine)).toEqual([3, 6, 3]);
  });

  test('paths read variables, alone, in intrinsics and in rules', async () => {
    const machine = machineOf({
      A: { Type: 'Pass', Assign: { 'customer.$': '$.c', order: { number: 7 } }, Next: 'B' },
      B: {
        Type: 'Choice',
        Choices: [{ Variable: '$order.number', NumericEquals: 7, Next: 'C', Assign: { 'seen.$': '$.c.name' } }],
        Default: 'C',
      },
      C: {
        Type: 'Pass',
        Parameters: { 'm.$': "States.Format('Hello {} of {}', $customer.name, $order.number)", 's.$': '$seen' },
        End: true,
      },
    });
    expect(await outcome(machine, { c: { name: 'María' } })).toEqual({ m: 'Hello María of 7', s: 'María' });
  });

  test('a rule that holds sets its own variables, the default those of the state', async () => {
    const machine = (x: number) =>
      jsonata({
        A: {
          Type: 'Choice',
          Choices: [{ Condition: '{% $states.input.x = 1 %}', Next: 'B', Assign: { v: 'rule' }, Output: 'r' }],
          Default: 'B',
          Assign: { v: 'default' },
          Output: `d${x}`,
        },
        B: { Type: 'Pass', Output: ['{% $v %}', '{% $states.input %}'], End: true },
      });
    expect(await outcome(machine(1), { x: 1 })).toEqual(['rule', 'r']);
    expect(await outcome(machine(2), { x: 2 })).toEqual(['default', 'd2']);
  });

  test('branches see outer variables and keep their own', async () => {
    const branch = (name: string) =>
      machineOf({
        [`${name}1`]: { Type: 'Pass', Assign: { [name]: '{% $outer & 1 %}' }, Next: `${name}2` },
        [`${name}2`]: { Type: 'Pass', Output: `{% [$${name}, $exists($a), $exists($b)] %}`, End: true },
      });
    const machine = jsonata({
      S: { Type: 'Pass', Assign: { outer: 'o' }, Next: 'P' },
      P: { Type: 'Parallel', Branches: [branch('a'), branch('b')], Next: 'E' },
      E: { Type: 'Pass', Output: ['{% $states.input %}', '{% $exists($a) %}'], End: true },
    });
    expect(await outcome(machine)).toEqual([
      [
        ['o1', true, false],
        ['o1', false, true],
      ],
      false,
    ]);
  });

  test('a catcher assigns in the scope around the state', async () => {
    const machine = jsonata({
      M: {
        Type: 'Parallel',
        Branches: [
          machineOf({ F: { Type: 'Fail', Error: "{% 'E' & 1 %}", Cause: '{% $states.context.State.Name %}' } }),
        ],
        Catch: [
          {
            ErrorEquals: ['States.ALL'],
            Next: 'E',
            Assign: { e: '{% $states.errorOutput.Error %}' },
            Output: '{% $map([1], function($v){ $states.errorOutput.Cause })[0] %}',
          },
        ],
        End: true,
      },
      E: { Type: 'Pass', Output: ['{% $e %}', '{% $states.input %}'], End: true },
    });
    expect(await outcome(machine)).toEqual(['E1', 'F']);
  });

  test('a single Assign holds 256 KiB', async () => {
    const machine = (count: number) =>
      jsonata({
        A: {
          Type: 'Pass',
          Assign: Object.fromEntries(Array.from({ length: count }, (_, at) => [`v${at}`, '{% $states.input.t %}'])),
          Output: count,
          End: true,
        },
      });
    expect(await outcome(machine(2), { t: 'x'.repeat(120_000) })).toBe(2);
    expect(await outcome(machine(3), { t: 'x'.repeat(120_000) })).toMatchObject({ error: 'States.DataLimitExceeded' });
  });
});

test('a task gets its arguments and gives its result', async () => {
  const states = aStatesPart();
  const arn = await states.run(
    jsonata({
      T: {
        Type: 'Task',
        Resource: functionArn('f'),
        Arguments: { n: '{% $map([1,2], function($v){ $v * $states.input.n }) %}' },
        TimeoutSeconds: "{% $number('10') %}",
        Output: '{% $sum($states.result.l) %}',
        Assign: { seen: '{% $states.result.l[0] %}' },
        Next: 'E',
      },
      E: { Type: 'Pass', Output: ['{% $states.input %}', '{% $seen %}'], End: true },
    }),
    { n: 3 },
  );
  await vi.waitFor(() => expect(states.invocations).toHaveLength(1), { timeout: 10_000 });
  expect(states.invocations[0]?.payload).toEqual({ n: [3, 6] });
  states.invocations[0]?.succeed({ l: [1, 2] });
  expect((await ended(states, arn, 10_000)).output).toBe('[3,1]');
  const types = (await states.history(arn)).map(({ type }) => type);
  expect(types).toEqual([
    ...['ExecutionStarted', 'TaskStateEntered', 'LambdaFunctionScheduled', 'LambdaFunctionStarted'],
    ...['LambdaFunctionSucceeded', 'TaskStateExited', 'PassStateEntered', 'PassStateExited', 'ExecutionSucceeded'],
  ]);
});
