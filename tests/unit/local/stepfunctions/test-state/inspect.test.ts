import { expect, test } from 'vitest';
import { testRole, testState } from '../../../../builders/a-state-test.ts';
import { aStatesPart, functionArn, machineOf } from '../../../../builders/a-states-part.ts';

// https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html: "Using inspection levels in TestState API".
// What AWS answers field by field is in LocalStack's snapshots of its TestState tests, recorded against AWS.

const debug = { inspectionLevel: 'DEBUG' };
const hello = { Value: 'HelloWorld' };

test('a Pass state: its output, and at INFO nothing else', async () => {
  expect(await testState(aStatesPart(), { Type: 'Pass', End: true }, { input: hello })).toEqual({
    status: 'SUCCEEDED',
    output: hello,
  });
});

test.each(['DEBUG', 'TRACE'])('%s shows what a Pass state makes of its input at each step', async (inspectionLevel) => {
  const definition = { Type: 'Pass', InputPath: '$.a', Parameters: { 'b.$': '$.b' }, ResultPath: '$.c', Next: 'Then' };
  const input = { a: { b: 1 }, d: 2 };
  expect(await testState(aStatesPart(), definition, { input, inspectionLevel })).toEqual({
    status: 'SUCCEEDED',
    nextState: 'Then',
    output: { ...input, c: { b: 1 } },
    seen: {
      input,
      afterInputPath: { b: 1 },
      afterParameters: { b: 1 },
      afterResultSelector: { b: 1 },
      afterResultPath: { ...input, c: { b: 1 } },
    },
  });
});

test('a Pass state with a Result shows the result, not the input that it does not use', async () => {
  const definition = { Type: 'Pass', Result: { r: 1 }, ResultPath: '$.x', End: true };
  const { seen } = await testState(aStatesPart(), definition, { input: hello, ...debug });
  expect(seen).toEqual({
    input: hello,
    result: { r: 1 },
    afterResultSelector: { r: 1 },
    afterResultPath: { ...hello, x: { r: 1 } },
  });
});

test.each([
  ['Succeed', { Type: 'Succeed' }, { status: 'SUCCEEDED', output: hello }],
  ['Fail', { Type: 'Fail', Error: 'Bad', Cause: 'so' }, { status: 'FAILED', error: 'Bad', cause: 'so' }],
  [
    'Choice',
    { Type: 'Choice', Choices: [{ Variable: '$.Value', IsString: true, Next: 'Text' }], Default: 'Other' },
    { status: 'SUCCEEDED', output: hello, nextState: 'Text' },
  ],
  ['Wait', { Type: 'Wait', Seconds: 200, Next: 'After' }, { status: 'SUCCEEDED', output: hello, nextState: 'After' }],
])('a %s state shows its input and where it leads', async (type, definition, answer) => {
  const told = await testState(aStatesPart(), definition, { input: hello, ...debug });
  expect(told).toEqual({
    ...answer,
    seen: type === 'Fail' ? { input: hello } : { input: hello, afterInputPath: hello },
  });
});

test('a Choice that nothing matches takes its Default', async () => {
  const definition = { Type: 'Choice', Choices: [{ Variable: '$.n', NumericEquals: 1, Next: 'A' }], Default: 'B' };
  expect(await testState(aStatesPart(), definition, { input: { n: 2 } })).toMatchObject({ nextState: 'B' });
});

// https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html: "can run for up to five minutes".
test('a Wait of more than five minutes is a timeout of the test', async () => {
  expect(await testState(aStatesPart(), { Type: 'Wait', Seconds: 301, End: true })).toEqual({
    status: 'FAILED',
    error: 'States.Timeout',
  });
});

test('what fails at run time has no words about a history', async () => {
  const definition = { Type: 'Pass', InputPath: '$.none', End: true };
  expect(await testState(aStatesPart(), definition, { input: hello, ...debug })).toEqual({
    status: 'FAILED',
    error: 'States.Runtime',
    cause: "Invalid path '$.none' : No results for path: $['none']",
    seen: { input: hello },
  });
});

test('a Task without a mock is really done, and shows its result', async () => {
  const states = aStatesPart();
  const definition = {
    Type: 'Task',
    Resource: functionArn('f'),
    Parameters: { 'a.$': '$.Value' },
    ResultSelector: { 'n.$': '$.count' },
    ResultPath: '$.f',
    Next: 'Then',
  };
  const answer = testState(states, definition, { input: hello, roleArn: testRole, ...debug });
  await states.settle();
  expect(states.invocations[0]).toMatchObject({ functionName: 'f', payload: { a: 'HelloWorld' } });
  states.invocations[0]?.succeed({ count: 3, more: true });
  expect(await answer).toEqual({
    status: 'SUCCEEDED',
    nextState: 'Then',
    output: { ...hello, f: { n: 3 } },
    seen: {
      input: hello,
      afterInputPath: hello,
      afterParameters: { a: 'HelloWorld' },
      result: { count: 3, more: true },
      afterResultSelector: { n: 3 },
      afterResultPath: { ...hello, f: { n: 3 } },
    },
  });
});

test('a Task that takes longer than its TimeoutSeconds, or than five minutes, times out and is given up', async () => {
  const states = aStatesPart();
  for (const [limit, ms] of [
    [{ TimeoutSeconds: 5 }, 5_000],
    [{}, 300_001],
  ] as const) {
    const definition = { Type: 'Task', Resource: functionArn('f'), ...limit, End: true };
    const answer = testState(states, definition, { roleArn: testRole });
    await states.settle();
    await states.clock.advance(ms);
    expect(await answer).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect(states.invocations.at(-1)?.signal.aborted).toBe(true);
  }
});

test('a test leaves nothing behind', async () => {
  const states = aStatesPart();
  const before = states.journal.records().length;
  await testState(states, { Type: 'Wait', Seconds: 5, End: true });
  expect(states.journal.records()).toHaveLength(before);
  expect(states.part.stats()).toMatchObject({ running: 0, known: 0 });
  expect(await states.call('ListStateMachines', {})).toEqual({ stateMachines: [] });
});

test('a state of a whole machine, also inside a branch or an item processor', async () => {
  const definition = machineOf({
    Split: { Type: 'Parallel', Branches: [machineOf({ In: { Type: 'Pass', Result: 'in', End: true } })], Next: 'Each' },
    Each: {
      Type: 'Map',
      ItemProcessor: machineOf({
        Item: { Type: 'Pass', Parameters: { 'v.$': '$$.Map.Item.Value', 'i.$': '$$.Map.Item.Index' }, End: true },
      }),
      End: true,
    },
  });
  const states = aStatesPart();
  expect(await testState(states, definition, { stateName: 'In' })).toEqual({ status: 'SUCCEEDED', output: 'in' });
  // The page: "TestState automatically populates the Context object with default values", Index 0 and the input as Value.
  expect(await testState(states, definition, { stateName: 'Item', input: hello })).toMatchObject({
    output: { v: hello, i: 0 },
  });
  await expect(testState(states, definition, { stateName: 'Nobody' })).rejects.toMatchObject({
    code: 'ValidationException',
    message: 'State not found in definition',
  });
});

test('the context object is that of an express execution, without RetryCount where nothing is retried', async () => {
  const { output } = await testState(
    aStatesPart(),
    { Type: 'Pass', Parameters: { 'c.$': '$$' }, End: true },
    { input: hello },
  );
  expect(output).toEqual({
    c: {
      Execution: {
        Id: expect.stringMatching(/^arn:aws:states:us-east-1:111111111111:express:[-0-9a-f]{36}:[-0-9a-f]{36}$/),
        Input: hello,
        Name: expect.stringMatching(/^[-0-9a-f]{36}$/),
        RoleArn: null,
        StartTime: '2026-01-01T00:00:00.000Z',
      },
      StateMachine: {
        Id: expect.stringMatching(/^arn:aws:states:us-east-1:111111111111:stateMachine:[-0-9a-f]{36}$/),
        Name: expect.stringMatching(/^[-0-9a-f]{36}$/),
      },
      State: { Name: 'StateName', EnteredTime: '2026-01-01T00:00:00.000Z' },
    },
  });
});
