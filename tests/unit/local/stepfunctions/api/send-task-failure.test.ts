import { expect, test } from 'vitest';
import { NO_TOKENS, TOO_LATE, waitingForToken } from '../../../../builders/a-token.ts';

test('api: SendTaskFailure.taskToken accept: that of a task that waits', async () => {
  const states = await waitingForToken();
  expect(await states.call('SendTaskFailure', { taskToken: states.taskToken })).toEqual({});
});

test.each(NO_TOKENS)(
  'api: SendTaskFailure.taskToken refuse: %s',
  async (_what, taskToken, code, message = expect.any(String)) => {
    const states = await waitingForToken();
    await expect(states.call('SendTaskFailure', { taskToken })).rejects.toMatchObject({ code, message });
  },
);

test('api: SendTaskFailure.taskToken refuse: that of a task that has ended', async () => {
  const states = await waitingForToken();
  await states.call('SendTaskSuccess', { taskToken: states.taskToken, output: '1' });
  await expect(states.call('SendTaskFailure', { taskToken: states.taskToken })).rejects.toMatchObject(TOO_LATE);
});

test('api: SendTaskFailure.taskToken refuse: that of a task that has timed out', async () => {
  const states = await waitingForToken();
  await states.clock.advance(10_000);
  await expect(states.call('SendTaskFailure', { taskToken: states.taskToken })).rejects.toMatchObject(TOO_LATE);
});

test('api: SendTaskFailure.taskToken effect: this task fails', async () => {
  const states = await waitingForToken();
  await states.call('SendTaskFailure', { taskToken: states.taskToken });
  expect(await states.describe(states.arn)).toMatchObject({ status: 'FAILED' });
});

const LIMITS = { error: 256, cause: 32_768 };

test.each(
  Object.entries(LIMITS).flatMap(([member, most]) => [
    [member, 'nothing', undefined],
    [member, 'an empty text', ''],
    [member, `${most} characters`, 'x'.repeat(most)],
  ]),
)('api: SendTaskFailure.%s accept: %s', async (member, _what, value) => {
  const states = await waitingForToken();
  expect(await states.call('SendTaskFailure', { taskToken: states.taskToken, [String(member)]: value })).toEqual({});
});

test.each(
  Object.entries(LIMITS).flatMap(([member, most]) => [
    [member, `${most + 1} characters`, 'x'.repeat(most + 1)],
    [member, 'a number', 1],
  ]),
)('api: SendTaskFailure.%s refuse: %s', async (member, _what, value) => {
  const states = await waitingForToken();
  const answer = states.call('SendTaskFailure', { taskToken: states.taskToken, [String(member)]: value });
  await expect(answer).rejects.toMatchObject({ code: 'ValidationException' });
  expect(await states.describe(states.arn)).toMatchObject({ status: 'RUNNING' });
});

test.each(['error', 'cause'])('api: SendTaskFailure.%s effect: the task fails with it', async (member) => {
  const states = await waitingForToken();
  await states.call('SendTaskFailure', { taskToken: states.taskToken, [member]: 'the magnet' });
  expect(await states.describe(states.arn)).toMatchObject({ status: 'FAILED', [member]: 'the magnet' });
});
