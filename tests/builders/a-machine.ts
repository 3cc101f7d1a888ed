import fc from 'fast-check';
import { functionArn } from './a-states-part.ts';

const path = fc.constantFrom(
  '$',
  '$.a',
  '$.b',
  '$.l',
  '$.l[0]',
  '$.l[*]',
  '$..a',
  '$.missing',
  '$$.Execution.Id',
  '$$.State.RetryCount',
);
const place = fc.constantFrom('$', '$.a', '$.r', '$.r.s', '$.l[0]', null);
const expression = fc.oneof(
  path,
  fc.constantFrom('States.UUID()', 'States.MathRandom(0, 9)', 'States.Array($.a, $.b)', "States.Format('{}', $.a)"),
);
const recovery = {
  Retry: fc.constant([{ ErrorEquals: ['States.ALL'], MaxAttempts: 1, JitterStrategy: 'FULL' }]),
};
const data = {
  InputPath: path,
  ResultPath: place,
  OutputPath: path,
  Parameters: expression.map((e) => ({ k: 1, 'v.$': e })),
};
/** Any JSON but what AWS warns of in a Pass: texts that look like a path or function, keys that end as those of templates. */
const result = fc.jsonValue({ maxDepth: 1 }).filter((value) => !/"(\$|States\.)|\.\$"/.test(JSON.stringify(value)));
const only = <T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(fields, { requiredKeys: [] });

const leaf = fc.oneof(
  fc.tuple(fc.constant({ Type: 'Pass' }), only({ ...data, Result: result })),
  fc.tuple(
    fc.constant({ Type: 'Wait' }),
    fc.constantFrom({ Seconds: 1 }, { SecondsPath: '$.a' }, { Timestamp: '2026-01-01T00:00:02Z' }),
  ),
  fc.tuple(
    fc.constant({ Type: 'Task', Resource: functionArn('f') }),
    only({ ...data, ...recovery, TimeoutSeconds: fc.constant(2) }),
  ),
  fc.tuple(
    fc.constant({
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Parameters: { FunctionName: 'f', Payload: { 't.$': '$$.Task.Token' } },
    }),
    only({ ResultPath: place, ...recovery, HeartbeatSeconds: fc.constant(2) }),
  ),
);

/** A state before it has a name and a way out. */
type Draft = readonly [kind: object, fields: object];

/** The drafts that a walk from the first one meets, and the one it would come back to. */
const walk = (choices: readonly number[], count: number): { met: number[]; back: number | undefined } => {
  const met = new Set<number>();
  let at = 0;
  for (; at < count && !met.has(at); at = (choices[at] ?? 0) % (count + 1)) met.add(at);
  return { met: [...met], back: at < count && at !== [...met].at(-1) ? at : undefined };
};

/**
 * Names the drafts that can be reached and joins them: AWS refuses a state that nothing leads to, and a machine without an
 * end. Inside a branch there may be loops of several states; they end at the limit of the history or at a wait.
 */
const named = (drafts: readonly Draft[], prefix: string, choices: readonly number[], mayLoop: boolean): object => {
  const { met, back } = walk(choices, drafts.length);
  const states = met.map((draft, at) => {
    const [kind, fields] = drafts[draft] ?? [{}, {}];
    const next = met[at + 1] ?? (mayLoop ? back : undefined);
    const way = next === undefined ? { End: true } : { Next: `${prefix}${next}` };
    return [`${prefix}${draft}`, { ...kind, ...fields, ...way }];
  });
  return { StartAt: `${prefix}0`, States: Object.fromEntries(states) };
};

const scope = (prefix: string) =>
  fc
    .tuple(fc.array(leaf, { minLength: 1, maxLength: 3 }), fc.array(fc.nat(5), { minLength: 3, maxLength: 3 }))
    .map(([drafts, choices]) => named(drafts, prefix, choices, true));

const apart = { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } };

const branching = (prefix: string) =>
  fc.oneof(
    fc
      .tuple(scope(`${prefix}x`), scope(`${prefix}y`), only({ ...data, ...recovery }))
      .map(([x, y, fields]): Draft => [{ Type: 'Parallel', Branches: [x, y] }, fields]),
    fc
      .tuple(
        scope(`${prefix}z`),
        only({ ...recovery, ResultPath: place, MaxConcurrency: fc.nat(2), ToleratedFailureCount: fc.nat(1) }),
      )
      .map(([z, fields]): Draft => [{ Type: 'Map', ItemsPath: '$.l', ItemProcessor: z }, fields]),
    fc
      .tuple(
        scope(`${prefix}d`),
        only({
          ...recovery,
          ResultPath: place,
          MaxConcurrency: fc.nat(2),
          ToleratedFailurePercentage: fc.constantFrom(0, 50, 100),
          ItemBatcher: fc.constant({ MaxItemsPerBatch: 2 }),
        }),
      )
      .map(([d, fields]): Draft => [{ Type: 'Map', ItemsPath: '$.l', ItemProcessor: { ...apart, ...d } }, fields]),
  );

/** Small machines of all kinds, many of which fail: the engine must neither throw nor lose count. */
export const anyMachine = fc
  .tuple(
    fc.array(leaf, { minLength: 1, maxLength: 3 }),
    branching('p'),
    fc.array(fc.nat(5), { minLength: 4, maxLength: 4 }),
    fc.option(fc.constant({ TimeoutSeconds: 5 }), { nil: {} }),
  )
  .map(([drafts, branch, choices, limit]) => ({ ...named([branch, ...drafts], 's', choices, false), ...limit }));
