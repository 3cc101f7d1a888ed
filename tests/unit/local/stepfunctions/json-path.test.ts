import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compilePath } from '../../../../local/stepfunctions/expressions/json-path.ts';
import type { Json } from '../../../../local/stepfunctions/json.ts';
import { Meter } from '../../../../local/stepfunctions/meter.ts';

const read = (path: string, root: Json): Json | undefined =>
  compilePath(path).read(root, new Meter(Number.POSITIVE_INFINITY));

const document = {
  store: {
    book: [
      { title: 'a', price: 8, isbn: '1' },
      { title: 'b', price: 12 },
      { title: 'c', price: 20, isbn: '3' },
    ],
    "it's": { 'x.y': 1 },
  },
  limit: 10,
  letters: ['a', 'b', 'c', 'd'],
};

test.each([
  ['$', document],
  ['$.limit', 10],
  ['$.store.book[0].title', 'a'],
  ["$['store']['book'][1]['title']", 'b'],
  ["$.store['it\\'s']['x.y']", 1],
  ['$.letters[-1]', 'd'],
  ['$.letters[1:3]', ['b', 'c']],
  ['$.letters[:2]', ['a', 'b']],
  ['$.letters[-2:]', ['c', 'd']],
  ['$.letters[0:4:2]', ['a', 'c']],
  ['$.letters[0,2]', ['a', 'c']],
  ['$.store.book[*].title', ['a', 'b', 'c']],
  ['$.store.*[0].price', [8]],
  ['$..price', [8, 12, 20]],
  ['$..book[2].title', ['c']],
  ['$.store.book[?(@.price < 10)].title', ['a']],
  ['$.store.book[?(@.price > $.limit)].title', ['b', 'c']],
  ["$.store.book[?(@.title == 'b' || @.price >= 20)].price", [12, 20]],
  ['$.store.book[?(@.isbn && !(@.price == 8))].title', ['c']],
  ['$.store.book[?(@.isbn)].title', ['a', 'c']],
  ['$.nothing', undefined],
  ['$.limit.deeper', undefined],
  ['$.letters[9]', undefined],
  ['$.letters.length', undefined],
  ['$.constructor', undefined],
  ['$.__proto__', undefined],
  ['$.nothing[*]', []],
])('%s', (path, found) => {
  expect(read(path, document)).toEqual(found);
});

test.each(['', 'a', '$.', '$[', '$[]', '$.a b', '$[?(', '$[?(@.a ==)]', "$['a", '$.a[1:2:0]', '$..', '$x', '$[?(1)]'])(
  '%s is no path',
  (path) => {
    expect(() => compilePath(path)).toThrow(SyntaxError);
  },
);

test('only a path to one place is a reference', () => {
  expect(compilePath("$.a['b'][0]").reference).toEqual(['a', 'b', 0]);
  expect(compilePath('$.a[*]').reference).toBeUndefined();
});

test('a path of any names finds what lies there', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 6 }),
      fc.jsonValue(),
      (names, leaf) => {
        const value = JSON.parse(JSON.stringify(leaf));
        const root = names.reduceRight<unknown>(
          (inner, name) => JSON.parse(`{${JSON.stringify(name)}:${JSON.stringify(inner)}}`),
          value,
        );
        const path = `$${names.map((name) => `['${name.replace(/[\\']/g, '\\$&')}']`).join('')}`;
        expect(read(path, JSON.parse(JSON.stringify(root)))).toEqual(value);
      },
    ),
  );
});

test('random text is a path or a syntax error, never anything else', () => {
  const pieces = fc.constantFrom(
    '$',
    '.',
    '..',
    '[',
    ']',
    '*',
    '?(',
    ')',
    '@',
    "'a'",
    '0',
    ':',
    ',',
    'x',
    '==',
    '&&',
    '!',
    ' ',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 15 }), (parts) => {
      try {
        read(parts.join(''), document);
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError);
      }
    }),
    { numRuns: 2000 },
  );
});
