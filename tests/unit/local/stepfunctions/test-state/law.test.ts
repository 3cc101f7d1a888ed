import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testState } from '../../../../builders/a-state-test.ts';
import { aStatesPart, type HistoryEvent, type TestStates } from '../../../../builders/a-states-part.ts';

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const detail = (event: HistoryEvent | undefined, holder: string, field: string): unknown => {
  const details = event?.[holder];
  return isObject(details) ? details[field] : undefined;
};

/** What an execution does in its first state: where it goes, with what; or how it fails there. */
const firstStep = async (states: TestStates, definition: object, input: object): Promise<object> => {
  const executionArn = await states.run(definition, input);
  await states.clock.advance(3_000);
  const history = await states.history(executionArn);
  const exitAt = history.findIndex(({ type }) => type.endsWith('StateExited'));
  if (exitAt < 0) {
    const { error } = await states.describe(executionArn);
    return { status: 'FAILED', error };
  }
  const output = JSON.parse(String(detail(history[exitAt], 'stateExitedEventDetails', 'output')));
  const nextState = detail(history[exitAt + 1], 'stateEnteredEventDetails', 'name');
  return { status: 'SUCCEEDED', output, ...(nextState !== undefined && { nextState }) };
};

const path = fc.constantFrom('$', '$.a', '$.b', '$.l', '$.l[0]', '$.l[*]', '$..a', '$.missing', '$$.Execution.Input.a');
const reference = fc.constantFrom('$.a', '$.b.a', '$.l[0]', '$.missing');
const place = fc.constantFrom('$', '$.a', '$.r.s', '$.l[0]', '$.l[9]', null);
const parameters = fc.oneof(
  path.map((text) => ({ k: 1, 'v.$': text })),
  fc
    .constantFrom('States.Array($.a, $.b)', 'States.ArrayLength($.l)', "States.Format('{}', $.missing)")
    .map((text) => ({ 'v.$': text })),
);
const way = fc.constantFrom({ Next: 'Then' }, { End: true });
const given = (fields: Record<string, fc.Arbitrary<unknown>>) => fc.record(fields, { requiredKeys: [] });
const paths = given({ InputPath: path, OutputPath: path });

/** States whose work is their own; many of them fail on the input. */
const aState: fc.Arbitrary<object> = fc.oneof(
  fc
    .tuple(
      given({ InputPath: path, Parameters: parameters, ResultPath: place, OutputPath: path, Result: fc.jsonValue() }),
      way,
    )
    .map(([fields, to]) => ({ Type: 'Pass', ...fields, ...to })),
  fc
    .tuple(fc.constantFrom({ Seconds: 1 }, { SecondsPath: '$.a' }, { SecondsPath: '$.b' }), paths, way)
    .map(([when, fields, to]) => ({ Type: 'Wait', ...when, ...fields, ...to })),
  fc
    .tuple(
      reference,
      fc.constantFrom({ NumericEquals: 1 }, { IsPresent: false }, { StringEquals: 'x' }),
      paths,
      fc.boolean(),
    )
    .map(([Variable, rule, fields, hasDefault]) => ({
      Type: 'Choice',
      Choices: [{ Variable, ...rule, Next: 'Then' }],
      ...(hasDefault && { Default: 'Else' }),
      ...fields,
    })),
  paths.map((fields) => ({ Type: 'Succeed', ...fields })),
  fc
    .constantFrom({ ErrorPath: '$.b.a' }, { Error: 'E', CausePath: '$.a' }, {})
    .map((fields) => ({ Type: 'Fail', ...fields })),
);

test('a test of a state tells what an execution does in it', async () => {
  const input = { a: 1, b: { a: 'x' }, l: [1, 2] };
  await fc.assert(
    fc.asyncProperty(aState, async (state) => {
      const states = aStatesPart();
      const text = JSON.stringify(state);
      const others = ['Then', 'Else'].filter((name) => text.includes(`"${name}"`));
      const ends = Object.fromEntries(others.map((name) => [name, { Type: 'Succeed' }]));
      const alone = { StartAt: 'StateName', States: { StateName: state, ...ends } };
      const { cause: _cause, ...told } = await testState(states, state, { input });
      expect(told).toEqual(await firstStep(states, alone, input));
    }),
    { numRuns: 200 },
  );
});
