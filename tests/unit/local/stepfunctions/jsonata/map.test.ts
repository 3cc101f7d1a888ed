import { expect, test, vi } from 'vitest';
import { aStatesPart, machineOf } from '../../../../builders/a-states-part.ts';

const outcome = async (map: object, input: unknown) => {
  const states = aStatesPart();
  const machine = { QueryLanguage: 'JSONata', ...machineOf({ M: { Type: 'Map', ...map, End: true } }) };
  const arn = await states.run(machine, input);
  return vi.waitFor(
    async () => {
      const { status, output, error, cause } = await states.describe(arn);
      expect(status).not.toBe('RUNNING');
      const types = (await states.history(arn)).map(({ type }) => type);
      return { found: status === 'SUCCEEDED' ? JSON.parse(String(output)) : { error, cause }, types };
    },
    { timeout: 10_000, interval: 5 },
  );
};

const processor = (Output: unknown = '{% $states.input %}') => ({
  ItemProcessor: machineOf({ I: { Type: 'Pass', Output, End: true } }),
});

test.each([
  ['an array', [1, '{% $states.input.two %}', 3], [1, 2, 3]],
  ['an expression', '{% $states.input.l %}', ['a', 'b']],
  ['an expression of a worker', '{% $states.input.l ~> $reverse %}', ['b', 'a']],
])('Items is %s', async (_what, Items, expected) => {
  expect((await outcome({ Items, ...processor() }, { two: 2, l: ['a', 'b'] })).found).toEqual(expected);
});

test('without Items the input is the array', async () => {
  expect((await outcome(processor(), [1, 2])).found).toEqual([1, 2]);
});

test.each([
  ['"a"', "{% 'a' %}", 'string', '"a"'],
  ['null', '{% null %}', 'null', 'null'],
  ['1', '{% 1 %}', 'number', '1'],
])('Items may not be %s', async (_what, Items, type, value) => {
  const { found, types } = await outcome({ Items, ...processor() }, {});
  expect(found).toEqual({
    error: 'States.QueryEvaluationError',
    cause: `An error occurred while executing the state 'M' (entered at the event id #2). The JSONata expression '${Items.slice(3, -3)}' specified for the field 'Items' returned an unexpected result type. Expected 'array', but was '${type}' for value: ${value}`,
  });
  expect(types).toEqual(['ExecutionStarted', 'MapStateEntered', 'EvaluationFailed', 'ExecutionFailed']);
});

const context = { at: '{% $states.context.Map.Item.Index %}', item: '{% $states.context.Map.Item.Value %}' };

test('https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html: the item in the context', async () => {
  const ItemSelector = { ...context, all: '{% $states.input.l %}', state: '{% $states.context.State.Name %}' };
  const { found } = await outcome({ Items: '{% $states.input.l %}', ItemSelector, ...processor() }, { l: ['a', 'b'] });
  const all = ['a', 'b'];
  expect(found).toEqual([
    { at: 0, item: 'a', all, state: 'M' },
    { at: 1, item: 'b', all, state: 'M' },
  ]);
});

test('items whose input is made by a worker begin one by one, in the order of a plain Map', async () => {
  const heavy = { n: '{% $map([1..2], function($v){ $v * $states.context.Map.Item.Value }) %}', ...context };
  const fields = {
    MaxConcurrency: '{% 2 %}',
    Items: [1, 2, 3],
    Output: '{% $map($states.result, function($v){ $v.n[1] }) %}',
  };
  const { found, types } = await outcome({ ...fields, ItemSelector: heavy, ...processor() }, {});
  expect(found).toEqual([2, 4, 6]);
  expect(types.filter((type) => type === 'MapIterationStarted')).toHaveLength(3);
  expect(types.filter((type) => type === 'PassStateEntered')).toHaveLength(3);
  expect(types.at(-1)).toBe('ExecutionSucceeded');
});

test.each([
  ['inline', '{% $states.context.Map.Item.Value + 1 %}'],
  ['in a worker', '{% $map([1], function($v){ $states.context.Map.Item.Value + $v }) %}'],
])('an ItemSelector that fails %s fails the Map', async (_where, x) => {
  const { found } = await outcome({ Items: ['a'], ItemSelector: { x }, ...processor() }, {});
  expect(found.error).toBe('States.QueryEvaluationError');
  expect(found.cause).toContain("An error occurred while executing the state 'M' (entered at the event id #2).");
  expect(found.cause).toContain("specified for the field 'ItemSelector/x' threw an error during evaluation. T2001:");
});

test('failures are tolerated by expressions', async () => {
  const item = { Type: 'Choice', Choices: [{ Condition: '{% $states.input = 2 %}', Next: 'F' }], Default: 'S' };
  const ItemProcessor = machineOf({ C: item, F: { Type: 'Fail' }, S: { Type: 'Succeed' } });
  const fields = { Items: [1, 2, 3], ToleratedFailureCount: '{% $states.input.n %}' };
  expect((await outcome({ ...fields, ItemProcessor }, { n: 1 })).found).toEqual([1, 3]);
  expect((await outcome({ ...fields, ItemProcessor }, { n: 0 })).found.error).toBe(
    'States.ExceedToleratedFailureThreshold',
  );
  expect((await outcome({ ...fields, ItemProcessor }, { n: -1 })).found.error).toBe('States.QueryEvaluationError');
});

test.each([
  [
    'inline',
    { n: '{% $states.context.Map.Item.Value * $states.input.f %}', i: '{% $states.context.Map.Item.Index %}' },
  ],
  [
    'in a worker',
    {
      n: '{% $sum([$states.context.Map.Item.Value][$ > 0]) * $states.input.f %}',
      i: '{% $states.context.Map.Item.Index %}',
    },
  ],
])('a distributed Map selects its items by expressions %s', async (_where, ItemSelector) => {
  const ItemProcessor = {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    ...machineOf({ I: { Type: 'Pass', Output: '{% $states.input %}', End: true } }),
  };
  const fields = {
    Items: '{% $states.input.l %}',
    ItemSelector,
    ItemProcessor,
    Output: '{% $states.result ~> $reverse %}',
  };
  expect((await outcome(fields, { l: [1, 2], f: 10 })).found).toEqual([
    { n: 20, i: 1 },
    { n: 10, i: 0 },
  ]);
});
