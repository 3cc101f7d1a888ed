import { expect, test } from 'vitest';
import { loopProblems } from '../../check/loops.ts';
import { parse } from '../../check/sources.ts';

const found = (text: string, path = 'local/stepfunctions/expressions/planted.ts') => loopProblems([parse(path, text)]);

test.each([
  'for (;;) if (next() === undefined) break;',
  'for (let at = 0; ; at++) if (text[at] === end) break;',
  'while (true) { if (next() === undefined) break; }',
  'do { next(); } while (true);',
  '// Ends: never, for nothing leaves it.\nfor (;;) next();',
])('an unbounded loop over outside input is found: %s', (text) => {
  expect(found(text)).toMatchObject([
    expect.stringMatching(/^local\/stepfunctions\/expressions\/planted\.ts:[12]: a loop/),
  ]);
});

test('a loop with a condition is let pass, and one that says why it ends, and other code', () => {
  expect(found('for (let at = 0; at < text.length; at++) see(at);')).toEqual([]);
  expect(found('// Ends: each round takes a character.\nfor (;;) if (next() === undefined) break;')).toEqual([]);
  expect(found('for (;;) if (next() === undefined) break;', 'local/plane/planted.ts')).toEqual([]);
});
