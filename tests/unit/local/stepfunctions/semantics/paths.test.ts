import { describe, expect, test } from 'vitest';
import { functionArn, machineOf } from '../../../../builders/a-states-part.ts';
import { guide, inState, outcomeOf, passOf, specification } from '../../../../builders/an-outcome.ts';

const store = {
  title: 'numbers',
  a: { b: { c: 1 }, 'x-y': 2, 'd.e': 3 },
  list: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  none: null,
  rows: [
    { k: 'a', n: 1, tags: ['x'] },
    { k: 'b', n: 2 },
    { k: 'c', n: 3, tags: [] },
  ],
};

describe(guide('amazon-states-language-paths'), () => {
  test.each<[path: string, output: string]>([
    ['$.title', '"numbers"'],
    ["$['title']", '"numbers"'],
    ['$["title"]', '"numbers"'],
    ['$.a.b.c', '1'],
    ["$['a']['b']['c']", '1'],
    ["$.a['b'].c", '1'],
    ['$.a.x-y', '2'],
    ["$.a['d.e']", '3'],
    ['$.none', 'null'],
    ['$.list[0]', '0'],
    ['$.list[9]', '9'],
    ['$.list[-1]', '9'],
    ['$.list[-10]', '0'],
    ['$.list[0:3]', '[0,1,2]'],
    ['$.list[7:]', '[7,8,9]'],
    ['$.list[:2]', '[0,1]'],
    ['$.list[-2:]', '[8,9]'],
    ['$.list[8:100]', '[8,9]'],
    ['$.list[3:3]', '[]'],
    ['$.list[0,2,4]', '[0,2,4]'],
    ['$.list[*]', '[0,1,2,3,4,5,6,7,8,9]'],
    ['$.rows[*].k', '["a","b","c"]'],
    ['$.rows[0].k', '"a"'],
    ['$.rows[1:].n', '[2,3]'],
    ['$.rows[*].tags', '[["x"],[]]'],
    ['$.rows[*].missing', '[]'],
    ['$.rows[?(@.n > 1)].k', '["b","c"]'],
    ['$.rows[?(@.n >= 1 && @.n < 3)].k', '["a","b"]'],
    ["$.rows[?(@.k == 'c')].n", '[3]'],
    ["$.rows[?(@.k != 'c')].n", '[1,2]'],
    ['$.rows[?(@.tags)].k', '["a","c"]'],
    ['$.rows[?(@.n == 9)]', '[]'],
    ['$..n', '[1,2,3]'],
    ['$..c', '[1]'],
    ['$.a.*', '[{"c":1},2,3]'],
    ['$.a.b.*', '[1]'],
    ['$..tags[0]', '["x"]'],
    ["$.rows[1]['k','n']", '{"k":"b","n":2}'],
    ["$.rows[1]['n', 'k', 'missing']", '{"n":2,"k":"b"}'],
  ])('%s finds %s', async (path, output) => {
    expect(await passOf({ InputPath: path }, store)).toBe(output);
    expect(await passOf({ OutputPath: path }, store)).toBe(output);
    expect(await passOf({ Parameters: { 'v.$': path }, OutputPath: '$.v' }, store)).toBe(output);
  });
});

describe(guide('input-output-inputpath-params'), () => {
  test.each<[fields: object, output: string]>([
    [{}, '{"a":{"b":1},"l":[1]}'],
    [{ InputPath: '$' }, '{"a":{"b":1},"l":[1]}'],
    [{ InputPath: '$.a' }, '{"b":1}'],
    [{ InputPath: null }, '{}'],
    [{ InputPath: null, ResultPath: '$.r' }, '{"a":{"b":1},"l":[1],"r":{}}'],
    [{ OutputPath: '$' }, '{"a":{"b":1},"l":[1]}'],
    [{ OutputPath: '$.l' }, '[1]'],
    [{ OutputPath: null }, '{}'],
    [{ InputPath: '$.a', OutputPath: '$.b' }, '1'],
    [{ InputPath: '$.a', Parameters: { 'v.$': '$.b' } }, '{"v":1}'],
    [{ InputPath: '$$.Execution.Input' }, '{"a":{"b":1},"l":[1]}'],
    [{ OutputPath: '$$.Execution.Input.l' }, '[1]'],
  ])('%j gives %s', async (fields, output) => {
    expect(await passOf(fields, { a: { b: 1 }, l: [1] })).toBe(output);
  });

  test.each<[type: string, rest: object]>([
    ['Pass', { End: true }],
    ['Succeed', {}],
    ['Wait', { Seconds: 0, End: true }],
    ['Choice', { Choices: [{ Variable: '$.c', IsPresent: true, Next: 'End' }] }],
    ['Parallel', { Branches: [{ StartAt: 'B', States: { B: { Type: 'Pass', End: true } } }], End: true }],
  ])('%s takes both', async (type, rest) => {
    const states = { S: { Type: type, InputPath: '$.a', ...rest }, End: { Type: 'Succeed' } };
    const machine = machineOf(type === 'Choice' ? states : { S: states.S });
    const output = type === 'Parallel' ? '[{"c":1}]' : '{"c":1}';
    expect((await outcomeOf(machine, { a: { c: 1 } }, { withinS: 1 })).text).toBe(output);
  });
});

describe(guide('concepts-error-handling'), () => {
  test.each<[path: string, shown: string]>([
    ['$.missing', "$['missing']"],
    ["$['missing']", "$['missing']"],
    ['$.a.missing', "$['a']['missing']"],
    ['$.l[7]', "$['l'][7]"],
    ['$.a.b.c.d', "$['a']['b']['c']['d']"],
  ])('%s finds nothing', async (path, shown) => {
    const cause = inState('P', `Invalid path '${path}' : No results for path: ${shown}`);
    for (const field of ['InputPath', 'OutputPath'])
      expect(await passOf({ [field]: path }, { a: { b: 1 }, l: [1] })).toBe(`States.Runtime: ${cause}`);
  });
});

describe(guide('input-output-resultpath'), () => {
  test.each<[path: string | null, input: unknown, output: string]>([
    ['$', { a: 1 }, '"R"'],
    [null, { a: 1 }, '{"a":1}'],
    [null, [1, 2], '[1,2]'],
    ['$.r', { a: 1 }, '{"a":1,"r":"R"}'],
    ['$.a', { a: 1, b: 2 }, '{"a":"R","b":2}'],
    ['$.x.y.z', { a: 1 }, '{"a":1,"x":{"y":{"z":"R"}}}'],
    ['$.x.y', { x: { a: 1 } }, '{"x":{"a":1,"y":"R"}}'],
    ["$['r']", { a: 1 }, '{"a":1,"r":"R"}'],
    ["$['a b'].c", {}, '{"a b":{"c":"R"}}'],
    ['$.l[0]', { l: [1, 2] }, '{"l":["R",2]}'],
    ['$.l[1].v', { l: [1, { v: 0 }] }, '{"l":[1,{"v":"R"}]}'],
  ])('%s into %j gives %s', async (path, input, output) => {
    expect(await passOf({ Result: 'R', ResultPath: path }, input)).toBe(output);
  });

  test.each<[path: string, input: unknown]>([
    ['$.r', 1],
    ['$.r', 'text'],
    ['$.r', [1]],
    ['$.a.b', { a: 1 }],
    ['$.a.b', { a: 'text' }],
    ['$.l[2]', { l: [1, 2] }],
    ['$.a[0]', { a: {} }],
  ])('%s does not fit into %j', async (path, input) => {
    const reason = `Unable to apply ReferencePath ${path} to input ${JSON.stringify(input)}`;
    expect(await passOf({ Result: 'R', ResultPath: path }, input)).toBe(
      `States.ResultPathMatchFailure: ${inState('P', reason)}`,
    );
  });

  test.each(['$.a[*]', '$..a', '$.a[0:2]', '$.a[0,1]', '$.a[?(@.b)]', '$.*', 'a', ''])(
    '%s is no reference path',
    async (path) => {
      expect(await passOf({ Result: 'R', ResultPath: path })).toMatch(/^refused: Invalid State Machine Definition/);
    },
  );

  test('a catcher puts the error where its own path says', async () => {
    const machine = machineOf({
      T: {
        Type: 'Task',
        Resource: functionArn('f'),
        Catch: [{ ErrorEquals: ['E'], ResultPath: '$.e', Next: 'C' }],
        End: true,
      },
      C: { Type: 'Succeed' },
    });
    const { text } = await outcomeOf(machine, { a: 1 }, { answer: () => ({ error: 'E', cause: 'why' }) });
    expect(JSON.parse(text)).toEqual({
      a: 1,
      e: { Error: 'E', Cause: '{"errorMessage":"why","errorType":"E"}' },
    });
  });
});

describe(specification('reference-paths'), () => {
  test.each(['$.store.book[', '$.', '$[', "$['a", '$.a[x]', 'store', '$store.', '$.a b c['])(
    '%s is no path',
    async (path) => {
      expect(await passOf({ InputPath: path })).toMatch(/^refused: /);
    },
  );

  test.each<[path: string, document: unknown]>([
    ['$.store.book', { store: { book: 1 } }],
    ['$.store.book.title', { store: { book: { title: 1 } } }],
    ['$.\u0416\u4e2d.\ud800\udf46', { '\u0416\u4e2d': { '\ud800\udf46': 1 } }],
    ['$.ledgers.branch[0].pending.count', { ledgers: { branch: [{ pending: { count: 1 } }] } }],
    ['$.ledgers[0][22][1].foo', { ledgers: [Array.from({ length: 23 }, () => [0, { foo: 1 }])] }],
    ["$['store']['book']", { store: { book: 1 } }],
    ["$['store'][0]['book']", { store: [{ book: 1 }] }],
  ])('%s is a reference path', async (path, document) => {
    expect(await passOf({ InputPath: path }, document)).toBe('1');
    expect(await passOf({ Result: 1, ResultPath: path, OutputPath: path }, document)).toBe('1');
  });
});
