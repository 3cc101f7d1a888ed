import fc from 'fast-check';
import jsonata from 'jsonata';
import { expect, test } from 'vitest';
import { isArray, isObject, type Json } from '../../../../../local/stepfunctions/json.ts';
import { compileCheap } from '../../../../../local/stepfunctions/jsonata/cheap.ts';
import type { Sight } from '../../../../../local/stepfunctions/jsonata/cheap-functions.ts';
import { Hard } from '../../../../../local/stepfunctions/jsonata/cheap-values.ts';
import { evaluate } from '../../../../../local/stepfunctions/jsonata/evaluate.ts';
import type { Question } from '../../../../../local/stepfunctions/jsonata/question.ts';
import { ExpressionProblem, parseExpression } from '../../../../../local/stepfunctions/jsonata/syntax.ts';
import { seededRandom } from '../../../../../local/stepfunctions/random.ts';

const atMs = Date.UTC(2026, 10, 25);

/** The inline value, `'hard'` if it is left to the library. */
const inline = (source: string, bindings: Record<string, Json>): Json | undefined | 'hard' => {
  const cheap = compileCheap(parseExpression(source));
  const states = isObject(bindings.states) ? bindings.states : {};
  const random = seededRandom('seed/here');
  const sight: Sight = {
    states: (field) => states[field],
    variable: (name) => bindings[name],
    atMs,
    random: () => random,
  };
  try {
    return cheap ? cheap(sight) : 'hard';
  } catch (error) {
    if (error instanceof Hard) return 'hard';
    throw error;
  }
};

const library = async (source: string, bindings: Record<string, Json>) => {
  const question: Question = { type: 'evaluate', items: [{ at: 'here', source }], bindings, atMs, seed: 'seed' };
  const [answer] = await evaluate(question, 10_000);
  return answer;
};

const key = fc.constantFrom('a', 'b', 'c', '__proto__');
const leaf = fc.oneof(
  fc.constantFrom<Json>(null, true, false, '', 'x', 'ab', 0, 1, -1, 2.5, 1e21, 0.1),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const { value: data } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 3 }),
  ),
}));

const name = fc.constantFrom('a', 'b', 'c');
const index = fc.constantFrom('', '', '[0]', '[1]', '[-1]', '[0][0]');
const path = fc
  .tuple(
    fc.constantFrom('$states.input', '$states.result', '$states.result[0]', '$states.input[-1]', '$x', '$y'),
    fc.array(fc.tuple(name, index), { maxLength: 3 }),
  )
  .map(([root, steps]) => root + steps.map(([step, at]) => `.${step}${at}`).join(''));
const literal = fc.constantFrom('1', '-2', '0.5', "'ab'", "''", 'true', 'false', 'null', '$x[0]', '[]', '{}');
const binary = fc.constantFrom('+', '-', '*', '/', '%', '=', '!=', '<', '<=', '>', '>=', '&', 'and', 'or', 'in');
const call = fc.constantFrom(
  ...['exists', 'not', 'boolean', 'string', 'type', 'count', 'sum', 'length', 'uppercase', 'lowercase', 'parse'],
);
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    path,
    literal,
    fc.tuple(tie('expression'), binary, tie('expression')).map(([a, sign, b]) => `(${a}) ${sign} (${b})`),
    fc.tuple(tie('expression'), tie('expression'), tie('expression')).map(([a, b, c]) => `(${a}) ? (${b}) : (${c})`),
    fc.array(tie('expression'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `{'k': ${a}, 'l': ${b}}`),
    fc.tuple(call, tie('expression')).map(([f, a]) => `$${f}(${a})`),
    tie('expression').map((a) => `-(${a})`),
  ),
}));

test('an expression that is evaluated inline has the value that the library gives it', async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(expression, data, data, data, async (source, input, result, x) => {
      const bindings = { states: { input, result }, x };
      const found = inline(source, bindings);
      if (found === 'hard') return;
      compared += 1;
      const answer = await library(source, bindings);
      const value = found === undefined ? undefined : JSON.parse(JSON.stringify(found));
      const expected = answer && 'value' in answer ? JSON.parse(JSON.stringify(answer.value)) : undefined;
      expect({ value, failure: undefined }).toEqual({ value: expected, failure: answer?.failure });
    }),
    {
      numRuns: 3000,
      // Rare: a value without the field stands beside one whose indexed item is an array of nothing.
      examples: [
        ['$exists($states.input.c[1])', [null, { c: [0, []] }], 0, 0],
        ['$states.result.b[0]', null, [0, { b: [[]] }], 0],
      ],
    },
  );
  expect(compared).toBeGreaterThan(500);
});

test.each([
  ['$now()', '2026-11-25T00:00:00.000Z'],
  ['$millis()', atMs],
  ["$uuid() & ''", expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4/)],
  ['$random()', expect.any(Number)],
])('%s is the same inline and in the library', async (source, expected) => {
  expect(inline(source, {})).toEqual(expected);
  expect((await library(source, {}))?.value).toEqual(inline(source, {}));
});

test.each([
  '$map($states.input, function($v){ $v })',
  '[1..10]',
  '$states.input[a = 1]',
  '$contains($states.input.a, /a/)',
  '($f := 1; $f)',
  '$states.input ~> $count',
  '$states.input.*',
  '$states.input^(a)',
  '$states',
])('%s is left to a worker', (source) => {
  expect(inline(source, { states: { input: {} } })).toBe('hard');
});

test('a long text is not put together inline', () => {
  const source = Array.from({ length: 90 }, () => '$x').join(' & ');
  expect(inline(source, { x: 'x'.repeat(50_000) })).toBe('hard');
});

test('arrays stay arrays where JSONata keeps them', () => {
  expect(isArray(inline('$x.a', { x: { a: [[1]] } }))).toBe(true);
});

test('a plain path is parsed as the library parses it', () => {
  const part = fc.oneof(
    fc.constantFrom('and', 'or', 'in', 'true', 'null', 'function', 'a1', 'A_b'),
    fc.stringMatching(/^[a-z]\w{0,3}$/),
  );
  fc.assert(
    fc.property(fc.array(part, { minLength: 2, maxLength: 4 }), (parts) => {
      const source = `$${parts.join('.')}`;
      const bare = (value: unknown): unknown =>
        JSON.parse(JSON.stringify(value, (key, item) => (key === 'position' ? undefined : item)));
      let expected: unknown;
      try {
        expected = bare(jsonata(source).ast());
      } catch {
        expect(() => parseExpression(source)).toThrow(ExpressionProblem);
        return;
      }
      expect(bare(parseExpression(source).root)).toEqual(expected);
    }),
  );
});
