import { expect, test } from 'vitest';
import { aStatesPart, machineOf } from '../../../builders/a-states-part.ts';

const pass = (fields: object) => machineOf({ Only: { Type: 'Pass', ...fields, End: true } });
const outcomeOf = async (fields: object, input: unknown) => {
  const states = aStatesPart();
  const arn = await states.run(pass(fields), input);
  const { status, output, error, cause } = await states.describe(arn);
  return { status, output: typeof output === 'string' ? JSON.parse(output) : undefined, error, cause };
};

test.each([
  ['hands its input on', {}, { a: 1 }, { a: 1 }],
  ['gives a fixed result', { Result: { b: null } }, { a: 1 }, { b: null }],
  ['gives a null result', { Result: null }, { a: 1 }, null],
  ['puts a result into its input', { Result: 5, ResultPath: '$.x.y' }, { a: 1 }, { a: 1, x: { y: 5 } }],
  ['replaces one element', { Result: 5, ResultPath: '$.l[1]' }, { l: [1, 2, 3] }, { l: [1, 5, 3] }],
  ['drops its result', { Result: 5, ResultPath: null }, { a: 1 }, { a: 1 }],
  ['selects input', { InputPath: '$.a.b' }, { a: { b: [7] } }, [7]],
  ['selects nothing', { InputPath: null }, { a: 1 }, {}],
  ['selects output', { OutputPath: '$.a' }, { a: 3 }, 3],
  [
    'builds input from a template',
    { Parameters: { 'n.$': '$.a', k: { 's.$': "States.Format('<{}>', $.a)" } } },
    { a: 1 },
    { n: 1, k: { s: '<1>' } },
  ],
  ['reads the context object', { Parameters: { 's.$': '$$.State.Name' } }, {}, { s: 'Only' }],
])('%s', async (_what, fields, input, output) => {
  expect(await outcomeOf(fields, input)).toEqual({ status: 'SUCCEEDED', output });
});

test('a path that leads nowhere fails the execution and says where', async () => {
  expect(await outcomeOf({ Parameters: { 'n.$': '$.b' } }, { a: 1 })).toEqual({
    status: 'FAILED',
    output: undefined,
    error: 'States.Runtime',
    cause:
      "An error occurred while executing the state 'Only' (entered at the event id #2). The JSONPath '$.b' specified for the field 'n.$' could not be found in the input '{\"a\":1}'",
  });
});

test('a result that does not fit its place fails the execution', async () => {
  const { status, error } = await outcomeOf({ Result: 1, ResultPath: '$.a.b' }, { a: 'text' });
  expect({ status, error }).toEqual({ status: 'FAILED', error: 'States.ResultPathMatchFailure' });
});

test('names such as __proto__ are only names', async () => {
  const input = JSON.parse('{"__proto__": {"x": 1}, "a": 2}');
  const { output } = await outcomeOf({ Result: 5, ResultPath: "$['__proto__'].y" }, input);
  expect(JSON.stringify(output)).toBe('{"__proto__":{"x":1,"y":5},"a":2}');
  expect(await outcomeOf({ InputPath: '$.constructor' }, {})).toMatchObject({ status: 'FAILED' });
});

test('its history is the one that AWS documents', async () => {
  const states = aStatesPart();
  const arn = await states.run(pass({ Result: 'Hello' }), {});
  const events = await states.history(arn);
  expect(events.map(({ id, previousEventId, type }) => [id, previousEventId, type])).toEqual([
    [1, 0, 'ExecutionStarted'],
    [2, 0, 'PassStateEntered'],
    [3, 2, 'PassStateExited'],
    [4, 3, 'ExecutionSucceeded'],
  ]);
  expect(events[1]).toMatchObject({ stateEnteredEventDetails: { name: 'Only', input: '{}' } });
  expect(events[3]).toMatchObject({ executionSucceededEventDetails: { output: '"Hello"' } });
});
