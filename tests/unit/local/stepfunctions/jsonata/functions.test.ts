import { describe, expect, test } from 'vitest';
import { evaluate } from '../../../../../local/stepfunctions/jsonata/evaluate.ts';
import { guide } from '../../../../builders/an-outcome.ts';

const NOTHING = 'nothing';

const answerTo = async (source: string, seed = 'seed') => {
  const items = [{ at: 'Output', source }];
  const bindings = { states: { input: { a: null, n: 2, items: [1, 2, 3] } } };
  const [answer] = await evaluate({ type: 'evaluate', items, bindings, atMs: 1_767_225_600_123, seed }, 10_000);
  if (answer?.failure !== undefined) return { fails: answer.failure };
  return answer?.value === undefined ? NOTHING : answer.value;
};

const fails = (what: string) => ({ fails: expect.stringContaining(what) });

describe(guide('transforming-data'), () => {
  test.each<[source: string, expected: unknown]>([
    ['$partition([1,2,3,4,5], 2)', [[1, 2], [3, 4], [5]]],
    ['$partition([1,2,3])', [[1, 2, 3]]],
    ['$partition([1,2,3,4,5], 2.9)', [[1, 2], [3, 4], [5]]],
    ['$partition([], 2)', NOTHING],
    ['$partition([1,2,3], 0)', NOTHING],
    ['$partition([1,2,3], -1)', fails('D3137: Second argument must be zero or greater')],
    ['$partition($states.input.items, $states.input.n)', [[1, 2], [3]]],
    ['$range(0, 10, 2)', [0, 2, 4, 6, 8, 10]],
    ['$range(10, 0, -2)', [10, 8, 6, 4, 2, 0]],
    ['$range(1, 9, 3)', [1, 4, 7]],
    ['$range(1.7, 5, 1)', [1, 2, 3, 4, 5]],
    ['$range(-1.7, 2, 1)', [-1, 0, 1, 2]],
    ['$range(3, 3, 1)', 3],
    ['$range(5, 1, 1)', NOTHING],
    ['$range(1, 5, 0)', NOTHING],
    ['$range(1, 5)', NOTHING],
    ['$range(1)', fails('T0410')],
    ["$hash('input data', 'SHA-1')", 'aaff4a450a104cd177d28d18d74485e8cae074b7'],
    ["$hash('', 'MD5')", 'd41d8cd98f00b204e9800998ecf8427e'],
    ["$hash('x')", NOTHING],
    ["$hash('x', 'md5')", fails('D3137')],
    ['$parse(\'{"a":[1,null]}\')', { a: [1, null] }],
    ["$parse('1')", 1],
    ["$parse('null')", null],
    ['$parse()', NOTHING],
    ['$parse(null)', fails('T0410')],
    ["$parse('not valid json')", fails('D3137')],
    ['$parse(\'{"a":{"b":1}}\').a.b', 1],
    ['$random(7) = $random(7)', true],
    ['$random(7) = $random(8)', false],
    ['$random() = $random()', false],
    ['$uuid() ~> $match(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/) ~> $count', 1],
    ['$uuid() = $uuid()', false],
    ["$eval('1 + 1')", fails('T1006')],
    ['$now()', '2026-01-01T00:00:00.123Z'],
    ["$now('[Y0001]/[M01]/[D01]')", '2026/01/01'],
    ["$now('[H01]:[m01]', '+0130')", '01:30'],
    ['$millis()', 1_767_225_600_123],
    ['$toMillis($now()) = $millis()', true],
  ])('%s', async (source, expected) => {
    expect(await answerTo(source)).toEqual(expected);
  });
});

/** As AWS answers where JSON has no such value. */
test.each<[source: string, expected: unknown]>([
  ['1/0', 'Infinity'],
  ['-1/0', '-Infinity'],
  ['1e308 * 10', 'Infinity'],
  ['0/0', 'NaN'],
  ['[1/0]', ['Infinity']],
  ['{"k": 1/0}', { k: 'Infinity' }],
  ['$parseInteger("abc", "0")', 'NaN'],
  ['$string(1e20)', '100000000000000000000'],
  ['$string(1e21)', '1e+21'],
  ['$states.input.a', null],
  ['$exists($states.input.a)', true],
  ['$type($states.input.a)', 'null'],
  ['$count($states.input.a)', 1],
  ['$states.input.missing', NOTHING],
  ["{'k': $states.input.missing}", {}],
])('%s comes out as JSON', async (source, expected) => {
  expect(await answerTo(source)).toEqual(expected);
});

test('the same seed draws the same numbers, another one others', async () => {
  const source = '[$random(), $uuid()]';
  expect(await answerTo(source, 'a')).toEqual(await answerTo(source, 'a'));
  expect(await answerTo(source, 'a')).not.toEqual(await answerTo(source, 'b'));
});
