import { expect, test } from 'vitest';
import { expectSameAfterRestart } from '../../../../builders/a-restart.ts';
import { aRunning, type RunningStates } from '../../../../builders/an-execution.ts';

const DAY_MS = 86_400_000;

const start = (states: RunningStates, input: object): Promise<Record<string, unknown>> =>
  states.call('StartExecution', { stateMachineArn: states.machineArn, ...input });

const arnOf = (rest: string): string => `arn:aws:states:us-east-1:111111111111:${rest}`;

test('api: StartExecution.stateMachineArn accept: that of a machine', async () => {
  expect(await start(await aRunning(), {})).toMatchObject({ executionArn: expect.any(String) });
});

test.each([
  ['nothing', undefined, 'ValidationException'],
  ['an empty text', '', 'ValidationException'],
  ['more than 256 characters', arnOf(`stateMachine:${'x'.repeat(256)}`), 'ValidationException'],
  ['any text', 'x', 'InvalidArn'],
  ['that of an execution', arnOf('execution:m:e'), 'InvalidArn'],
  ['one that is not there', arnOf('stateMachine:none'), 'StateMachineDoesNotExist'],
])('api: StartExecution.stateMachineArn refuse: %s', async (_what, stateMachineArn, code) => {
  const states = await aRunning();
  await expect(states.call('StartExecution', { stateMachineArn })).rejects.toMatchObject({ code });
});

test('api: StartExecution.stateMachineArn refuse: a machine that is being deleted', async () => {
  const states = await aRunning();
  await states.call('DeleteStateMachine', { stateMachineArn: states.machineArn });
  await expect(start(states, {})).rejects.toMatchObject({ code: 'StateMachineDeleting' });
});

test('api: StartExecution.stateMachineArn effect: this machine runs', async () => {
  const states = await aRunning();
  const { executionArn, startDate } = await start(states, {});
  expect(await states.describe(String(executionArn))).toMatchObject({
    stateMachineArn: states.machineArn,
    startDate,
    status: 'RUNNING',
    input: '{}',
  });
});

test.each(['a', 'x'.repeat(80), 'ä-_.', 'B'])('api: StartExecution.name accept: %s', async (name) => {
  const states = await aRunning();
  expect(await start(states, { name })).toMatchObject({ executionArn: arnOf(`execution:m:${name}`) });
});

test.each(['', 'x'.repeat(81), 'a b', 'a/b', 'a:b', 'a\u0000', 'a*'])(
  'api: StartExecution.name refuse: %j',
  async (name) => {
    await expect(start(await aRunning(), { name })).rejects.toMatchObject({
      code: expect.stringMatching(/^(InvalidName|ValidationException)$/),
    });
  },
);

test('api: StartExecution.name refuse: that of another one, or of one that has ended, for ninety days', async () => {
  const states = await aRunning();
  const taken = { code: 'ExecutionAlreadyExists', message: `Execution Already Exists: '${states.arn}'` };
  await expect(start(states, { name: 'e', input: '{"a":2}' })).rejects.toMatchObject(taken);
  states.invocations[0]?.succeed(1);
  await states.settle();
  await expect(start(states, { name: 'e', input: '{"a":1}' })).rejects.toMatchObject(taken);
  await states.clock.advance(90 * DAY_MS - 1);
  await expect(start(states, { name: 'e', input: '{"a":1}' })).rejects.toMatchObject(taken);
});

test('api: StartExecution.name effect: the same start again is the same execution, as long as it runs', async () => {
  const states = await aRunning();
  const { startDate } = await states.describe(states.arn);
  await states.clock.advance(1000);
  expect(await start(states, { name: 'e', input: '{"a":1}' })).toEqual({ executionArn: states.arn, startDate });
});

test('api: StartExecution.name effect: after ninety days it is the name of another one', async () => {
  const states = await aRunning();
  states.invocations[0]?.succeed(1);
  await states.settle();
  await states.clock.advance(90 * DAY_MS);
  expect(await start(states, { name: 'e' })).toEqual({
    executionArn: states.arn,
    startDate: states.clock.nowMs() / 1000,
  });
  expect(await states.describe(states.arn)).toMatchObject({ status: 'RUNNING', input: '{}' });
  const { executions } = await states.call('ListExecutions', { stateMachineArn: states.machineArn });
  expect(executions).toMatchObject([{ executionArn: states.arn, status: 'RUNNING' }]);
  for (let cut = 0; cut < 6; cut++) await expectSameAfterRestart(states, states.arn, cut);
});

test.each(['{}', '[1]', '"x"', 'null', `"${'x'.repeat(262_142)}"`])(
  'api: StartExecution.input accept: %.20s',
  async (input) => {
    await expect(start(await aRunning(), { input })).resolves.toBeDefined();
  },
);

test.each(['', '{', `"${'x'.repeat(262_143)}"`, `"${'ä'.repeat(131_072)}"`])(
  'api: StartExecution.input refuse: %.20j',
  async (input) => {
    await expect(start(await aRunning(), { input })).rejects.toMatchObject({ code: 'InvalidExecutionInput' });
  },
);

test('api: StartExecution.input effect: the machine works on it', async () => {
  const states = await aRunning();
  await start(states, { input: '{"b":2}' });
  await states.settle();
  expect(states.invocations.at(-1)?.payload).toEqual({ b: 2 });
});

test.each(['', 'Root=1-5759e988-bd862e3fe1be46a994272793', 'x'.repeat(256)])(
  'api: StartExecution.traceHeader accept: %.20j',
  async (traceHeader) => {
    await expect(start(await aRunning(), { traceHeader })).resolves.toBeDefined();
  },
);

test.each(['x'.repeat(257), 'é', 1])('api: StartExecution.traceHeader refuse: %.20j', async (traceHeader) => {
  await expect(start(await aRunning(), { traceHeader })).rejects.toMatchObject({ code: 'ValidationException' });
});

test('api: StartExecution.traceHeader effect: the execution is described with it, also after a restart', async () => {
  const states = await aRunning();
  const { executionArn } = await start(states, { traceHeader: 'Root=1-2-3' });
  expect(await states.describe(String(executionArn))).toMatchObject({ traceHeader: 'Root=1-2-3' });
  for (let cut = 0; cut < 4; cut++) await expectSameAfterRestart(states, String(executionArn), cut);
});
