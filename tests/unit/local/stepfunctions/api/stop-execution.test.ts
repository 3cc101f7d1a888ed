import { expect, test } from 'vitest';
import { aRunning, proveExecutionArn, type RunningStates } from '../../../../builders/an-execution.ts';

proveExecutionArn('StopExecution', aRunning);

const stop = (states: RunningStates, more: object = {}): Promise<Record<string, unknown>> =>
  states.call('StopExecution', { executionArn: states.arn, ...more });

test('api: StopExecution.executionArn effect: the execution is aborted, and so is what it waits for', async () => {
  const states = await aRunning();
  await states.clock.advance(1000);
  const stopDate = states.clock.nowMs() / 1000;
  expect(await stop(states)).toEqual({ stopDate });
  expect(await states.describe(states.arn)).toMatchObject({ status: 'ABORTED', stopDate });
  expect(states.invocations[0]?.signal.aborted).toBe(true);
  expect((await states.history(states.arn)).at(-1)).toMatchObject({ type: 'ExecutionAborted', previousEventId: 0 });
});

test('api: StopExecution.executionArn effect: of one that has ended it tells when that was', async () => {
  const states = await aRunning();
  states.invocations[0]?.succeed(1);
  await states.settle();
  const { stopDate } = await states.describe(states.arn);
  await states.clock.advance(1000);
  expect(await stop(states)).toEqual({ stopDate });
  expect(await states.describe(states.arn)).toMatchObject({ status: 'SUCCEEDED', stopDate });
});

const LIMITS = { error: 256, cause: 32_768 };

test.each(
  Object.entries(LIMITS).flatMap(([member, most]) => [
    [member, ''],
    [member, 'x'.repeat(most)],
  ]),
)('api: StopExecution.%s accept: %.20j', async (member, value) => {
  await expect(stop(await aRunning(), { [String(member)]: value })).resolves.toHaveProperty('stopDate');
});

test.each(
  Object.entries(LIMITS).flatMap(([member, most]) => [
    [member, 1],
    [member, 'x'.repeat(most + 1)],
  ]),
)('api: StopExecution.%s refuse: %.20j', async (member, value) => {
  const states = await aRunning();
  await expect(stop(states, { [String(member)]: value })).rejects.toMatchObject({ code: 'ValidationException' });
  expect(await states.describe(states.arn)).toMatchObject({ status: 'RUNNING' });
});

test.each(['error', 'cause'])('api: StopExecution.%s effect: the execution ends with it', async (member) => {
  const states = await aRunning();
  await stop(states, { [member]: 'told' });
  expect(await states.describe(states.arn)).toMatchObject({ [member]: 'told' });
  expect((await states.history(states.arn)).at(-1)).toMatchObject({
    executionAbortedEventDetails: { [member]: 'told' },
  });
});
