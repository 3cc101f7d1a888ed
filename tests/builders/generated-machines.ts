import fc from 'fast-check';
import { functionArn } from './a-states-part.ts';

/** A machine and what it is started with. */
export type GeneratedMachine = { readonly definition: object; readonly input: object };

const only = <T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(fields, { requiredKeys: [] });

/** What every state finds in its input, if those before it have left it there. */
const input = fc.record({
  a: fc.nat(5),
  b: fc.constantFrom('x', 'one two', 'b-1', '1,2;3'),
  c: fc.boolean(),
  l: fc.array(fc.oneof(fc.nat(9), fc.constantFrom('x', 'y')), { minLength: 1, maxLength: 3 }),
  o: fc.record({ x: fc.integer({ min: -2, max: 2 }), y: fc.constantFrom([1], [1, 'x'], []) }),
  t: fc.constantFrom('2026-01-01T00:00:03Z', '2025-12-31T23:00:00Z', '2026-01-01T01:00:02+01:00'),
  z: fc.constant(null),
});

const path = fc.constantFrom(
  ...['$', '$.a', '$.b', '$.c', '$.l', '$.o', '$.o.x', '$.o.y', '$.t', '$.z', '$.l[0]', '$.l[*]', "$['o']['x']"],
  ...['$$.Execution.Input', '$$.Execution.Input.a', '$$.State.Name', '$.l[-1]', '$.l[0:2]', '$..x', '$.o.*'],
);
const text = fc.constantFrom('$.b', "'x y'", "''", '$.t', '$$.State.Name');
const list = fc.constantFrom('$.l', '$.o.y', 'States.Array(1, 2, 2, $.a)', 'States.ArrayRange(1, 5, 2)');
const number = fc.constantFrom('$.a', '$.o.x', '1', '-2', '2');
const intrinsic = fc.oneof(
  fc.tuple(text, number).map(([t, n]) => `States.Format('<{}> {}', ${t}, ${n})`),
  fc.tuple(number, number).map(([a, b]) => `States.MathAdd(${a}, ${b})`),
  fc.tuple(list, number).map(([l, n]) => `States.ArrayContains(${l}, ${n})`),
  fc.tuple(list, fc.constantFrom('1', '2', '$.a')).map(([l, n]) => `States.ArrayPartition(${l}, ${n})`),
  fc.tuple(list, fc.constantFrom('0', '1', '$.a')).map(([l, n]) => `States.ArrayGetItem(${l}, ${n})`),
  list.map((l) => `States.ArrayLength(${l})`),
  list.map((l) => `States.ArrayUnique(${l})`),
  text.map((t) => `States.StringSplit(${t}, ' ,;-')`),
  text.map((t) => `States.Base64Encode(${t})`),
  text.map((t) => `States.Base64Decode(States.Base64Encode(${t}))`),
  fc
    .tuple(text, fc.constantFrom('MD5', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'))
    .map(([t, h]) => `States.Hash(${t}, '${h}')`),
  fc.constantFrom(
    'States.JsonToString($.o)',
    'States.StringToJson(States.JsonToString($.l))',
    'States.Array($.a, $.b)',
  ),
  fc.constant('States.JsonMerge($.o, States.StringToJson(\'{"w":1}\'), false)'),
);
const expression = fc.oneof(
  { weight: 20, arbitrary: path },
  { weight: 14, arbitrary: intrinsic },
  { weight: 1, arbitrary: fc.constant('$.missing') },
);
const template = fc
  .tuple(expression, expression, fc.constantFrom(1, 'text', null, [1, 2], { deep: true }))
  .map(([v, w, k]) => ({ 'v.$': v, k, in: { 'w.$': w } }));

const mostly = <T, U>(usual: T, others: readonly U[]) =>
  fc.oneof({ weight: 15, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
const resultPath = mostly('$.r', ['$.r.s', '$.o.r', '$.a', '$', null]);
const inputPath = mostly('$', ['$.o', '$.l', null, '$.missing']);
const outputPath = mostly('$', ['$.r', '$.o', null]);
const flow = { InputPath: inputPath, Parameters: template, ResultPath: resultPath, OutputPath: outputPath };

/** What a function that fails names its error. */
export const functionError = 'Runtime.HandlerError';
const errors = fc.constantFrom(
  [functionError],
  ['States.TaskFailed'],
  ['States.ALL'],
  ['Other'],
  ['Other', functionError],
);
const retry = errors.chain((names) =>
  only({
    MaxAttempts: fc.nat(2),
    IntervalSeconds: fc.integer({ min: 1, max: 3 }),
    BackoffRate: fc.constantFrom(1, 1.5, 2),
    MaxDelaySeconds: fc.integer({ min: 1, max: 4 }),
    JitterStrategy: fc.constantFrom('NONE', 'FULL'),
  }).map((rest) => [{ ErrorEquals: names, ...rest }]),
);
const caught = errors.map((names) => [{ ErrorEquals: names, ResultPath: '$.e', Next: 'CAUGHT' }]);

const comparison = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('Equals', 'LessThan', 'GreaterThan', 'LessThanEquals', 'GreaterThanEquals'),
      fc.constantFrom(['Numeric', 2], ['String', 'x'], ['Timestamp', '2026-01-01T00:00:00Z']),
      fc.constantFrom('$.a', '$.b', '$.c', '$.o.x', '$.t', '$.z', '$.l[0]'),
    )
    .map(([order, [kind, value], variable]) => ({ Variable: variable, [`${kind}${order}`]: value })),
  fc
    .tuple(
      fc.constantFrom('Equals', 'LessThan', 'GreaterThan', 'LessThanEquals', 'GreaterThanEquals'),
      fc.constantFrom(['Numeric', '$.a'], ['String', '$.b'], ['Timestamp', '$.t']),
      fc.constantFrom('$.a', '$.b', '$.o.x', '$.t', '$.l[0]'),
    )
    .map(([order, [kind, other], variable]) => ({ Variable: variable, [`${kind}${order}Path`]: other })),
  fc
    .tuple(
      fc.constantFrom('IsNull', 'IsNumeric', 'IsString', 'IsBoolean', 'IsTimestamp', 'IsPresent', 'BooleanEquals'),
      fc.boolean(),
      fc.constantFrom('$.a', '$.b', '$.c', '$.t', '$.z', '$.o', '$.l'),
    )
    .map(([test, wanted, variable]) => ({ Variable: variable, [test]: wanted })),
  fc.constantFrom('x', '*', 'o*o', '*-*', '').map((pattern) => ({ Variable: '$.b', StringMatches: pattern })),
  fc.constantFrom<object>(
    { Variable: '$.missing', IsPresent: true },
    { Variable: '$.z', IsPresent: true },
    { Variable: '$.c', IsNumeric: true },
    { Variable: '$.c', BooleanEqualsPath: '$.c' },
  ),
);
const rule = fc.oneof(
  { weight: 3, arbitrary: comparison },
  { weight: 1, arbitrary: comparison.map((one) => ({ Not: one })) },
  { weight: 1, arbitrary: fc.tuple(comparison, comparison).map((all) => ({ And: all })) },
  { weight: 1, arbitrary: fc.tuple(comparison, comparison).map((all) => ({ Or: all })) },
);

/** A state without a way out; `CAUGHT` stands for where its catcher leads. */
type Draft = Readonly<Record<string, unknown>>;

const pass = only({ ...flow, Result: fc.constantFrom(1, 'x', { k: [1] }, null) }).map(
  (fields): Draft => ({ Type: 'Pass', ResultPath: '$.r', ...fields }),
);
const wait = fc
  .constantFrom({ Seconds: 2 }, { SecondsPath: '$.a' }, { Timestamp: '2026-01-01T00:00:02Z' }, { TimestampPath: '$.t' })
  .map((fields): Draft => ({ Type: 'Wait', ...fields }));
const choice = fc
  .array(rule, { minLength: 1, maxLength: 2 })
  .map((rules): Draft => ({ Type: 'Choice', Choices: rules }));
const selector = fc.constantFrom({ 'v.$': '$' }, { k: 1, 'v.$': '$' }, { k: { l: [1] } });
const task = fc
  .tuple(
    fc.constantFrom('echo', 'echo', 'broken'),
    only({ ...flow, ResultSelector: selector, Retry: retry, Catch: caught, TimeoutSeconds: fc.constant(60) }),
  )
  .map(([name, fields]): Draft => ({ Type: 'Task', Resource: functionArn(name), ResultPath: '$.r', ...fields }));
const invoke = fc
  .tuple(fc.constantFrom('echo', 'echo', 'broken'), expression, only({ Retry: retry, Catch: caught }))
  .map(
    ([name, value, fields]): Draft => ({
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: functionArn(name), Payload: { 'p.$': value } },
      ResultSelector: { 'p.$': '$.Payload' },
      ResultPath: '$.r',
      ...fields,
    }),
  );
const simple = fc.oneof(
  { weight: 3, arbitrary: pass },
  { weight: 3, arbitrary: task },
  { weight: 1, arbitrary: invoke },
  { weight: 3, arbitrary: choice },
  { weight: 1, arbitrary: wait },
);

/** States one after the other; a Choice goes on or ends, a catcher leads to an end of its own. */
const chain = (drafts: readonly Draft[], prefix: string, last?: Draft): object => {
  const all = last ? [...drafts, last] : drafts;
  const names = all.map((_draft, at) => `${prefix}${at}`);
  const states = all.map((draft, at): [string, object] => {
    const next = names[at + 1];
    const state = JSON.parse(JSON.stringify(draft).replaceAll('"CAUGHT"', `"${prefix}Caught"`));
    if (draft.Type === 'Fail' || draft.Type === 'Succeed') return [names[at] ?? '', state];
    if (draft.Type !== 'Choice') return [names[at] ?? '', { ...state, ...(next ? { Next: next } : { End: true }) }];
    const [Choices, Default] = [state.Choices, `${prefix}Else`];
    const leading = Choices.map((each: object) => ({ ...each, Next: next ?? `${prefix}Then` }));
    return [names[at] ?? '', { ...state, Choices: leading, Default }];
  });
  const used = JSON.stringify(states);
  const ends: [string, object][] = [`${prefix}Else`, `${prefix}Then`, `${prefix}Caught`].flatMap((name, at) =>
    used.includes(`"${name}"`) ? [[name, { Type: 'Pass', Result: at, ResultPath: '$.end', End: true }]] : [],
  );
  return { StartAt: names[0], States: Object.fromEntries([...states, ...ends]) };
};

const scope = (prefix: string) =>
  fc.array(simple, { minLength: 1, maxLength: 2 }).map((drafts) => chain(drafts, prefix));

/** Hands the whole input on, and the item that a Map is at. */
const everything = Object.fromEntries(['a', 'b', 'c', 'l', 'o', 't', 'z'].map((key) => [`${key}.$`, `$.${key}`]));
const map = fc
  .tuple(
    mostly({ ...everything, 'v.$': '$$.Map.Item.Value' }, [undefined, { 'a.$': '$.a', 'i.$': '$$.Map.Item.Index' }]),
    fc.array(fc.oneof(pass, task), { minLength: 1, maxLength: 2 }),
    only({ MaxConcurrency: fc.nat(2), ResultSelector: selector, Retry: retry, Catch: caught }),
  )
  .map(
    ([itemSelector, drafts, fields]): Draft => ({
      Type: 'Map',
      ItemsPath: '$.l',
      ItemProcessor: chain(drafts, 'm'),
      ...(itemSelector && { ItemSelector: itemSelector }),
      ResultPath: '$.r',
      ...fields,
    }),
  );
const parallel = fc
  .tuple(
    scope('x'),
    scope('y'),
    only({ Parameters: mostly({ 'p.$': '$', ...everything }, [{ 'a.$': '$.a' }]), Retry: retry, Catch: caught }),
  )
  .map(([x, y, fields]): Draft => ({ Type: 'Parallel', Branches: [x, y], ResultPath: '$.r', ...fields }));
const fail = only({ Cause: fc.constant('why') }).chain((cause) =>
  fc
    .constantFrom<Draft>({ Error: 'Own' }, { ErrorPath: '$.b' }, { ErrorPath: '$.z' }, {})
    .map((error): Draft => ({ Type: 'Fail', ...error, ...cause })),
);
const succeed = only({ InputPath: inputPath, OutputPath: outputPath }).map(
  (fields): Draft => ({ Type: 'Succeed', ...fields }),
);

/** Machines over all states and fields of JSONPath, most of which run to a good end, each within seconds. */
export const generatedMachine: fc.Arbitrary<GeneratedMachine> = fc.record({
  definition: fc
    .tuple(
      fc.array(
        fc.oneof({ weight: 6, arbitrary: simple }, { weight: 1, arbitrary: map }, { weight: 1, arbitrary: parallel }),
        {
          minLength: 1,
          maxLength: 4,
        },
      ),
      fc.oneof(
        { weight: 5, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fail },
        { weight: 2, arbitrary: succeed },
      ),
    )
    // State names are unique in a machine, so it has one Map and one Parallel at most.
    .map(([drafts, last]) => {
      const seen = new Set<unknown>();
      const distinct = drafts.filter(({ Type }) => {
        const isAgain = (Type === 'Map' || Type === 'Parallel') && seen.has(Type);
        seen.add(Type);
        return !isAgain;
      });
      return chain(distinct, 's', last);
    }),
  input,
});
