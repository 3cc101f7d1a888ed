import { describe, expect, test } from 'vitest';
import { guide, passOf } from '../../../../builders/an-outcome.ts';

const input = {
  n: 5,
  half: 2.5,
  text: 'a b',
  empty: '',
  quoted: 'say "hi"',
  json: '{"a":[1,null],"b":"c"}',
  flag: true,
  none: null,
  o: { z: 1, a: { b: 2 } },
  p: { a: 3, c: 4 },
  list: [1, 2, 3, 3, 'x', 'x', { k: 1 }, { k: 1 }, null, null, [1], [1]],
  deep: [[1, 2], [3]],
  nothing: [],
};

/** The value of an expression as JSON text, or the name of its error. */
const value = async (expression: string): Promise<string> => {
  const text = await passOf({ Parameters: { 'v.$': expression }, OutputPath: '$.v' }, input);
  return /^(States\.\w+|refused): /.exec(text)?.[1] ?? text;
};

const failure = 'States.IntrinsicFailure';

describe(guide('intrinsic-functions'), () => {
  describe('arrays', () => {
    test.each<[expression: string, result: string]>([
      ['States.Array()', '[]'],
      ['States.Array($.n)', '[5]'],
      ["States.Array($.n, 'x', 1.5, true, false, null)", '[5,"x",1.5,true,false,null]'],
      ['States.Array($.o, $.nothing)', '[{"z":1,"a":{"b":2}},[]]'],
      ['States.Array(States.Array(1), States.Array())', '[[1],[]]'],
      ['States.Array(-1, 1e3, -2.5E-1)', '[-1,1000,-0.25]'],
      ['States.ArrayPartition(States.ArrayRange(1, 9, 1), 4)', '[[1,2,3,4],[5,6,7,8],[9]]'],
      ['States.ArrayPartition($.deep, 1)', '[[[1,2]],[[3]]]'],
      ['States.ArrayPartition($.deep, 2)', '[[[1,2],[3]]]'],
      ['States.ArrayPartition($.deep, 100)', '[[[1,2],[3]]]'],
      ['States.ArrayPartition($.nothing, 4)', '[]'],
      ['States.ArrayContains($.list, 2)', 'true'],
      ["States.ArrayContains($.list, 'x')", 'true'],
      ["States.ArrayContains($.list, '2')", 'false'],
      ['States.ArrayContains($.list, 9)', 'false'],
      ['States.ArrayContains($.list, null)', 'true'],
      ['States.ArrayContains($.deep, $.deep[1])', 'true'],
      ['States.ArrayContains($.nothing, 1)', 'false'],
      ['States.ArrayRange(1, 9, 2)', '[1,3,5,7,9]'],
      ['States.ArrayRange(1, 8, 2)', '[1,3,5,7]'],
      ['States.ArrayRange(0, 0, 1)', '[0]'],
      ['States.ArrayRange(-2, 2, 2)', '[-2,0,2]'],
      ['States.ArrayRange(9, 1, -4)', '[9,5,1]'],
      ['States.ArrayRange(1, $.n, 1)', '[1,2,3,4,5]'],
      ['States.ArrayLength(States.ArrayRange(1, 1000, 1))', '1000'],
      ['States.ArrayGetItem($.list, 0)', '1'],
      ['States.ArrayGetItem($.list, $.n)', '"x"'],
      ['States.ArrayGetItem($.list, 8)', 'null'],
      ['States.ArrayGetItem($.deep, 1)', '[3]'],
      ['States.ArrayLength($.list)', '12'],
      ['States.ArrayLength($.nothing)', '0'],
      ['States.ArrayLength($.deep[*][*])', '3'],
      ['States.ArrayUnique($.list)', '[1,2,3,"x",{"k":1},null,[1]]'],
      ['States.ArrayUnique($.nothing)', '[]'],
    ])('%s is %s', async (expression, result) => {
      expect(await value(expression)).toBe(result);
    });

    test.each([
      'States.ArrayPartition($.o, 2)',
      'States.ArrayPartition($.deep, 0)',
      'States.ArrayPartition($.deep, -1)',
      "States.ArrayPartition($.deep, 'x')",
      'States.ArrayContains($.o, 1)',
      "States.ArrayContains('abc', 'a')",
      'States.ArrayRange(1, 5, 0)',
      'States.ArrayRange(1, 1001, 1)',
      "States.ArrayRange('a', 5, 1)",
      'States.ArrayGetItem($.list, 12)',
      'States.ArrayGetItem($.list, -1)',
      "States.ArrayGetItem($.list, 'x')",
      'States.ArrayGetItem($.o, 0)',
      'States.ArrayLength($.text)',
      'States.ArrayLength($.o)',
      'States.ArrayUnique($.n)',
    ])('%s fails', async (expression) => {
      expect(await value(expression)).toBe(failure);
    });
  });

  describe('encoding and hashes', () => {
    test.each<[expression: string, result: string]>([
      ["States.Base64Encode('Data to encode')", '"RGF0YSB0byBlbmNvZGU="'],
      ["States.Base64Decode('RGF0YSB0byBlbmNvZGU=')", '"Data to encode"'],
      ['States.Base64Encode($.empty)', '""'],
      ["States.Base64Decode('')", '""'],
      ["States.Base64Encode('\u00e9\u4e2d')", '"w6nkuK0="'],
      ["States.Base64Decode('w6nkuK0=')", '"\u00e9\u4e2d"'],
      ['States.Base64Decode(States.Base64Encode($.quoted))', '"say \\"hi\\""'],
      ["States.Hash('input data', 'MD5')", '"812f45842bc6d66ee14572ce20db8e86"'],
      ["States.Hash('input data', 'SHA-1')", '"aaff4a450a104cd177d28d18d74485e8cae074b7"'],
      ["States.Hash('abc', 'SHA-256')", '"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"'],
      ["States.Hash($.empty, 'MD5')", '"d41d8cd98f00b204e9800998ecf8427e"'],
    ])('%s is %s', async (expression, result) => {
      expect(await value(expression)).toBe(result);
    });

    test.each(['SHA-384', 'SHA-512'])('%s is an algorithm', async (algorithm) => {
      const length = algorithm === 'SHA-384' ? 96 : 128;
      expect(await value(`States.Hash('x', '${algorithm}')`)).toMatch(new RegExp(`^"[0-9a-f]{${length}}"$`));
    });

    test.each([
      'States.Base64Encode($.n)',
      'States.Base64Decode($.o)',
      "States.Hash('x', 'CRC32')",
      "States.Hash('x', 'sha-1')",
      "States.Hash('x', 1)",
    ])('%s fails', async (expression) => {
      expect(await value(expression)).toBe(failure);
    });

    test('ten thousand characters are encoded, one more is not', async () => {
      const encode = (length: number) =>
        passOf({ Parameters: { 'v.$': 'States.Base64Encode($.t)' }, OutputPath: '$.v' }, { t: 'a'.repeat(length) });
      expect((await encode(10_000)).length).toBe(13_336 + 2);
      expect(await encode(10_001)).toContain(failure);
    });
  });

  describe('JSON', () => {
    test.each<[expression: string, result: string]>([
      ['States.JsonMerge($.o, $.p, false)', '{"z":1,"a":3,"c":4}'],
      ['States.JsonMerge($.p, $.o, false)', '{"a":{"b":2},"c":4,"z":1}'],
      ['States.StringToJson($.json)', '{"a":[1,null],"b":"c"}'],
      ["States.StringToJson('12')", '12'],
      ["States.StringToJson('null')", 'null'],
      ['States.StringToJson(\'"x"\')', '"x"'],
      ["States.StringToJson('[1, 2]')", '[1,2]'],
      ['States.JsonToString($.o)', '"{\\"z\\":1,\\"a\\":{\\"b\\":2}}"'],
      ['States.JsonToString($.n)', '"5"'],
      ['States.JsonToString($.none)', '"null"'],
      ['States.JsonToString($.nothing)', '"[]"'],
      ['States.JsonToString($.text)', '"\\"a b\\""'],
      ['States.StringToJson(States.JsonToString($.o))', '{"z":1,"a":{"b":2}}'],
    ])('%s is %s', async (expression, result) => {
      expect(await value(expression)).toBe(result);
    });

    test.each([
      'States.JsonMerge($.o, $.p, true)',
      'States.JsonMerge($.o, $.list, false)',
      'States.JsonMerge($.n, $.p, false)',
      "States.StringToJson('{')",
      'States.StringToJson($.n)',
      "States.StringToJson('a: b')",
    ])('%s fails', async (expression) => {
      expect(await value(expression)).toBe(failure);
    });
  });

  describe('mathematics', () => {
    test.each<[expression: string, result: string]>([
      ['States.MathAdd(111, -1)', '110'],
      ['States.MathAdd($.n, 1)', '6'],
      ['States.MathAdd(1.49, 1.5)', '3'],
      ['States.MathAdd(1.5, 1.51)', '4'],
      ['States.MathAdd(-1.49, -1.5)', '-2'],
      ['States.MathAdd(0, 0)', '0'],
      ['States.MathAdd(States.MathAdd(1, 2), 3)', '6'],
      ['States.MathRandom(7, 8)', '7'],
      ['States.MathRandom(-1, 0)', '-1'],
    ])('%s is %s', async (expression, result) => {
      expect(await value(expression)).toBe(result);
    });

    test.each([
      'States.MathAdd($.text, 1)',
      'States.MathAdd(1, null)',
      'States.MathAdd($.list, 1)',
      "States.MathRandom('a', 2)",
      'States.MathRandom(2, 2)',
      'States.MathRandom(3, 2)',
    ])('%s fails', async (expression) => {
      expect(await value(expression)).toBe(failure);
    });

    test('a seed gives the same number each time, and another gives another', async () => {
      const seeded = (seed: number) => value(`States.MathRandom(1, 1000000, ${seed})`);
      expect(await seeded(1)).toBe(await seeded(1));
      expect(await seeded(1)).not.toBe(await seeded(2));
    });

    test('a random number reaches its start and never its end', async () => {
      const calls = Array.from({ length: 60 }, () => 'States.MathRandom(1, 4)').join(', ');
      expect(await value(`States.ArrayLength(States.ArrayUnique(States.Array(${calls})))`)).toBe('3');
      expect(await value(`States.ArrayContains(States.Array(${calls}), 4)`)).toBe('false');
    });
  });
});
