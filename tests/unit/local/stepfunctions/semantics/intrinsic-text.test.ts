import { describe, expect, test } from 'vitest';
import { guide, inState, passOf, specification } from '../../../../builders/an-outcome.ts';

const input = {
  name: 'Arnav',
  template: 'Hello, {}!',
  n: 1.5,
  o: { a: [1] },
  none: null,
  flag: true,
  text: '1,2;3',
  long: 'x',
};

/** The value of an expression as JSON text, or the name of its error. */
const value = async (expression: string): Promise<string> => {
  const text = await passOf({ Parameters: { 'v.$': expression }, OutputPath: '$.v' }, input);
  return /^(States\.\w+|refused): /.exec(text)?.[1] ?? text;
};

describe(guide('intrinsic-functions'), () => {
  test.each<[expression: string, result: string]>([
    ["States.Format('Hello, my name is {}.', $.name)", '"Hello, my name is Arnav."'],
    ['States.Format($.template, $.name)', '"Hello, Arnav!"'],
    ["States.Format('{}{}{}', 'a', 'b', 'c')", '"abc"'],
    ["States.Format('{}', $.n)", '"1.5"'],
    ["States.Format('{}', 100)", '"100"'],
    ["States.Format('{}', $.none)", '"null"'],
    ["States.Format('{}', $.flag)", '"true"'],
    ["States.Format('{}', $.o)", '"{\\"a\\":[1]}"'],
    ["States.Format('{}', '')", '""'],
    ["States.Format('plain')", '"plain"'],
    ["States.Format('')", '""'],
    ["States.Format('{}', '{}')", '"{}"'],
    ["States.Format('{}', States.Format('<{}>', 'in'))", '"<in>"'],
    ["States.StringSplit('1,2,3,4,5', ',')", '["1","2","3","4","5"]'],
    ["States.StringSplit('This.is+a,test=string', '.+,=')", '["This","is","a","test","string"]'],
    ["States.StringSplit($.text, ',;')", '["1","2","3"]'],
    ["States.StringSplit(', , ,', ',')", '[" "," "]'],
    ["States.StringSplit(',,,,', ',')", '[]'],
    ["States.StringSplit(' ', ',')", '[" "]'],
    ["States.StringSplit('abc', ',')", '["abc"]'],
    ["States.StringSplit('', ',')", '[]'],
    ["States.StringSplit('a.b', '.')", '["a","b"]'],
    ["States.StringSplit('a*b', '*')", '["a","b"]'],
    ["States.StringSplit('a[b]c', '[]')", '["a","b","c"]'],
    ["States.ArrayGetItem(States.StringSplit('a/b/c', '/'), 2)", '"c"'],
  ])('%s is %s', async (expression, result) => {
    expect(await value(expression)).toBe(result);
  });

  test.each([
    "States.Format('{}')",
    "States.Format('{} {}', 1)",
    "States.Format('none', 1)",
    'States.Format($.n)',
    'States.Format($.o, 1)',
    "States.StringSplit($.n, ',')",
    'States.StringSplit($.text, 1)',
    "States.StringSplit($.o, ',')",
  ])('%s fails', async (expression) => {
    expect(await value(expression)).toBe('States.IntrinsicFailure');
  });

  test.each<[expression: string, result: string]>([
    ["States.Format('it\\'s')", '"it\'s"'],
    ["States.Format('\\{\\}')", '"{}"'],
    ["States.Format('\\{{}\\}', 1)", '"{1}"'],
    ["States.Format('a\\\\b')", '"a\\\\b"'],
    ["States.Array('it\\'s', 'a\\\\b')", '["it\'s","a\\\\b"]'],
    ["States.Array('\\{\\}')", '["{}"]'],
  ])('the reserved characters of %s are escaped', async (expression, result) => {
    expect(await value(expression)).toBe(result);
  });

  test('UUID makes a version 4 UUID, another one each time', async () => {
    const pair = JSON.parse(await value('States.Array(States.UUID(), States.UUID())'));
    for (const id of pair) expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(pair[0]).not.toBe(pair[1]);
  });

  // The causes are those of AWS: the whole expression, the path, and the state's input.
  test.each<[expression: string, path: string]>([
    ["States.Format('{}', $.nope)", '$.nope'],
    ["States.Format('{}',$.nope)", '$.nope'],
    ["States.Format('{} {}', $.n, $.a.b)", '$.a.b'],
    ['States.Format($.nope, 1)', '$.nope'],
    ["States.Format('{}', States.Format('{}', $.nope))", '$.nope'],
    ["States.Format('{}', $.o.a[5])", '$.o.a[5]'],
    ["States.Format('{}', $.o.a[5].x)", '$.o.a[5].x'],
    ['States.Array(1, $.nope)', '$.nope'],
    ['States.ArrayLength($.nope)', '$.nope'],
    ['States.JsonToString($.o.missing)', '$.o.missing'],
    ['States.StringToJson($.nope)', '$.nope'],
    ['States.MathAdd($.nope, 1)', '$.nope'],
    ['States.JsonMerge($.nope, $.o, false)', '$.nope'],
    ["States.Format('{}', $$.Nope.Deep)", '$.Nope.Deep'],
  ])('%s reads what is not there', async (expression, path) => {
    const reason = `The function '${expression}' had the following error: The JsonPath argument for the field '${path}' could not be found in the input '${JSON.stringify(input)}'`;
    expect(await passOf({ Parameters: { 'v.$': expression } }, input)).toBe(`States.Runtime: ${inState('P', reason)}`);
  });

  test.each<[expression: string, result: string]>([
    ['States.ArrayLength($.o.a[*].nope)', '0'],
    ["States.Format('{}', $.none)", '"null"'],
  ])('%s finds something: %s', async (expression, result) => {
    expect(await value(expression)).toBe(result);
  });
});

describe(specification('intrinsic-functions'), () => {
  test.each([
    'States.Nothing()',
    'States.array()',
    'Format(1)',
    'States.Format',
    'States.Format(',
    "States.Format('a'",
    "States.Format('a)",
    "States.Format('a',)",
    "States.Format('a' 'b')",
    'States.Format("a")',
    'States.UUID(1)',
    'States.ArrayLength()',
    'States.ArrayLength($.o, 1)',
    'States.ArrayRange(1, 2)',
    'States.JsonMerge($.o, $.o)',
    'States.MathRandom(1)',
    'States.MathRandom(1, 2, 3, 4)',
    "States.Hash('a')",
    'States.Array({})',
    'States.Array([1])',
    'States.Array(yes)',
    'States.Array($.a[)',
    "States.Format('a') x",
    '',
    'text',
  ])('%s is refused with the definition', async (expression) => {
    expect(await value(expression)).toBe('refused');
  });

  test.each([
    "States.Format( 'a' )",
    "States.Format ('a')",
    "  States.Format('a')",
    "States.Array( 'a' ,1 )",
    "States.Array(\t'a'\n)",
  ])('%j may have white space', async (expression) => {
    expect(await value(expression)).toContain('a');
  });
});
