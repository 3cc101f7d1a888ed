import fc from 'fast-check';
import { functionArn } from './a-states-part.ts';
import { functionError, type GeneratedMachine } from './generated-machines.ts';

const only = <T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(fields, { requiredKeys: [] });

const input = fc.record({
  a: fc.nat(5),
  b: fc.constantFrom('x', 'one two', 'b-1'),
  c: fc.boolean(),
  l: fc.array(fc.nat(9), { minLength: 2, maxLength: 3 }),
  o: fc.record({ x: fc.integer({ min: -2, max: 2 }), y: fc.constantFrom([1, 2], [3, 'x']) }),
  t: fc.constantFrom('2026-01-01T00:00:03Z', '2025-12-31T23:00:00Z'),
  z: fc.constant(null),
});

/** Expressions of every kind; `$n` is a variable that the first state assigns. */
const value = fc.constantFrom(
  ...['$states.input.a', '$states.input.b', '$states.input.l', '$states.input.l[0]', '$states.input.l[-1]'],
  ...['$states.input.o.x + 1', '$states.input.z', '$states.input', "$states.input.b & '!'", '$n', '$n * 2'],
  ...['$states.context.State.Name', '$states.context.Execution.Input.a', '$sum($states.input.l)'],
  ...[
    '$count($states.input.l)',
    '$uppercase($states.input.b)',
    "$split($states.input.b, ' ')",
    "$join(['a','b'], '-')",
  ],
  ...['$map($states.input.l, function($i) { $i * 2 })', '$states.input.l[$ > 3]', '$exists($states.input.nothing)'],
  ...["$states.input.a > 2 ? 'large' : 'small'", '{"k": $states.input.a, "l": [$states.input.b]}', '[1..3]'],
  ...["$hash('x', 'MD5')", '$partition([1,2,3,4,5], 2)', '$range(1, 9, 4)', '$parse(\'{"k":[1,null]}\')'],
  ...['$type($states.input.o)', '$states.input.c and true', "$states.input.b in ['x','y']", '$string($states.input.a)'],
  ...['$states.input.nothing', '$states.input.b + 1'],
);
const expression = value.map((text) => `{% ${text} %}`);
const output = fc.oneof(
  { weight: 1, arbitrary: expression },
  // What later states read is handed on.
  {
    weight: 6,
    arbitrary: expression.map((found) => ({
      ...Object.fromEntries(['a', 'b', 'c', 'l', 'o', 't', 'z'].map((key) => [key, `{% $states.input.${key} %}`])),
      found,
      fixed: [1, { deep: null }],
    })),
  },
);
const assign = expression.map((text) => ({ m: text }));
const errors = fc.constantFrom([functionError], ['States.QueryEvaluationError'], ['States.ALL'], ['Other']);
const retry = errors.map((ErrorEquals) => [{ ErrorEquals, MaxAttempts: 1 }]);
const caught = errors.map((ErrorEquals) => [
  { ErrorEquals, Output: '{% $states.errorOutput.Error %}', Assign: { m: 'caught' }, Next: 'CAUGHT' },
]);
const condition = fc.constantFrom(
  ...['$states.input.a > 2', "$states.input.b = 'x'", '$states.input.c', '$n = 1 and $states.input.a < 4'],
  ...['$count($states.input.l) = 2', '$exists($states.input.z)', '$not($states.input.c)', 'true', 'false'],
);

type Draft = Readonly<Record<string, unknown>>;
const pass = only({ Output: output, Assign: assign }).map((fields): Draft => ({ Type: 'Pass', ...fields }));
const task = fc
  .tuple(
    fc.constantFrom('echo', 'echo', 'broken'),
    expression,
    only({ Assign: assign, Retry: retry, Catch: caught, TimeoutSeconds: fc.constant(60) }),
  )
  .map(
    ([name, found, fields]): Draft => ({
      Type: 'Task',
      Resource: functionArn(name),
      Arguments: { found, fixed: 1 },
      Output: '{% $merge([$states.input, {"r": $states.result}]) %}',
      ...fields,
    }),
  );
const wait = fc
  .constantFrom({ Seconds: 1 }, { Seconds: '{% $states.input.a %}' }, { Timestamp: '{% $states.input.t %}' })
  .map((fields): Draft => ({ Type: 'Wait', ...fields }));
const choice = condition.map((text): Draft => ({ Type: 'Choice', Condition: `{% ${text} %}` }));
const map = fc.tuple(fc.constantFrom('{% $states.input.l %}', [1, 2], ['x']), expression, fc.nat(2)).map(
  ([Items, found, MaxConcurrency]): Draft => ({
    Type: 'Map',
    Items,
    MaxConcurrency,
    ItemSelector: {
      item: '{% $states.context.Map.Item.Value %}',
      at: '{% $states.context.Map.Item.Index %}',
      a: '{% $states.input.a %}',
    },
    ItemProcessor: {
      StartAt: 'm0',
      States: { m0: { Type: 'Pass', Output: { in: '{% $states.input %}', n: '{% $n %}' }, End: true } },
    },
    Output: { found, r: '{% $states.result %}', a: '{% $states.input.a %}' },
  }),
);
const parallel = fc.tuple(expression, expression).map(
  ([x, y]): Draft => ({
    Type: 'Parallel',
    Branches: [
      { StartAt: 'x0', States: { x0: { Type: 'Pass', Output: { x }, End: true } } },
      { StartAt: 'y0', States: { y0: { Type: 'Pass', Output: { y }, End: true } } },
    ],
    Output: '{% $merge([$states.input, {"r": $states.result}]) %}',
  }),
);
const fail = fc
  .constantFrom({ Error: 'Own', Cause: 'why' }, { Error: '{% $states.input.b %}', Cause: "{% 'n ' & $n %}" })
  .map((fields): Draft => ({ Type: 'Fail', ...fields }));
const succeed = only({ Output: output }).map((fields): Draft => ({ Type: 'Succeed', ...fields }));

const chain = (drafts: readonly Draft[]): object => {
  const names = drafts.map((_draft, at) => `s${at}`);
  const states = drafts.map((draft, at): [string, object] => {
    const name = `s${at}`;
    const { Condition, ...state } = JSON.parse(JSON.stringify(draft).replaceAll('"CAUGHT"', '"sCaught"'));
    const next = names[at + 1];
    if (draft.Type === 'Fail' || draft.Type === 'Succeed') return [name, state];
    if (draft.Type !== 'Choice') return [name, { ...state, ...(next ? { Next: next } : { End: true }) }];
    return [name, { ...state, Choices: [{ Condition, Next: next ?? 'sThen' }], Default: 'sElse' }];
  });
  const used = JSON.stringify(states);
  const ends = ['sThen', 'sElse', 'sCaught'].flatMap((name): [string, object][] =>
    used.includes(`"${name}"`) ? [[name, { Type: 'Pass', Output: { end: name, n: '{% $n %}' }, End: true }]] : [],
  );
  const first = { Type: 'Pass', Assign: { n: 1 }, Next: 's0' };
  return {
    QueryLanguage: 'JSONata',
    StartAt: 'First',
    States: { First: first, ...Object.fromEntries([...states, ...ends]) },
  };
};

/** Machines over the states and fields of JSONata. */
export const generatedJsonataMachine: fc.Arbitrary<GeneratedMachine> = fc.record({
  definition: fc
    .tuple(
      fc.array(fc.oneof(pass, task, choice, wait), { maxLength: 2 }),
      fc.oneof(pass, task, map, parallel),
      fc.oneof(pass, fail, succeed),
    )
    .map(([before, middle, last]) => chain([...before, middle, last])),
  input,
});
