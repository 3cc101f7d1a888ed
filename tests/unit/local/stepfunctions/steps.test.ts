import { expect, test } from 'vitest';
import { aStatesPart, machineOf, type TestStates } from '../../../builders/a-states-part.ts';
import { memoryJournal } from '../../../builders/memory-journal.ts';

const pass = (fields: object) => machineOf({ Look: { Type: 'Pass', ...fields, End: true } });

const items = (count: number) => ({ a: Array.from({ length: count }, (_, x) => ({ x })) });
const twice = (inner: string) => `States.Format('${'{}'.repeat(20)}'${`, ${inner}`.repeat(20)})`;
const lookUp = (text: string, count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}.$`, text]));

const tooMany: readonly [what: string, definition: object, input: object][] = [
  ['filters in filters', pass({ InputPath: '$.a[?($..[?($..[?(@.x==-1)])])]' }), items(400)],
  ['one filter in another over many items', pass({ InputPath: '$.a[?($..[?(@.x==-1)])]' }), items(20_000)],
  [
    'texts of texts of texts',
    pass({ Parameters: { 't.$': twice(twice(twice("'x'"))).replaceAll("'x'", '$.t') } }),
    { t: 'x'.repeat(1000) },
  ],
  [
    'many fields that each write the whole input',
    pass({ Parameters: lookUp('States.JsonToString($)', 5000) }),
    items(10_000),
  ],
  ['many fields that each look at the context', pass({ Parameters: lookUp('$$.State.Name', 20_000) }), {}],
  [
    'equal texts compared for every item',
    pass({ InputPath: '$.a[?($..[?($.s == $.t)])]' }),
    { ...items(500), s: 'x'.repeat(90_000), t: 'x'.repeat(90_000) },
  ],
  [
    'many patterns that nearly match',
    machineOf({
      Look: {
        Type: 'Choice',
        Choices: Array(20).fill({
          Variable: '$.t',
          StringMatches: `*${'a'.repeat(20_000)}b${'a'.repeat(20_000)}*`,
          Next: 'End',
        }),
        Default: 'End',
      },
      End: { Type: 'Succeed' },
    }),
    { t: 'a'.repeat(200_000) },
  ],
];

test.each(tooMany)('%s take more steps than a state has', async (_what, definition, input) => {
  const states = aStatesPart();
  const arn = await states.run(definition, input);
  expect(await states.describe(arn)).toMatchObject({
    status: 'FAILED',
    error: 'States.Runtime',
    cause: expect.stringContaining("'Look' (entered at the event id #2). The expressions of the state take more than"),
  });
});

test('a state that is tested has no more steps than one that runs', async () => {
  const definition = JSON.stringify({ Type: 'Pass', InputPath: '$.a[?($..[?($..[?(@.x==-1)])])]', End: true });
  const answer = await aStatesPart().call('TestState', { definition, input: JSON.stringify(items(400)) });
  expect(answer).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
});

test('every state has its steps anew', async () => {
  const many = { Type: 'Pass', InputPath: '$.a[?($..[?(@.x==-1)])]', ResultPath: null };
  const names = Array.from({ length: 30 }, (_, at) => `S${at}`);
  const states = aStatesPart();
  const machine = machineOf({
    ...Object.fromEntries(names.map((name, at) => [name, { ...many, Next: names[at + 1] ?? 'End' }])),
    End: { Type: 'Succeed' },
  });
  const arn = await states.run(machine, items(100));
  await states.ended(arn);
  expect(await states.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
});

/** The records as an engine wrote them that did not measure. */
const unmeasured = (states: TestStates): unknown[] =>
  states.journal
    .records()
    .map(({ record }) => JSON.parse(JSON.stringify(record, (key, value) => (key === 'work' ? undefined : value))));

test('what an engine has done that counted no steps stays done', async () => {
  const states = aStatesPart();
  const machine = machineOf({
    Look: { Type: 'Pass', InputPath: '$.a[?($..[?(@.x==-1)])]', Next: 'Rest' },
    Rest: { Type: 'Wait', Seconds: 1, End: true },
  });
  const arn = await states.run(machine, items(600));
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED' });
  const before = aStatesPart({ journal: memoryJournal(unmeasured(states)), clock: states.clock });
  expect(await before.describe(arn)).toMatchObject({ status: 'RUNNING' });
  await before.clock.advance(1000);
  expect(await before.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
});
