import { describe, expect, test } from 'vitest';
import { machineOf } from '../../../../builders/a-states-part.ts';
import { guide, inState, outcomeOf } from '../../../../builders/an-outcome.ts';

const decide = async (rule: object, input: unknown): Promise<string> => {
  const machine = machineOf({
    C: { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' },
    Yes: { Type: 'Pass', Result: true, End: true },
    No: { Type: 'Pass', Result: false, End: true },
  });
  return (await outcomeOf(machine, input)).text;
};

const early = '2026-01-01T00:00:00Z';
const late = '2026-06-01T12:00:00Z';
/** One value of every kind, by the name that the tables call it. */
const kinds = {
  null: null,
  true: true,
  false: false,
  0: 0,
  1: 1,
  1.5: 1.5,
  '-1': -1,
  empty: '',
  one: '1',
  a: 'a',
  b: 'b',
  early,
  late,
  array: [1],
  object: { a: 1 },
};

const holding = async (rule: object): Promise<string> => {
  const found = await Promise.all(
    Object.entries(kinds).map(async ([name, v]) =>
      (await decide({ Variable: '$.v', ...rule }, { v })) === 'true' ? [name] : [],
    ),
  );
  return found.flat().join(' ');
};

describe(guide('state-choice'), () => {
  test.each<[operator: string, constant: unknown, holdsFor: string]>([
    ['BooleanEquals', true, 'true'],
    ['BooleanEquals', false, 'false'],
    ['IsNull', true, 'null'],
    ['IsNull', false, '0 1 true false 1.5 -1 empty one a b early late array object'],
    ['IsBoolean', true, 'true false'],
    ['IsBoolean', false, '0 1 null 1.5 -1 empty one a b early late array object'],
    ['IsNumeric', true, '0 1 1.5 -1'],
    ['IsNumeric', false, 'null true false empty one a b early late array object'],
    ['IsString', true, 'empty one a b early late'],
    ['IsString', false, '0 1 null true false 1.5 -1 array object'],
    ['IsTimestamp', true, 'early late'],
    ['IsTimestamp', false, '0 1 null true false 1.5 -1 empty one a b array object'],
    ['IsPresent', true, '0 1 null true false 1.5 -1 empty one a b early late array object'],
    ['IsPresent', false, ''],
    ['NumericEquals', 1, '1'],
    ['NumericEquals', 1.5, '1.5'],
    ['NumericEquals', 0, '0'],
    ['NumericLessThan', 1, '0 -1'],
    ['NumericLessThanEquals', 1, '0 1 -1'],
    ['NumericGreaterThan', 0, '1 1.5'],
    ['NumericGreaterThanEquals', 0, '0 1 1.5'],
    ['StringEquals', 'a', 'a'],
    ['StringEquals', '', 'empty'],
    ['StringEquals', '1', 'one'],
    ['StringEquals', early, 'early'],
    ['StringLessThan', 'a', 'empty one early late'],
    ['StringLessThanEquals', 'a', 'empty one a early late'],
    ['StringGreaterThan', 'a', 'b'],
    ['StringGreaterThanEquals', 'a', 'a b'],
    ['StringMatches', '*', 'empty one a b early late'],
    ['StringMatches', '2026-*Z', 'early late'],
    ['TimestampEquals', early, 'early'],
    ['TimestampLessThan', late, 'early'],
    ['TimestampLessThanEquals', late, 'early late'],
    ['TimestampGreaterThan', early, 'late'],
    ['TimestampGreaterThanEquals', early, 'early late'],
  ])('%s %j compares no value of another type', async (operator, constant, holdsFor) => {
    const sorted = (names: string) => names.split(' ').sort();
    expect(sorted(await holding({ [operator]: constant }))).toEqual(sorted(holdsFor));
  });

  test.each<[operator: string, v: unknown, w: unknown, holds: string]>([
    ['BooleanEqualsPath', true, true, 'true'],
    ['BooleanEqualsPath', true, false, 'false'],
    ['BooleanEqualsPath', true, 'true', 'false'],
    ['NumericEqualsPath', 1, 1.0, 'true'],
    ['NumericEqualsPath', 1, '1', 'false'],
    ['NumericLessThanPath', 1, 2, 'true'],
    ['NumericLessThanEqualsPath', 2, 2, 'true'],
    ['NumericGreaterThanPath', 2, 2, 'false'],
    ['NumericGreaterThanEqualsPath', 2, 2, 'true'],
    ['StringEqualsPath', 'x', 'x', 'true'],
    ['StringEqualsPath', 'x', 'X', 'false'],
    ['StringEqualsPath', 'x', null, 'false'],
    ['StringLessThanPath', 'a', 'b', 'true'],
    ['StringLessThanEqualsPath', 'b', 'b', 'true'],
    ['StringGreaterThanPath', 'b', 'a', 'true'],
    ['StringGreaterThanEqualsPath', 'a', 'b', 'false'],
    ['TimestampEqualsPath', early, '2026-01-01T01:00:00+01:00', 'true'],
    ['TimestampEqualsPath', early, 'soon', 'false'],
    ['TimestampLessThanPath', early, late, 'true'],
    ['TimestampLessThanEqualsPath', late, late, 'true'],
    ['TimestampGreaterThanPath', late, early, 'true'],
    ['TimestampGreaterThanEqualsPath', early, late, 'false'],
  ])('%s: %j against %j is %s', async (operator, v, w, holds) => {
    expect(await decide({ Variable: '$.v', [operator]: '$.w' }, { v, w })).toBe(holds);
  });

  test.each<[pattern: string, text: string, holds: boolean]>([
    ['log-*.txt', 'log-1.txt', true],
    ['log-*.txt', 'log-.txt', true],
    ['log-*.txt', 'log-1.txt.gz', false],
    ['*LogFile*', 'zebraLogFile7', true],
    ['*.*', 'a.b', true],
    ['*.*', 'ab', false],
    ['', '', true],
    ['', 'a', false],
    ['a', 'A', false],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'axb', false],
    ['a\\\\*', 'a\\b', true],
    ['a\\\\b', 'a\\b', true],
    ['**', 'anything', true],
    ['a?c', 'abc', false],
    ['[ab]', 'a', false],
    ['.*', 'abc', false],
    ['*\n*', 'a\nb', true],
  ])('StringMatches %j on %j is %s', async (pattern, text, holds) => {
    expect(await decide({ Variable: '$', StringMatches: pattern }, text)).toBe(String(holds));
  });

  test.each<[text: string, isTimestamp: boolean]>([
    ['2016-03-14T01:59:00Z', true],
    ['2016-03-14T01:59:00.123Z', true],
    ['2016-03-14T01:59:00.123456789Z', true],
    ['2016-03-14T01:59:00+02:00', true],
    ['2016-03-14T01:59:00-11:30', true],
    ['2016-03-14T01:59:00', false],
    ['2016-03-14 01:59:00Z', false],
    ['2016-03-14t01:59:00Z', false],
    ['2016-03-14T01:59:00z', false],
    ['2016-03-14', false],
    ['2016-13-14T01:59:00Z', false],
    ['2016-03-14T25:59:00Z', false],
    ['1457920740', false],
    ['', false],
  ])('%j is a timestamp: %s', async (text, isTimestamp) => {
    expect(await decide({ Variable: '$', IsTimestamp: true }, text)).toBe(String(isTimestamp));
  });

  const t = { Variable: '$.t', BooleanEquals: true };
  const f = { Variable: '$.f', BooleanEquals: true };
  test.each<[rule: object, holds: boolean]>([
    [{ And: [t] }, true],
    [{ And: [t, f] }, false],
    [{ And: [t, t, t] }, true],
    [{ Or: [f] }, false],
    [{ Or: [f, t] }, true],
    [{ Not: f }, true],
    [{ Not: { Not: f } }, false],
    [{ Not: { And: [t, f] } }, true],
    [{ And: [{ Or: [f, t] }, { Not: f }] }, true],
    [{ Or: [{ And: [t, f] }, { Not: t }] }, false],
    // The first operand decides, so the second one is not read.
    [
      {
        And: [
          { Variable: '$.x', IsPresent: true },
          { Variable: '$.x', NumericEquals: 1 },
        ],
      },
      false,
    ],
    [{ Or: [t, { Variable: '$.x', NumericEquals: 1 }] }, true],
    [{ Not: { Variable: '$.x', IsPresent: true } }, true],
  ])('%j is %s', async (rule, holds) => {
    expect(await decide(rule, { t: true, f: false })).toBe(String(holds));
  });

  test.each<[rule: object, path: string]>([
    [{ Variable: '$.x', NumericEquals: 1 }, '$.x'],
    [{ Variable: '$.x', StringEquals: 'a' }, '$.x'],
    [{ Variable: '$.x', BooleanEquals: true }, '$.x'],
    [{ Variable: '$.x', TimestampEquals: early }, '$.x'],
    [{ Variable: '$.x', IsNull: true }, '$.x'],
    [{ Variable: '$.x', IsString: false }, '$.x'],
    [{ Variable: '$.a', NumericEqualsPath: '$.x' }, '$.x'],
    [{ Not: { Variable: '$.x.y', NumericEquals: 1 } }, '$.x.y'],
    [{ And: [{ Variable: '$.x[0]', NumericEquals: 1 }] }, '$.x[0]'],
  ])('%j reads what is not there', async (rule, path) => {
    const reason = `Invalid path '${path}': The choice state's condition path references an invalid value.`;
    expect(await decide(rule, { a: 1 })).toBe(`States.Runtime: ${inState('C', reason)}`);
  });
});

describe(guide('state-choice#amazon-states-language-choice-state-rules'), () => {
  const machine = (fields: object) =>
    machineOf({
      C: { Type: 'Choice', ...fields },
      One: { Type: 'Pass', Result: 1, End: true },
      Two: { Type: 'Pass', Result: 2, End: true },
    });
  const is = (n: number, next: string) => ({ Variable: '$.v', NumericLessThan: n, Next: next });

  test('the first rule that holds leads on', async () => {
    const rules = [is(5, 'One'), is(10, 'Two')];
    expect((await outcomeOf(machine({ Choices: rules }), { v: 1 })).text).toBe('1');
    expect((await outcomeOf(machine({ Choices: rules }), { v: 7 })).text).toBe('2');
  });

  test('a rule after the one that holds is not looked at', async () => {
    const rules = [is(5, 'One'), { Variable: '$.missing', NumericEquals: 1, Next: 'Two' }];
    expect((await outcomeOf(machine({ Choices: rules }), { v: 1 })).text).toBe('1');
  });

  test('none holds and there is no Default', async () => {
    const reason = 'Failed to transition out of the state. The state does not point to a next state.';
    expect((await outcomeOf(machine({ Choices: [is(0, 'One'), is(0, 'Two')] }), { v: 1 })).text).toBe(
      `States.NoChoiceMatched: ${inState('C', reason)}`,
    );
  });

  test.each<[fields: object]>([
    [{ Choices: [] }],
    [{}],
    [{ Choices: [is(1, 'Nowhere'), is(2, 'Two')] }],
    [{ Choices: [is(1, 'One'), is(2, 'Two')], Default: 'Nowhere' }],
    [{ Choices: [{ Variable: '$.v', NumericEquals: 1 }, is(2, 'Two')] }],
    [{ Choices: [{ NumericEquals: 1, Next: 'One' }, is(2, 'Two')] }],
    [{ Choices: [{ Variable: '$.v', Next: 'One' }, is(2, 'Two')] }],
    [{ Choices: [{ Variable: '$.v', NumericEquals: '1', Next: 'One' }, is(2, 'Two')] }],
    [{ Choices: [{ Variable: '$.v', StringEquals: 1, Next: 'One' }, is(2, 'Two')] }],
    [{ Choices: [{ Variable: '$.v', BooleanEquals: 'true', Next: 'One' }, is(2, 'Two')] }],
    [{ Choices: [{ Variable: '$.v', NumericEqualsPath: 1, Next: 'One' }, is(2, 'Two')] }],
    [{ Choices: [{ Variable: '$.v', NumericEqualsPath: 'v', Next: 'One' }, is(2, 'Two')] }],
    [{ Choices: [{ Variable: '$.v', IsNull: 1, Next: 'One' }, is(2, 'Two')] }],
    [{ Choices: [{ Variable: 'v', IsNull: true, Next: 'One' }, is(2, 'Two')] }],
    [{ Choices: [{ Variable: '$.v', NumericEquals: 1, StringEquals: '1', Next: 'One' }, is(2, 'Two')] }],
    [{ Choices: [{ Variable: '$.v', Nearly: 1, Next: 'One' }, is(2, 'Two')] }],
    [{ Choices: [{ And: [], Next: 'One' }, is(2, 'Two')] }],
    [{ Choices: [{ And: [is(1, 'One')], Next: 'One' }, is(2, 'Two')] }],
    [{ Choices: [is(1, 'One'), is(2, 'Two')], Next: 'One' }],
    [{ Choices: [is(1, 'One'), is(2, 'Two')], End: true }],
  ])('%j is refused with the definition', async (fields) => {
    expect((await outcomeOf(machine(fields), { v: 1 })).text).toMatch(/^refused: Invalid State Machine Definition/);
  });
});
