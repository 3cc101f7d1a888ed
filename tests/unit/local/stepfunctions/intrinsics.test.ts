import { expect, test } from 'vitest';
import { aStatesPart, machineOf } from '../../../builders/a-states-part.ts';

const evaluate = async (expression: string, input: unknown = {}) => {
  const states = aStatesPart();
  const arn = await states.run(
    machineOf({ Only: { Type: 'Pass', Parameters: { 'r.$': expression }, OutputPath: '$.r', End: true } }),
    input,
  );
  const { error } = await states.describe(arn);
  return error ?? (await states.output(arn));
};

test.each([
  ["States.Format('{} of {}', $.n, 'three')", '1 of three'],
  ["States.Format('it\\'s \\{\\}')", "it's {}"],
  ["States.Format('{}', $.o)", '{"a":2,"b":1}'],
  ['States.StringToJson($.text)', { a: [1] }],
  ['States.JsonToString($.o)', '{"a":2,"b":1}'],
  ["States.Array('a', 1, true, null, $.n)", ['a', 1, true, null, 1]],
  ['States.Array()', []],
  [
    'States.ArrayPartition($.list, 2)',
    [
      [1, 2],
      [3, 3],
    ],
  ],
  ['States.ArrayContains($.list, 3)', true],
  ['States.ArrayContains($.list, 9)', false],
  ['States.ArrayRange(1, 9, 2)', [1, 3, 5, 7, 9]],
  ['States.ArrayRange(3, 1, -1)', [3, 2, 1]],
  ['States.ArrayGetItem($.list, 2)', 3],
  ['States.ArrayLength($.list)', 4],
  ['States.ArrayUnique($.list)', [1, 2, 3]],
  ["States.Base64Encode('data é')", 'ZGF0YSDDqQ=='],
  ["States.Base64Decode('ZGF0YSDDqQ==')", 'data é'],
  ["States.Hash('input data', 'SHA-1')", 'aaff4a450a104cd177d28d18d74485e8cae074b7'],
  ['States.JsonMerge($.o, $.p, false)', { a: 2, b: 5, c: 6 }],
  ['States.MathAdd(111, -1)', 110],
  ["States.StringSplit('1.2,3', '.,')", ['1', '2', '3']],
  ["States.Format('{}', States.ArrayLength(States.ArrayRange(0, $.n, 1)))", '2'],
])('%s', async (expression, result) => {
  const input = { n: 1, text: '{"a":[1]}', o: { a: 2, b: 1 }, p: { b: 5, c: 6 }, list: [1, 2, 3, 3] };
  expect(await evaluate(expression, input)).toEqual(result);
});

test('MathRandom stays in its range; UUID has its form', async () => {
  const number = await evaluate('States.MathRandom(5, 8)');
  expect([5, 6, 7]).toContain(number);
  expect(await evaluate('States.MathRandom(1, 1000, 7)')).toBe(await evaluate('States.MathRandom(1, 1000, 7)'));
  expect(await evaluate('States.UUID()')).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
});

test.each([
  ["States.Format('{}')"],
  ["States.Format('x', 1)"],
  ["States.StringToJson('{')"],
  ['States.ArrayRange(0, 100000, 1)'],
  ['States.ArrayGetItem($.list, 9)'],
  ["States.Hash('x', 'CRC')"],
  ['States.JsonMerge($, $, true)'],
  ['States.MathAdd(1, null)'],
])('%s fails', async (expression) => {
  expect(await evaluate(expression, { list: [1] })).toBe('States.IntrinsicFailure');
});

test.each([
  ['States.Nothing()'],
  ['States.Format('],
  ['States.UUID(1)'],
  ['States.Array(1,)'],
  ["States.Array('a' 'b')"],
  ['Format(1)'],
])('%s is refused with the definition', async (expression) => {
  await expect(evaluate(expression)).rejects.toMatchObject({ code: 'InvalidDefinition' });
});
