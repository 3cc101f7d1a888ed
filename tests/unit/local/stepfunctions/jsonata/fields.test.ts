import { describe, expect, test, vi } from 'vitest';
import { aStatesPart, functionArn, machineOf, type TestStates } from '../../../../builders/a-states-part.ts';

const jsonata = (state: object) => ({
  QueryLanguage: 'JSONata',
  ...machineOf('Choices' in state ? { S: state, Z: { Type: 'Succeed' } } : { S: { ...state, End: true } }),
});
const task = { Type: 'Task', Resource: functionArn('f') };

const running = async (state: object, input?: unknown) => {
  const states = aStatesPart();
  return { states, arn: await states.run(jsonata(state), input) };
};

const types = async (states: TestStates, arn: string) => (await states.history(arn)).map(({ type }) => type);

const failure = (field: string, source: string, expected: string, value: string) => {
  const type = value === 'null' ? 'null' : typeof JSON.parse(value);
  return `An error occurred while executing the state 'S' (entered at the event id #2). The JSONata expression '${source}' specified for the field '${field}' returned an unexpected result type. Expected '${expected}', but was '${type}' for value: ${value}`;
};

/** https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html#jsonata-error-handling: type incompatibility */
test.each<[field: string, state: object, source: string, expected: string, value: string]>([
  ['TimeoutSeconds', { ...task, TimeoutSeconds: "{% 'a' %}" }, "'a'", 'number', '"a"'],
  ['HeartbeatSeconds', { ...task, HeartbeatSeconds: '{% true %}' }, 'true', 'number', 'true'],
  ['Seconds', { Type: 'Wait', Seconds: '{% null %}' }, 'null', 'number', 'null'],
  ['Timestamp', { Type: 'Wait', Timestamp: '{% 1 %}' }, '1', 'string', '1'],
  ['Choices[0]/Condition', { Type: 'Choice', Choices: [{ Condition: '{% 1 %}', Next: 'Z' }] }, '1', 'boolean', '1'],
])('%s of the wrong type', async (field, state, source, expected, value) => {
  const { states, arn } = await running(state);
  expect(await states.describe(arn)).toMatchObject({
    status: 'FAILED',
    error: 'States.QueryEvaluationError',
    cause: failure(field, source, expected, value),
  });
  const event = (await states.history(arn)).find(({ type }) => type === 'EvaluationFailed');
  expect(event?.evaluationFailedEventDetails).toMatchObject({
    error: 'States.QueryEvaluationError',
    location: field,
    state: 'S',
  });
});

test.each<[what: string, state: object]>([
  ['a negative TimeoutSeconds', { ...task, TimeoutSeconds: '{% -1 %}' }],
  ['half a second', { ...task, HeartbeatSeconds: '{% 0.5 %}' }],
  ['a negative wait', { Type: 'Wait', Seconds: '{% -1 %}' }],
  ['a day that is none', { Type: 'Wait', Timestamp: "{% 'tomorrow' %}" }],
])('%s is out of range', async (_what, state) => {
  const { states, arn } = await running(state);
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
});

describe('Wait', () => {
  test.each<[what: string, state: object]>([
    ['seconds', { Seconds: '{% $states.input.s %}' }],
    ['a timestamp', { Timestamp: '{% $states.input.t %}' }],
    ['a timestamp of now and then', { Timestamp: '{% $fromMillis($millis() + 2000) %}' }],
  ])('waits by %s of an expression', async (_what, state) => {
    const { states, arn } = await running({ Type: 'Wait', ...state }, { s: 2, t: '2026-01-01T00:00:02Z' });
    await vi.waitFor(() => expect(JSON.stringify([...states.part.items()])).toContain('"reason":"wait"'), {
      timeout: 10_000,
    });
    await states.clock.advance(1999);
    expect((await states.describe(arn)).status).toBe('RUNNING');
    await states.clock.advance(1);
    expect(await states.output(arn)).toEqual({ s: 2, t: '2026-01-01T00:00:02Z' });
  });
});

describe('Task', () => {
  test('its time limits are expressions', async () => {
    const { states, arn } = await running({ ...task, TimeoutSeconds: '{% $states.input.t %}' }, { t: 3 });
    await states.clock.advance(3000);
    expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  });

  test('a retry evaluates the arguments again, with the same variables', async () => {
    const Arguments = { n: '{% $states.context.State.RetryCount %}', l: '{% [1] ~> $count %}' };
    const Retry = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 2 }];
    const { states, arn } = await running({ ...task, Arguments, Retry });
    for (const attempt of [0, 1]) {
      await vi.waitFor(() => expect(states.invocations).toHaveLength(attempt + 1), { timeout: 10_000 });
      expect(states.invocations[attempt]?.payload).toEqual({ n: attempt, l: 1 });
      states.invocations[attempt]?.fail('Broken');
      await states.settle();
      await states.clock.advance(10_000);
    }
    await vi.waitFor(() => expect(states.invocations).toHaveLength(3), { timeout: 10_000 });
    states.invocations[2]?.succeed('done');
    await states.settle();
    expect(await states.output(arn)).toBe('done');
  });

  test('a failed Output is retried as a whole and then caught', async () => {
    const Retry = [{ ErrorEquals: ['States.QueryEvaluationError'], IntervalSeconds: 1, MaxAttempts: 1 }];
    const Catch = [{ ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput.Error %}', Next: 'C' }];
    const states = aStatesPart();
    const machine = {
      QueryLanguage: 'JSONata',
      ...machineOf({
        S: { ...task, Output: '{% $states.result.missing %}', Retry, Catch, End: true },
        C: { Type: 'Succeed' },
      }),
    };
    const arn = await states.run(machine);
    states.invocations[0]?.succeed({});
    await states.settle();
    await states.clock.advance(1000);
    states.invocations[1]?.succeed({});
    await states.settle();
    expect(await states.output(arn)).toBe('States.QueryEvaluationError');
    const attempt = ['LambdaFunctionScheduled', 'LambdaFunctionStarted', 'LambdaFunctionSucceeded', 'EvaluationFailed'];
    expect(await types(states, arn)).toEqual([
      ...['ExecutionStarted', 'TaskStateEntered', ...attempt, ...attempt, 'TaskStateExited'],
      ...['SucceedStateEntered', 'SucceedStateExited', 'ExecutionSucceeded'],
    ]);
  });

  test('a catcher without Output hands on the error output', async () => {
    const states = aStatesPart();
    const machine = {
      QueryLanguage: 'JSONata',
      ...machineOf({
        S: { ...task, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C' }], End: true },
        C: { Type: 'Succeed' },
      }),
    };
    const arn = await states.run(machine, { a: 1 });
    states.invocations[0]?.fail('Broken', 'badly');
    await states.settle();
    expect(await states.output(arn)).toEqual({
      Error: 'Broken',
      Cause: '{"errorMessage":"badly","errorType":"Broken"}',
    });
  });

  test('services take their parameters as arguments', async () => {
    const states = aStatesPart();
    const Arguments = { QueueUrl: "{% 'q' & $states.input.n %}", MessageBody: { a: '{% $states.input.n %}' } };
    await states.run(jsonata({ Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage', Arguments }), { n: 1 });
    expect(states.sent).toEqual([{ QueueUrl: 'q1', MessageBody: '{"a":1}' }]);
    await states.run(
      jsonata({
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        Arguments: { FunctionName: 'f', Payload: { t: '{% $states.context.Task.Token %}' } },
      }),
    );
    const sent = JSON.stringify(states.invocations[0]?.payload);
    expect(sent).toMatch(/^\{"t":"[\w-]{20,}"\}$/);
  });
});

test('a Choice without a rule that holds, and without a default, fails', async () => {
  const { states, arn } = await running({ Type: 'Choice', Choices: [{ Condition: '{% false %}', Next: 'Z' }] });
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', error: 'States.NoChoiceMatched' });
});

test('conditions after the one that holds are not evaluated', async () => {
  const states = aStatesPart();
  const Choices = [
    { Condition: '{% [1..3] ~> $sum = 6 %}', Next: 'A' },
    { Condition: '{% $states.input.missing %}', Next: 'A' },
  ];
  const machine = {
    QueryLanguage: 'JSONata',
    ...machineOf({ S: { Type: 'Choice', Choices }, A: { Type: 'Succeed' } }),
  };
  const arn = await states.run(machine);
  await vi.waitFor(async () => expect((await states.describe(arn)).status).toBe('SUCCEEDED'), { timeout: 10_000 });
});

test('states of a branch have the language of the machine, not of the state around them', async () => {
  const states = aStatesPart();
  const machine = machineOf({
    P: {
      Type: 'Parallel',
      QueryLanguage: 'JSONata',
      Arguments: { a: '{% $states.input.x %}' },
      Branches: [machineOf({ I: { Type: 'Pass', Parameters: { 'b.$': '$.a' }, End: true } })],
      Output: '{% $states.result[0] %}',
      End: true,
    },
  });
  expect(await states.output(await states.run(machine, { x: 1 }))).toEqual({ b: 1 });
});

test('an empty Output is an output', async () => {
  for (const Output of [null, '', {}, [], false, 0]) {
    const { states, arn } = await running({ Type: 'Pass', Output }, { a: 1 });
    expect(await states.output(arn)).toEqual(Output);
  }
});
