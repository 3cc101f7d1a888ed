import { describe, expect, test } from 'vitest';
import { aStatesPart, functionArn, machineOf } from '../../../builders/a-states-part.ts';

const read = (Parameters: object) => ({ Type: 'Pass', Parameters, End: true });

const outcome = async (states: Record<string, object>, input?: unknown, answer?: unknown) => {
  const part = aStatesPart();
  const arn = await part.run(machineOf(states), input);
  if (answer instanceof Error) part.invocations[0]?.fail(answer.name, answer.message);
  else part.invocations[0]?.succeed(answer);
  await part.settle();
  await part.clock.advance(1000);
  const { status, error, cause } = await part.describe(arn);
  return status === 'SUCCEEDED' ? part.output(arn) : { error, cause };
};

const task = { Type: 'Task', Resource: functionArn('f') };
const branch = machineOf({ I: { Type: 'Pass', End: true } });
const other = machineOf({ J: { Type: 'Pass', End: true } });

/** What `$` is in Assign depends on the state. */
describe('https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html#variables-jsonpath-states', () => {
  test.each<[what: string, state: object, input: unknown, answer: unknown, expected: unknown]>([
    [
      'a Task: its raw result',
      { ...task, ResultSelector: { 'x.$': '$.r' }, ResultPath: '$.t' },
      { a: 1 },
      { r: 2 },
      { r: 2 },
    ],
    [
      'a Parallel: the results of its branches',
      { Type: 'Parallel', Branches: [branch, other], ResultPath: '$.p' },
      { a: 1 },
      0,
      [{ a: 1 }, { a: 1 }],
    ],
    [
      'a Map: the results of its items',
      { Type: 'Map', ItemsPath: '$.l', ItemProcessor: branch, ResultPath: null },
      { l: [1, 2] },
      0,
      [1, 2],
    ],
    ['a Wait: its effective input', { Type: 'Wait', Seconds: 1, InputPath: '$.a' }, { a: 1 }, 0, 1],
    ['a Pass: its Result', { Type: 'Pass', Result: 'r', ResultPath: '$.a' }, { a: 1 }, 0, 'r'],
    [
      'a Pass without Result: what its Parameters make',
      { Type: 'Pass', Parameters: { 'b.$': '$.a' } },
      { a: 1 },
      0,
      { b: 1 },
    ],
    ['a Pass with InputPath only: what that selects', { Type: 'Pass', InputPath: '$.a' }, { a: 1 }, 0, 1],
  ])('in %s', async (_what, state, input, answer, expected) => {
    const states = { S: { ...state, Assign: { 'v.$': '$' }, Next: 'R' }, R: read({ 'v.$': '$v' }) };
    expect(await outcome(states, input, answer)).toEqual({ v: expected });
  });

  test('in a Choice it is the effective input, for the rule that holds', async () => {
    const rule = { Variable: '$', NumericEquals: 1, Assign: { 'v.$': '$' }, Next: 'R' };
    const states = { S: { Type: 'Choice', InputPath: '$.a', Choices: [rule] }, R: read({ 'v.$': '$v' }) };
    expect(await outcome(states, { a: 1 })).toEqual({ v: 1 });
  });

  test('in a catcher it is the error output', async () => {
    const Catch = [
      {
        ErrorEquals: ['States.ALL'],
        ResultPath: '$.e',
        Assign: { 'v.$': '$.Error', 'c.$': '$$.State.Name' },
        Next: 'R',
      },
    ];
    const states = {
      S: { ...task, Catch, End: true },
      R: read({ 'v.$': '$v', 'c.$': '$c', 'e.$': '$.e.Error', 'a.$': '$.a' }),
    };
    const broken = new Error('m');
    broken.name = 'Broken';
    expect(await outcome(states, { a: 1 }, broken)).toEqual({ v: 'Broken', c: 'S', e: 'Broken', a: 1 });
  });

  test('the documented assignment', async () => {
    const Assign = {
      details: { status: 'SUCCESS', 'lineItems.$': '$.order.items' },
      'resultCode.$': '$.result.code',
      'message.$': "States.Format('Hello {}', $customer.name)",
      'startTime.$': '$$.Execution.StartTime',
    };
    const states = {
      C: { Type: 'Pass', Assign: { 'customer.$': '$.customer' }, Next: 'S' },
      S: { ...task, Assign, Next: 'R' },
      R: read({
        'd.$': '$details',
        'r.$': '$resultCode',
        'm.$': '$message',
        'first.$': '$details.lineItems[0]',
        't.$': '$startTime',
      }),
    };
    const result = { order: { items: ['i', 'j'] }, result: { code: 7 } };
    expect(await outcome(states, { customer: { name: 'Ann' } }, result)).toEqual({
      d: { status: 'SUCCESS', lineItems: ['i', 'j'] },
      r: 7,
      m: 'Hello Ann',
      first: 'i',
      t: '2026-01-01T00:00:00.000Z',
    });
  });
});

/** A variable stands in every field that takes a path, but for ResultPath. */
test.each<[field: string, state: object, expected: unknown]>([
  ['InputPath', { Type: 'Pass', InputPath: '$v.o' }, { k: 1 }],
  ['OutputPath', { Type: 'Pass', OutputPath: '$v.o.k' }, 1],
  ['Parameters', { Type: 'Pass', Parameters: { 'x.$': '$v.l[*]' } }, { x: [1, 2] }],
  ['ItemsPath', { Type: 'Map', ItemsPath: '$v.l', ItemProcessor: branch }, [1, 2]],
  [
    'ItemSelector',
    { Type: 'Map', ItemsPath: '$v.l', ItemSelector: { 'x.$': '$v.o.k' }, ItemProcessor: branch },
    [{ x: 1 }, { x: 1 }],
  ],
  [
    'MaxConcurrencyPath',
    { Type: 'Map', ItemsPath: '$v.l', MaxConcurrencyPath: '$v.o.k', ItemProcessor: branch },
    [1, 2],
  ],
  ['SecondsPath', { Type: 'Wait', SecondsPath: '$v.o.k' }, {}],
])('%s reads a variable', async (_field, state, expected) => {
  const set = { Type: 'Pass', Assign: { v: { o: { k: 1 }, l: [1, 2] } }, Next: 'S' };
  expect(await outcome({ A: set, S: { ...state, End: true } }, {})).toEqual(expected);
});

test('a variable that nobody has set fails the execution', async () => {
  expect(await outcome({ S: read({ 'v.$': '$nobody' }) })).toMatchObject({ error: 'States.Runtime' });
});

test('Fail names its error by a variable', async () => {
  const states = {
    A: { Type: 'Pass', Assign: { e: 'Mine' }, Next: 'F' },
    F: { Type: 'Fail', ErrorPath: '$e', CausePath: "States.Format('because of {}', $e)" },
  };
  expect(await outcome(states)).toEqual({ error: 'Mine', cause: 'because of Mine' });
});

test('items see the variables around them, and theirs are gone afterwards', async () => {
  const ItemProcessor = machineOf({
    I: { Type: 'Pass', Assign: { 'own.$': '$' }, Next: 'J' },
    J: { Type: 'Pass', Parameters: { 'a.$': '$around', 'b.$': '$own' }, End: true },
  });
  const map = { Type: 'Map', ItemsPath: '$.l', ItemProcessor };
  const set = { Type: 'Pass', Assign: { around: 'x' }, Next: 'M' };
  expect(await outcome({ A: set, M: { ...map, End: true } }, { l: [1, 2] })).toEqual([
    { a: 'x', b: 1 },
    { a: 'x', b: 2 },
  ]);
  const after = { A: set, M: { ...map, Next: 'R' }, R: read({ 'v.$': '$own' }) };
  expect(await outcome(after, { l: [1, 2] })).toMatchObject({ error: 'States.Runtime' });
});

/** https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html#variable-limits */
test('all variables of an execution hold 10 MiB; one that is set again counts once', async () => {
  const text = 'x'.repeat(260_000);
  const chain = (count: number, nameOf: (at: number) => string) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, at) => [
        `S${at}`,
        {
          Type: 'Pass',
          Assign: { [`${nameOf(at)}.$`]: '$.t' },
          ...(at + 1 < count ? { Next: `S${at + 1}` } : { End: true }),
        },
      ]),
    );
  expect(
    await outcome(
      chain(41, (at) => `v${at}`),
      { t: text },
    ),
  ).toMatchObject({ error: 'States.DataLimitExceeded' });
  expect(
    await outcome(
      chain(40, (at) => `v${at}`),
      { t: text },
    ),
  ).toEqual({ t: text });
  expect(
    await outcome(
      chain(60, (at) => `v${at % 2}`),
      { t: text },
    ),
  ).toEqual({ t: text });
});
