import { expect, test } from 'vitest';
import { aStatesPart, machineOf, type TestStates } from '../../../builders/a-states-part.ts';

const ask = machineOf({
  Ask: {
    Type: 'Task',
    Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
    Parameters: { QueueUrl: 'http://q', MessageBody: { 'token.$': '$$.Task.Token' } },
    TimeoutSeconds: 100,
    HeartbeatSeconds: 10,
    End: true,
  },
});

const tokenOf = (states: TestStates): string => {
  const text = JSON.stringify(states.sent.at(-1));
  return /token\\":\\"([\w-]+)/.exec(text)?.[1] ?? '';
};

test('an answer by token ends the task', async () => {
  const states = aStatesPart();
  const arn = await states.run(ask);
  const taskToken = tokenOf(states);
  expect(await states.describe(arn)).toMatchObject({ status: 'RUNNING' });
  await states.call('SendTaskSuccess', { taskToken, output: '{"ok":true}' });
  expect(await states.output(arn)).toEqual({ ok: true });
  expect((await states.history(arn)).map(({ type }) => type)).toEqual([
    'ExecutionStarted',
    'TaskStateEntered',
    'TaskScheduled',
    'TaskStarted',
    'TaskSubmitted',
    'TaskSucceeded',
    'TaskStateExited',
    'ExecutionSucceeded',
  ]);
});

test('a failure by token fails the task', async () => {
  const states = aStatesPart();
  const arn = await states.run(ask);
  await states.call('SendTaskFailure', { taskToken: tokenOf(states), error: 'Denied', cause: 'no quota' });
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', error: 'Denied', cause: 'no quota' });
});

test('a second answer comes too late, whatever the first was', async () => {
  const states = aStatesPart();
  const arn = await states.run(ask);
  const taskToken = tokenOf(states);
  await states.call('SendTaskSuccess', { taskToken, output: '1' });
  const again = states.call('SendTaskFailure', { taskToken });
  await expect(again).rejects.toMatchObject({ code: 'TaskTimedOut' });
  expect(await states.output(arn)).toBe(1);
});

test('of a token and a timeout exactly one wins', async () => {
  const states = aStatesPart();
  const arn = await states.run(ask);
  const taskToken = tokenOf(states);
  const [answer] = await Promise.allSettled([
    states.call('SendTaskSuccess', { taskToken, output: '1' }),
    states.clock.advance(10_000),
  ]);
  expect(answer.status).toBe('fulfilled');
  expect(await states.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
  const late = await states.run(ask);
  await states.clock.advance(10_000);
  await expect(states.call('SendTaskSuccess', { taskToken: tokenOf(states), output: '1' })).rejects.toMatchObject({
    code: 'TaskTimedOut',
  });
  expect(await states.describe(late)).toMatchObject({ status: 'FAILED', error: 'States.HeartbeatTimeout' });
});

test('heartbeats keep a task alive, up to its time limit', async () => {
  const states = aStatesPart();
  const arn = await states.run(ask);
  const taskToken = tokenOf(states);
  for (let beat = 0; beat < 11; beat++) {
    await states.clock.advance(9000);
    await states.call('SendTaskHeartbeat', { taskToken });
  }
  expect(await states.describe(arn)).toMatchObject({ status: 'RUNNING' });
  await states.clock.advance(1000);
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
});

test('tokens and their deadlines survive a restart, and what was sent is not sent again', async () => {
  const before = aStatesPart();
  const arn = await before.run(ask);
  const taskToken = tokenOf(before);
  await before.clock.advance(5000);
  before.part.close();
  const after = aStatesPart({ journal: before.journal, clock: before.clock });
  await after.settle();
  expect(after.sent).toEqual([]);
  await after.call('SendTaskSuccess', { taskToken, output: '2' });
  expect(await after.output(arn)).toBe(2);
});

test.each(['x', 'MS4zLmFhYQ', Buffer.from('9.3.aaaa').toString('base64url'), '%%%'])(
  '%s is no token',
  async (taskToken) => {
    const states = aStatesPart();
    await states.run(ask);
    await expect(states.call('SendTaskSuccess', { taskToken, output: '1' })).rejects.toMatchObject({
      code: expect.stringMatching(/^(InvalidToken|TaskDoesNotExist)$/),
    });
  },
);

test('an output that is no JSON is refused and the task waits on', async () => {
  const states = aStatesPart();
  const arn = await states.run(ask);
  const refused = states.call('SendTaskSuccess', { taskToken: tokenOf(states), output: '{' });
  await expect(refused).rejects.toMatchObject({ code: 'InvalidOutput' });
  expect(await states.describe(arn)).toMatchObject({ status: 'RUNNING' });
});

test('a function that answers its own token is not interrupted', async () => {
  const states = aStatesPart();
  const arn = await states.run(
    machineOf({
      Ask: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        Parameters: { FunctionName: 'f', 'Payload.$': '$$.Task.Token' },
        End: true,
      },
    }),
  );
  const [invocation] = states.invocations;
  await states.call('SendTaskSuccess', { taskToken: String(invocation?.payload), output: '1' });
  expect(invocation?.signal.aborted).toBe(false);
  invocation?.succeed('ignored');
  await states.settle();
  expect(await states.output(arn)).toBe(1);
});
