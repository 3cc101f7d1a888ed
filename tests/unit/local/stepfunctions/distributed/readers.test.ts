import { gzipSync, zstdCompressSync } from 'node:zlib';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvRows } from '../../../../../local/stepfunctions/distributed/readers/csv.ts';
import { jsonElements } from '../../../../../local/stepfunctions/distributed/readers/json-elements.ts';
import { jsonLines } from '../../../../../local/stepfunctions/distributed/readers/lines.ts';
import { plain, textOf } from '../../../../../local/stepfunctions/distributed/readers/text.ts';

async function* pieces(text: string, sizes: readonly number[]): AsyncGenerator<string> {
  let from = 0;
  for (let at = 0; from < text.length; at++) {
    const size = sizes[at % sizes.length] ?? 1;
    yield text.slice(from, from + size);
    from += size;
  }
}

const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
const values = fc.array(fc.jsonValue({ maxDepth: 3 }));

const valuesIn = async (text: AsyncIterable<string>, pointer?: string) =>
  (await all(jsonElements(text, pointer))).map(({ value }) => value);

test('an array is read the same however its text is cut', async () => {
  await fc.assert(
    fc.asyncProperty(values, sizes, fc.constantFrom(undefined, 1), async (items, cuts, indent) => {
      const text = JSON.stringify(items, null, indent);
      expect(await valuesIn(pieces(text, cuts))).toEqual(JSON.parse(text));
    }),
  );
});

test('an object is read as its fields, however its text is cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })), sizes, async (object, cuts) => {
      const text = JSON.stringify(object);
      const fields = Object.entries(JSON.parse(text)).map(([key, value]) => ({ key, value }));
      expect(await all(jsonElements(pieces(text, cuts)))).toEqual(fields);
    }),
  );
});

test('an array is found by its pointer among other fields, which may look like it', async () => {
  await fc.assert(
    fc.asyncProperty(values, fc.jsonValue({ maxDepth: 2 }), sizes, async (items, other, cuts) => {
      const text = JSON.stringify({ x: other, 'a/b': { c: other, items, items2: [1] }, items: [2] });
      expect(await valuesIn(pieces(text, cuts), '/a~1b/items')).toEqual(JSON.parse(JSON.stringify(items)));
    }),
  );
});

const NO_ITEMS = 'Attempting to map over non-iterable node.';

test.each([
  ['1', '', NO_ITEMS],
  ['{"a":{"b":[1]}}', '/b', NO_ITEMS],
  ['{"a":1}', '/a', NO_ITEMS],
  ['', '', NO_ITEMS],
  ['[1,2', '', 'cut off'],
  ['{"a":1', '', 'cut off'],
  ['[1,x]', '', 'Not a JSON value'],
  ['[1,]', '', 'Not a JSON value'],
  ['[,1]', '', 'Not a JSON value'],
  ['[1}]', '', 'Not a JSON value'],
  ['{"a":1,}', '', 'Not a'],
  ['{"a"}', '', 'Not a'],
])('%s at "%s" is refused', async (text, pointer, message) => {
  await expect(valuesIn(pieces(text, [2]), pointer)).rejects.toThrow(message);
});

const quoted = (field: string): string => `"${field.replaceAll('"', '""')}"`;

test('delimited rows come back as they were written, however their text is cut', async () => {
  const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '|', '\n', ' ', 'é') });
  const rows = fc.array(fc.tuple(field, field), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(rows, sizes, fc.constantFrom(',', '|', '\t', ';', ' '), async (given, cuts, delimiter) => {
      const text = given.map((row) => `${row.map(quoted).join(delimiter)}\r\n`).join('');
      const read = await all(csvRows(pieces(text, cuts), delimiter, ['x', 'y']));
      expect(read).toEqual(given.map(([x, y]) => ({ x, y })));
    }),
  );
});

// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
test('a row with too few fields has empty ones, one with too many loses them; the last line needs no end', async () => {
  const text = 'id,name\n1\n2,two,more\n\n3,three';
  expect(await all(csvRows(pieces(text, [4]), ','))).toEqual([
    { id: '1', name: '' },
    { id: '2', name: 'two' },
    { id: '3', name: 'three' },
  ]);
});

test.each([
  ['C:\\\\Program Files\\\\App', 'C:\\Program Files\\App'],
  ['a\\,b', 'a,b'],
  ['a\\xb', 'axb'],
  ['say \\"hi\\"', 'say "hi"'],
  ['"a\\,b"', 'a,b'],
])('the field %s is %s: a backslash keeps what it stands before, or is left out', async (field, value) => {
  for (const cut of [1, 2, 99]) {
    expect(await all(csvRows(pieces(`${field},6\n`, [cut]), ',', ['path', 'size']))).toEqual([
      { path: value, size: '6' },
    ]);
  }
});

test('lines are values; a line that is none says which it is', async () => {
  expect(await all(jsonLines(pieces('{"a":1}\r\n\n[2]\n3', [3])))).toEqual([{ a: 1 }, [2], 3]);
  await expect(all(jsonLines(pieces('1\n{', [3])))).rejects.toThrow('Line 2');
});

test('a compressed file is read as what is in it, another one as it is', async () => {
  const text = 'é,ü\n'.repeat(1000);
  async function* bytes(content: Uint8Array): AsyncGenerator<Uint8Array> {
    for (let from = 0; from < content.length; from += 5) yield content.subarray(from, from + 5);
  }
  for (const content of [Buffer.from(text), gzipSync(text), zstdCompressSync(text)]) {
    expect((await all(textOf(plain(bytes(content))))).join('')).toBe(text);
  }
  await expect(all(plain(bytes(Buffer.from([0x1f, 0x8b, 1, 2, 3, 4]))))).rejects.toThrow();
});

// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
test('an item of more than 8 MB is refused before it fills the memory', async () => {
  const mb = 'x'.repeat(2 ** 20);
  async function* endless(begin: string): AsyncGenerator<string> {
    yield begin;
    for (;;) yield mb;
  }
  await expect(all(jsonElements(endless('[1,"')))).rejects.toThrow('larger than 8 MB');
  await expect(all(jsonLines(endless('')))).rejects.toThrow('larger than 8 MB');
  await expect(all(csvRows(endless('a,"'), ',', ['a']))).rejects.toThrow('larger than 8 MB');
  await expect(all(csvRows(endless(''), 'x', ['a']))).rejects.toThrow('larger than 8 MB');
});

test('what stands before the items may be longer than an item', async () => {
  async function* pieces12(): AsyncGenerator<string> {
    yield '{"log":"';
    for (let mb = 0; mb < 12; mb++) yield 'x'.repeat(2 ** 20);
    yield '","items":[1]}';
  }
  expect(await valuesIn(pieces12(), '/items')).toEqual([1]);
});
