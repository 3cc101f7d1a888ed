import fc from 'fast-check';
import { functionArn, machineOf } from './a-states-part.ts';

/** Expressions for every place: inline ones, ones of a worker, random ones, and some that fail. */
const source = fc.constantFrom(
  '$states.input',
  '$states.input.a',
  '$states.input.a + 1',
  "'t' & $v",
  '$exists($v) ? $v : 0',
  '$uuid()',
  '$now()',
  '$random() < 2',
  '$map([1..2], function($x){ $x })',
  '$states.input.l ~> $count',
  '$random() & $uuid() ~> $uppercase',
  '$states.context.State.Name ~> $length',
  '($x := $v; $x)',
  '$states.input.l[$ > 1]',
);
const expression = source.map((text) => `{% ${text} %}`);
const value = fc.oneof(expression, fc.record({ a: expression, l: fc.constant([1, 2]) }), fc.constant({ a: 1, l: [3] }));
const only = <T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(fields, { requiredKeys: [] });

const output = { Output: value, Assign: fc.record({ v: expression }) };
const recovery = {
  Retry: fc.constant([{ ErrorEquals: ['States.ALL'], MaxAttempts: 1, IntervalSeconds: 1 }]),
  Catch: value.map((Output) => [{ ErrorEquals: ['States.ALL'], Next: 'End', Output, Assign: { v: 'caught' } }]),
};

const item = fc.record({ Output: value }).map((fields) => machineOf({ Item: { Type: 'Pass', ...fields, End: true } }));

const state = fc.oneof(
  only(output).map((fields) => ({ Type: 'Pass', ...fields, Next: 'End' })),
  fc
    .tuple(only(output), fc.constantFrom(1, '{% $count([1]) %}', '{% [1..2] ~> $count %}'))
    .map(([fields, Seconds]) => ({
      Type: 'Wait',
      Seconds,
      ...fields,
      Next: 'End',
    })),
  fc
    .tuple(only({ ...output, ...recovery, Arguments: value }), fc.constantFrom(5, '{% [1..5] ~> $count %}'))
    .map(([fields, TimeoutSeconds]) => ({
      Type: 'Task',
      Resource: functionArn('f'),
      TimeoutSeconds,
      ...fields,
      Next: 'End',
    })),
  fc
    .tuple(only({ ...output, ...recovery, ItemSelector: value, MaxConcurrency: fc.nat(2) }), item)
    .map(([fields, ItemProcessor]) => ({ Type: 'Map', Items: [1, 2, 3], ItemProcessor, ...fields, Next: 'End' })),
  fc
    .tuple(only({ ...output, ...recovery, Arguments: value }), item)
    .map(([fields, branch]) => ({ Type: 'Parallel', Branches: [branch], ...fields, Next: 'End' })),
  fc.tuple(expression, only(output), only(output)).map(([Condition, chosen, fields]) => ({
    Type: 'Choice',
    Choices: [{ Condition, ...chosen, Next: 'End' }],
    Default: 'End',
    ...fields,
  })),
);

/** Small machines in JSONata: two states of any kind, of which the first sets a variable. */
export const anyJsonataMachine = fc.tuple(state, value).map(([middle, Output]) => ({
  QueryLanguage: 'JSONata',
  ...machineOf({
    Start: { Type: 'Pass', Assign: { v: '{% $states.input.a %}' }, Next: 'Middle' },
    Middle: middle,
    End: { Type: 'Succeed', Output },
  }),
}));
