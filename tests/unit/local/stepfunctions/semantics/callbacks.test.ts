import { describe, expect, test } from 'vitest';
import { aStatesPart, machineOf, type TestStates } from '../../../../builders/a-states-part.ts';
import { guide } from '../../../../builders/an-outcome.ts';

const reference = (operation: string): string =>
  `https://docs.aws.amazon.com/step-functions/latest/apireference/API_${operation}.html`;

const asking = (fields: object = {}) =>
  machineOf({
    T: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Parameters: { QueueUrl: 'http://q', MessageBody: { 'token.$': '$$.Task.Token' } },
      ...fields,
      End: true,
    },
  });

const stateOf = (fields: object): object => {
  const machine: { States?: object } = asking(fields);
  return machine.States ?? {};
};

/** An execution that has asked, and the token of the newest question. */
const ask = async (fields: object = {}) => {
  const states = aStatesPart();
  const arn = await states.run(asking(fields), { a: 1 });
  return { states, arn, taskToken: tokenOf(states) };
};

const tokenOf = ({ sent }: TestStates): string => /token\W+([\w-]+)/.exec(JSON.stringify(sent.at(-1)))?.[1] ?? '';

const typesOf = async (states: TestStates, arn: string) => (await states.history(arn)).map(({ type }) => type);
const begun = ['ExecutionStarted', 'TaskStateEntered', 'TaskScheduled', 'TaskStarted', 'TaskSubmitted'];

describe(guide('connect-to-resource'), () => {
  test('it is submitted, and waits', async () => {
    const { states, arn } = await ask();
    expect(await states.describe(arn)).toMatchObject({ status: 'RUNNING' });
    expect(await typesOf(states, arn)).toEqual(begun);
  });

  test.each(['{"b":2}', '1', '"text"', 'null', '[]', 'false'])(
    'SendTaskSuccess with %s gives that output',
    async (output) => {
      const { states, arn, taskToken } = await ask();
      await states.call('SendTaskSuccess', { taskToken, output });
      expect(await states.describe(arn)).toMatchObject({ status: 'SUCCEEDED', output });
      expect(await typesOf(states, arn)).toEqual([...begun, 'TaskSucceeded', 'TaskStateExited', 'ExecutionSucceeded']);
    },
  );

  test.each<[answer: object, shown: object]>([
    [
      { error: 'E', cause: 'c' },
      { error: 'E', cause: 'c' },
    ],
    [{ error: 'E' }, { error: 'E' }],
    [{ cause: 'c' }, { cause: 'c' }],
    [{}, {}],
  ])('SendTaskFailure with %j fails with %j', async (answer, shown) => {
    const { states, arn, taskToken } = await ask();
    await states.call('SendTaskFailure', { taskToken, ...answer });
    const { status, error, cause } = await states.describe(arn);
    expect({ status, ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) }).toEqual({
      status: 'FAILED',
      ...shown,
    });
    expect(await typesOf(states, arn)).toEqual([...begun, 'TaskFailed', 'ExecutionFailed']);
  });

  test('its failure is caught by the name that was sent', async () => {
    const states = aStatesPart();
    const machine = machineOf({
      ...stateOf({ Catch: [{ ErrorEquals: ['E'], Next: 'C' }] }),
      C: { Type: 'Pass', End: true },
    });
    const arn = await states.run(machine);
    await states.call('SendTaskFailure', { taskToken: tokenOf(states), error: 'E', cause: 'c' });
    expect(await states.output(arn)).toEqual({ Error: 'E', Cause: 'c' });
  });

  test('a retry asks again with another token, and the first one is worth nothing', async () => {
    const { states, taskToken, arn } = await ask({ Retry: [{ ErrorEquals: ['E'], MaxAttempts: 1 }] });
    await states.call('SendTaskFailure', { taskToken, error: 'E' });
    await states.clock.advance(1000);
    await states.settle();
    expect(states.sent).toHaveLength(2);
    await expect(states.call('SendTaskSuccess', { taskToken, output: '1' })).rejects.toMatchObject({
      code: 'TaskTimedOut',
    });
    await states.call('SendTaskSuccess', { taskToken: tokenOf(states), output: '2' });
    expect(await states.output(arn)).toBe(2);
  });

  test.each<[fields: object, afterS: number, error: string]>([
    [{ TimeoutSeconds: 5 }, 5, 'States.Timeout'],
    [{ HeartbeatSeconds: 3 }, 3, 'States.HeartbeatTimeout'],
    [{ HeartbeatSeconds: 3, TimeoutSeconds: 9 }, 3, 'States.HeartbeatTimeout'],
  ])('%j without an answer ends after %i s with %s', async (fields, afterS, error) => {
    const { states, arn } = await ask(fields);
    await states.clock.advance(afterS * 1000 - 1);
    expect(await states.describe(arn)).toMatchObject({ status: 'RUNNING' });
    await states.clock.advance(1);
    const described = await states.describe(arn);
    expect(described).toMatchObject({ status: 'FAILED', error });
    expect(described).not.toHaveProperty('cause');
    expect(await typesOf(states, arn)).toEqual([...begun, 'TaskTimedOut', 'ExecutionFailed']);
  });
});

describe(reference('SendTaskSuccess'), () => {
  test.each(['', 'nonsense', 'AAAA.BBBB'])('the token %j is none', async (taskToken) => {
    const { states } = await ask();
    await expect(states.call('SendTaskSuccess', { taskToken, output: '1' })).rejects.toMatchObject({
      code: expect.stringMatching(/^(InvalidToken|ValidationException)$/),
    });
  });

  test.each(['', '{', 'text', "{'a':1}", '1 2'])('the output %j is no JSON', async (output) => {
    const { states, taskToken, arn } = await ask();
    await expect(states.call('SendTaskSuccess', { taskToken, output })).rejects.toMatchObject({
      code: 'InvalidOutput',
    });
    expect(await states.describe(arn)).toMatchObject({ status: 'RUNNING' });
  });

  test.each(['SendTaskSuccess', 'SendTaskFailure', 'SendTaskHeartbeat'])(
    '%s after the answer is too late',
    async (operation) => {
      const { states, taskToken } = await ask();
      await states.call('SendTaskSuccess', { taskToken, output: '1' });
      await expect(states.call(operation, { taskToken, output: '2' })).rejects.toMatchObject({ code: 'TaskTimedOut' });
    },
  );
});

describe(reference('StopExecution'), () => {
  test.each<[given: object, details: object]>([
    [{}, {}],
    [{ error: 'E' }, { error: 'E' }],
    [
      { error: 'E', cause: 'c' },
      { error: 'E', cause: 'c' },
    ],
  ])('%j aborts the execution, following no event', async (given, details) => {
    const { states, arn } = await ask();
    await states.call('StopExecution', { executionArn: arn, ...given });
    expect(await states.describe(arn)).toMatchObject({ status: 'ABORTED', ...details });
    expect((await states.history(arn)).at(-1)).toEqual({
      timestamp: expect.any(Number),
      type: 'ExecutionAborted',
      id: 6,
      previousEventId: 0,
      executionAbortedEventDetails: details,
    });
  });

  test('an answer after it is too late', async () => {
    const { states, arn, taskToken } = await ask();
    await states.call('StopExecution', { executionArn: arn });
    await expect(states.call('SendTaskSuccess', { taskToken, output: '1' })).rejects.toMatchObject({
      code: 'TaskTimedOut',
    });
    expect(await states.describe(arn)).toMatchObject({ status: 'ABORTED' });
  });
});
