import { describe, expect, test } from 'vitest';
import { functionArn, machineOf } from '../../../../builders/a-states-part.ts';
import { guide, inState, outcomeOf, passOf } from '../../../../builders/an-outcome.ts';

const input = { a: { b: 1 }, l: [1, 2], text: 't', none: null };

describe(guide('input-output-inputpath-params'), () => {
  test.each<[parameters: unknown, output: string]>([
    [{}, '{}'],
    [{ fixed: 1 }, '{"fixed":1}'],
    [{ 'v.$': '$.a.b' }, '{"v":1}'],
    [{ 'v.$': '$.a' }, '{"v":{"b":1}}'],
    [{ 'v.$': '$' }, '{"v":{"a":{"b":1},"l":[1,2],"text":"t","none":null}}'],
    [{ 'v.$': '$.none' }, '{"v":null}'],
    [{ 'v.$': '$.l[*]' }, '{"v":[1,2]}'],
    [{ 'v.$': '$.l[5:]' }, '{"v":[]}'],
    // As AWS answers: an element that is not there is null, a field that is not there is an error.
    [{ 'v.$': '$.l[5]' }, '{"v":null}'],
    [{ v: '$.a.b' }, '{"v":"$.a.b"}'],
    [{ v: { 'w.$': '$.text', x: [1] } }, '{"v":{"w":"t","x":[1]}}'],
    [{ v: [{ 'w.$': '$.text' }, 2] }, '{"v":[{"w":"t"},2]}'],
    [{ v: [[{ 'w.$': '$.l[0]' }]] }, '{"v":[[{"w":1}]]}'],
    [{ v: [{ 'w.$': '$.text' }, { 'w.$': '$.l' }] }, '{"v":[{"w":"t"},{"w":[1,2]}]}'],
    [{ z: 1, 'a.$': '$.text', b: null }, '{"z":1,"a":"t","b":null}'],
    [{ 'v.$': "States.Format('{}-{}', $.text, $.a.b)" }, '{"v":"t-1"}'],
    [{ '.$': '$.text' }, '{"":"t"}'],
    [{ 'a.b.$': '$.text' }, '{"a.b":"t"}'],
    [{ 'v.$.$': '$.text' }, '{"v.$":"t"}'],
    [{ v$: '$.text', $: 1 }, '{"v$":"$.text","$":1}'],
    [{ 'v.$': '$$.State.Name' }, '{"v":"P"}'],
  ])('%j', async (parameters, output) => {
    expect(await passOf({ Parameters: parameters }, input)).toBe(output);
  });

  test.each<[parameters: object, path: string, field: string]>([
    [{ 'v.$': '$.missing' }, '$.missing', 'v.$'],
    [{ 'v.$': '$.a.b.c' }, '$.a.b.c', 'v.$'],
    [{ 'v.$': '$.a[2]' }, '$.a[2]', 'v.$'],
    [{ 'v.$': '$.l[2].x' }, '$.l[2].x', 'v.$'],
    [{ v: { 'w.$': '$.missing' } }, '$.missing', 'w.$'],
    [{ v: [{ 'w.$': '$.text.x' }] }, '$.text.x', 'w.$'],
  ])('%j reads what is not there', async (parameters, path, field) => {
    const reason = `The JSONPath '${path}' specified for the field '${field}' could not be found in the input '${JSON.stringify(input)}'`;
    expect(await passOf({ Parameters: parameters }, input)).toBe(`States.Runtime: ${inState('P', reason)}`);
  });

  test.each<[parameters: object]>([
    [{ 'v.$': 1 }],
    [{ 'v.$': null }],
    [{ 'v.$': {} }],
    [{ 'v.$': ['$.a'] }],
    [{ 'v.$': '' }],
    [{ 'v.$': 'text' }],
    [{ 'v.$': '$.a[' }],
    [{ 'v.$': 'States.Nothing()' }],
    [{ v: { w: [{ 'x.$': 'text' }] } }],
  ])('%j is refused with the definition', async (parameters) => {
    expect(await passOf({ Parameters: parameters }, input)).toMatch(/^refused: Invalid State Machine Definition/);
  });

  test('a Result is no template', async () => {
    expect(await passOf({ Result: { 'v.$': '$.a', w: 'States.UUID()' } })).toBe('{"v.$":"$.a","w":"States.UUID()"}');
  });

  test('a Result wins over Parameters', async () => {
    expect(await passOf({ Parameters: { a: 1 }, Result: { b: 2 } })).toBe('{"b":2}');
  });
});

const task = (fields: object) => machineOf({ T: { Type: 'Task', Resource: functionArn('f'), ...fields, End: true } });
const answered = async (fields: object, result: unknown = { r: { s: 1 }, l: [1] }) => {
  const { text, payloads } = await outcomeOf(task(fields), input, { answer: () => ({ ok: result }) });
  return { text, payload: payloads[0] };
};

describe(guide('input-output-resultpath'), () => {
  test.each<[fields: object, output: string]>([
    [{}, '{"r":{"s":1},"l":[1]}'],
    [{ ResultSelector: { 'v.$': '$.r.s' } }, '{"v":1}'],
    [{ ResultSelector: { fixed: true } }, '{"fixed":true}'],
    [{ ResultSelector: { 'v.$': '$.r', n: { 'w.$': '$.l[0]' } } }, '{"v":{"s":1},"n":{"w":1}}'],
    [
      { ResultSelector: { 'v.$': '$.r' }, ResultPath: '$.text' },
      '{"a":{"b":1},"l":[1,2],"text":{"v":{"s":1}},"none":null}',
    ],
    [{ ResultSelector: { 'v.$': '$.r.s' }, ResultPath: '$.r', OutputPath: '$.r' }, '{"v":1}'],
    [{ ResultPath: '$.r', OutputPath: '$.r.l' }, '[1]'],
    [{ ResultPath: null, OutputPath: '$.text' }, '"t"'],
    [{ ResultPath: null }, JSON.stringify(input)],
    [{ ResultSelector: { 'v.$': 'States.JsonToString($.r)' } }, '{"v":"{\\"s\\":1}"}'],
    [{ ResultSelector: { 'v.$': '$$.Execution.Input.text' } }, '{"v":"t"}'],
  ])('the result of a task through %j', async (fields, output) => {
    expect((await answered(fields)).text).toBe(output);
  });

  test('a selector that reads what is not there fails the state', async () => {
    const { text } = await answered({ ResultSelector: { 'v.$': '$.missing' } }, { r: 1 });
    const reason = "The JSONPath '$.missing' specified for the field 'v.$' could not be found in the input '{\"r\":1}'";
    expect(text).toBe(`States.Runtime: ${inState('T', reason)}`);
  });

  test('the result is put into what the state was given, not into what the task was given', async () => {
    const { text, payload } = await answered({ InputPath: '$.a', Parameters: { p: 1 }, ResultPath: '$.r' }, 7);
    expect(payload).toEqual({ p: 1 });
    expect(JSON.parse(text)).toEqual({ ...input, r: 7 });
  });

  test.each([null, 0, '', false, [], {}])('a task may give %j', async (result) => {
    expect((await answered({}, result)).text).toBe(JSON.stringify(result));
    expect(JSON.parse((await answered({ ResultPath: '$.r' }, result)).text)).toEqual({ ...input, r: result });
  });
});

describe(guide('input-output-itemselector'), () => {
  const mapped = async (fields: object, given: unknown) => {
    const item = { StartAt: 'I', States: { I: { Type: 'Pass', End: true } } };
    const machine = machineOf({ M: { Type: 'Map', ItemProcessor: item, ...fields, End: true } });
    return (await outcomeOf(machine, given)).text;
  };
  const given = { l: [{ k: 'x' }, { k: 'y' }], o: 1 };

  test.each<[selector: object, output: string]>([
    [{ 'i.$': '$$.Map.Item.Index' }, '[{"i":0},{"i":1}]'],
    [{ 'v.$': '$$.Map.Item.Value' }, '[{"v":{"k":"x"}},{"v":{"k":"y"}}]'],
    [{ 'v.$': '$$.Map.Item.Value.k', 'o.$': '$.o' }, '[{"v":"x","o":1},{"v":"y","o":1}]'],
    [{ fixed: 1 }, '[{"fixed":1},{"fixed":1}]'],
    [{ 'v.$': "States.Format('{}{}', $$.Map.Item.Value.k, $$.Map.Item.Index)" }, '[{"v":"x0"},{"v":"y1"}]'],
    [{ 'n.$': 'States.ArrayLength($.l)' }, '[{"n":2},{"n":2}]'],
  ])('ItemSelector %j', async (selector, output) => {
    expect(await mapped({ ItemsPath: '$.l', ItemSelector: selector }, given)).toBe(output);
    expect(await mapped({ ItemsPath: '$.l', Parameters: selector }, given)).toBe(output);
  });

  test('it sees the input after InputPath', async () => {
    const fields = { InputPath: '$.in', ItemsPath: '$.l', ItemSelector: { 'o.$': '$.o' } };
    expect(await mapped(fields, { in: given })).toBe('[{"o":1},{"o":1}]');
  });
});
