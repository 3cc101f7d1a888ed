import { expect, test } from 'vitest';
import { aStatesPart, machineOf } from '../../../builders/a-states-part.ts';

const chain = (count: number, fields: object): object =>
  machineOf(
    Object.fromEntries(
      Array.from({ length: count }, (_, at) => [
        `S${at}`,
        { Type: 'Pass', ...fields, ...(at + 1 < count ? { Next: `S${at + 1}` } : { End: true }) },
      ]),
    ),
  );

/** Goes round and round through the same state; what leads out is never true. */
const loop = (fields: object): object =>
  machineOf({
    Grow: { Type: 'Pass', ...fields, Next: 'Again' },
    Again: {
      Type: 'Choice',
      Choices: [{ Variable: '$$.Execution.Name', IsPresent: false, Next: 'Done' }],
      Default: 'Grow',
    },
    Done: { Type: 'Succeed' },
  });

test.each([
  ['a value that doubles in every state', chain(60, { Parameters: { 'a.$': '$', 'b.$': '$' } }), {}],
  [
    'a text that doubles in every state',
    chain(60, { Parameters: { 't.$': "States.Format('{}{}', $.t, $.t)" } }),
    { t: 'xx' },
  ],
  ['a list that doubles in every state', chain(60, { Parameters: { 'l.$': 'States.Array($.l, $.l)' } }), { l: [] }],
  ['everything below everything', chain(30, { Parameters: { 'l.$': '$..*' } }), { l: [1, [2, [3, [4]]]] }],
  ['a value that nests in every round', loop({ Parameters: { 'a.$': '$' } }), {}],
  ['a value that nests by its result path', loop({ ResultPath: '$.a.b.c' }), {}],
  ['a list that nests in every round', loop({ Parameters: ['x', { 'a.$': '$' }] }), {}],
])('%s meets the size limit at once', async (_what, machine, input) => {
  const states = aStatesPart();
  const arn = await states.run(machine, input);
  await states.ended(arn);
  const { status, error } = await states.describe(arn);
  expect({ status, error }).toEqual({
    status: 'FAILED',
    error: expect.stringMatching(/^States\.(DataLimitExceeded|IntrinsicFailure)$/),
  });
  expect((await states.history(arn)).length).toBeGreaterThan(2);
});

test('numbers beyond all bounds are only numbers', async () => {
  const states = aStatesPart();
  const stateMachineArn = await states.create(machineOf({ Hold: { Type: 'Wait', SecondsPath: '$.s', End: true } }));
  const { executionArn } = await states.call('StartExecution', { stateMachineArn, input: '{"s":1e999}' });
  expect(await states.describe(String(executionArn))).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
});

test('a long history of large values is read in pages of bounded size', async () => {
  const states = aStatesPart();
  const executionArn = await states.run(chain(100, {}), { t: 'x'.repeat(200_000) });
  const page = await states.call('GetExecutionHistory', { executionArn, maxResults: 1000 });
  expect(JSON.stringify(page).length).toBeLessThan(10e6);
  const back = await states.call('GetExecutionHistory', { executionArn, maxResults: 1000, reverseOrder: true });
  expect(JSON.stringify(back).length).toBeLessThan(10e6);
  const ids = Array.isArray(back.events) ? back.events.map(({ id }) => id) : [];
  expect(ids.slice(0, 3)).toEqual([202, 201, 200]);
  expect(await states.history(executionArn)).toHaveLength(202);
});
