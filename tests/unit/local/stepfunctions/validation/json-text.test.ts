import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonProblem } from '../../../../../local/stepfunctions/validation/json-text.ts';

const parses = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

test('every JSON text is without problem, however it is spaced', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(3), (text, space) => {
      expect(jsonProblem(text)).toBeUndefined();
      expect(jsonProblem(JSON.stringify(JSON.parse(text), null, space))).toBeUndefined();
    }),
  );
});

test('a text that was mangled has a problem exactly if it cannot be parsed', () => {
  const mangled = fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom(...'{}[]",:0-.eE\\u\n tn\u0001\ud800', ''))
    .map(([text, at, put]) => text.slice(0, at % text.length) + put + text.slice((at % text.length) + 1));
  fc.assert(
    fc.property(mangled, (text) => {
      const problem = jsonProblem(text);
      // A key that comes twice is told before whatever follows it.
      fc.pre(!problem?.message.startsWith('Duplicate field'));
      expect(problem === undefined).toBe(parses(text));
    }),
    { numRuns: 2000 },
  );
});

// The first of these is a recorded answer of AWS (localstack, tests/aws/services/stepfunctions/v2/test_sfn_api_validation).
test.each([
  [
    'not a definition',
    "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
    4,
  ],
  ["{'a':1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name", 3],
  ['{"a":1,}', "Unexpected character ('}' (code 125)): was expecting double-quote to start field name", 9],
  ['{"a" 1}', "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value", 7],
  ['{"a":1 "b"}', `Unexpected character ('"' (code 34)): was expecting comma to separate Object entries`, 9],
  ['[1 2]', "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries", 5],
  ['{"a":"x', 'Unexpected end-of-input: was expecting closing quote for a string value', 8],
  [
    '{"a":-}',
    "Unexpected character ('}' (code 125)): was expecting digit (0-9) to follow minus sign, for valid numeric value",
    8,
  ],
  ['{"a":"\\x"}', "Unrecognized character escape 'x' (code 120)", 9],
  ['{"a":1,"a":2}', "Duplicate field 'a'", 11],
  ['{"\\u0061":1,"a":2}', "Duplicate field 'a'", 16],
])('%j is told as the parser of AWS tells it', (text, message, column) => {
  const source = `[Source: (String)"${text}"; line: 1, column: ${column}]`;
  expect(jsonProblem(text)).toEqual({ message: `${message}\n at ${source}`, source, isTooDeep: false });
});

test('lines are counted and a long text is cut', () => {
  const problem = jsonProblem(`{\n"a": 1,\n  b}${' '.repeat(600)}`);
  expect(problem?.source).toMatch(/"\[truncated 114 chars\]; line: 3, column: 4\]$/);
});

test.each([999, 1000])('%i levels are no problem', (depth) => {
  expect(jsonProblem('['.repeat(depth) + ']'.repeat(depth))).toBeUndefined();
});

test.each([1001, 100_000])('%i levels are too deep', (depth) => {
  expect(jsonProblem('['.repeat(depth) + ']'.repeat(depth))?.isTooDeep).toBe(true);
  expect(jsonProblem(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)?.isTooDeep).toBe(true);
});
