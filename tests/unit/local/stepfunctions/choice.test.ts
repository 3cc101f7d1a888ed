import { expect, test } from 'vitest';
import { aStatesPart, machineOf } from '../../../builders/a-states-part.ts';

const decide = async (rule: object, input: unknown) => {
  const states = aStatesPart();
  const arn = await states.run(
    machineOf({
      Is: { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' },
      Yes: { Type: 'Pass', Result: 'yes', End: true },
      No: { Type: 'Pass', Result: 'no', End: true },
    }),
    input,
  );
  const { output, error } = await states.describe(arn);
  return error ?? output;
};

const yes = '"yes"';
const no = '"no"';
const v = (value: unknown) => ({ v: value, w: value, t: '2026-01-01T00:00:00Z' });

test.each([
  [{ NumericEquals: 3 }, 3, yes],
  [{ NumericEquals: 3 }, '3', no],
  [{ NumericLessThan: 3 }, 2, yes],
  [{ NumericLessThan: 3 }, 3, no],
  [{ NumericGreaterThan: 3 }, 4, yes],
  [{ NumericLessThanEquals: 3 }, 3, yes],
  [{ NumericGreaterThanEquals: 3 }, 2.9, no],
  [{ NumericEqualsPath: '$.w' }, 1e300, yes],
  [{ StringEquals: 'a' }, 'a', yes],
  [{ StringLessThan: 'b' }, 'a', yes],
  [{ StringGreaterThan: 'b' }, 'a', no],
  [{ StringLessThanEquals: 'b' }, 'b', yes],
  [{ StringGreaterThanEquals: 'b' }, 'c', yes],
  [{ StringEqualsPath: '$.w' }, 'x', yes],
  [{ StringMatches: 'log-*.txt' }, 'log-7.txt', yes],
  [{ StringMatches: 'log-*.txt' }, 'log-7.text', no],
  [{ StringMatches: 'a\\*' }, 'a*', yes],
  [{ StringMatches: 'a\\*' }, 'ab', no],
  [{ StringMatches: '*a*a*' }, 'ba', no],
  [{ StringMatches: 'aa*aa' }, 'aaa', no],
  [{ BooleanEquals: true }, true, yes],
  [{ BooleanEqualsPath: '$.w' }, false, yes],
  [{ TimestampEquals: '2026-01-01T01:00:00+01:00' }, '2026-01-01T00:00:00Z', yes],
  [{ TimestampLessThan: '2026-01-01T00:00:00Z' }, '2025-12-31T23:59:59Z', yes],
  [{ TimestampGreaterThanEqualsPath: '$.t' }, '2026-01-01T00:00:00.5Z', yes],
  [{ TimestampEquals: '2026-01-01T00:00:00Z' }, 'yesterday', no],
  [{ IsNull: true }, null, yes],
  [{ IsNull: false }, 0, yes],
  [{ IsPresent: true }, null, yes],
  [{ IsNumeric: true }, 1, yes],
  [{ IsString: true }, 1, no],
  [{ IsBoolean: true }, false, yes],
  [{ IsTimestamp: true }, '2026-01-01T00:00:00Z', yes],
  [{ IsTimestamp: true }, '2026-01-01', no],
])('%j on %j', async (comparison, value, expected) => {
  expect(await decide({ Variable: '$.v', ...comparison }, v(value))).toBe(expected);
});

test('rules combine', async () => {
  const a = { Variable: '$.a', NumericEquals: 1 };
  const b = { Variable: '$.b', IsPresent: true };
  expect(await decide({ And: [a, b] }, { a: 1 })).toBe(no);
  expect(await decide({ Or: [a, b] }, { a: 1 })).toBe(yes);
  expect(await decide({ Not: b }, { a: 1 })).toBe(yes);
  expect(await decide({ And: [a, { Not: { Or: [b] } }] }, { a: 1 })).toBe(yes);
});

test('a variable that is not there fails the execution', async () => {
  expect(await decide({ Variable: '$.x', NumericEquals: 1 }, {})).toBe('States.Runtime');
});

test('no rule and no default is States.NoChoiceMatched', async () => {
  const states = aStatesPart();
  const arn = await states.run(
    machineOf({
      Is: { Type: 'Choice', Choices: [{ Variable: '$.a', NumericEquals: 1, Next: 'End' }] },
      End: { Type: 'Succeed' },
    }),
    { a: 2 },
  );
  expect(await states.describe(arn)).toMatchObject({
    status: 'FAILED',
    error: 'States.NoChoiceMatched',
    cause:
      "An error occurred while executing the state 'Is' (entered at the event id #2). Failed to transition out of the state. The state does not point to a next state.",
  });
});

test('a loop of choices ends at the limit of the history', async () => {
  const states = aStatesPart();
  const arn = await states.run(
    machineOf({
      Is: { Type: 'Choice', Choices: [{ Variable: '$.a', NumericEquals: 1, Next: 'End' }], Default: 'Again' },
      Again: { Type: 'Pass', Next: 'Is' },
      End: { Type: 'Succeed' },
    }),
    { a: 2 },
  );
  expect(await states.describe(arn)).toMatchObject({
    status: 'FAILED',
    error: 'States.Runtime',
    cause: 'The execution reached the maximum number of history events (25000).',
  });
});
