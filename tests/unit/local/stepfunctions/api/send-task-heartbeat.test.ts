import { expect, test } from 'vitest';
import { NO_TOKENS, TOO_LATE, waitingForToken } from '../../../../builders/a-token.ts';

test('api: SendTaskHeartbeat.taskToken accept: that of a task that waits', async () => {
  const states = await waitingForToken();
  expect(await states.call('SendTaskHeartbeat', { taskToken: states.taskToken })).toEqual({});
});

test.each(NO_TOKENS)(
  'api: SendTaskHeartbeat.taskToken refuse: %s',
  async (_what, taskToken, code, message = expect.any(String)) => {
    const states = await waitingForToken();
    await expect(states.call('SendTaskHeartbeat', { taskToken })).rejects.toMatchObject({ code, message });
  },
);

test('api: SendTaskHeartbeat.taskToken refuse: that of a task that has ended', async () => {
  const states = await waitingForToken();
  await states.call('SendTaskSuccess', { taskToken: states.taskToken, output: '1' });
  await expect(states.call('SendTaskHeartbeat', { taskToken: states.taskToken })).rejects.toMatchObject(TOO_LATE);
});

test('api: SendTaskHeartbeat.taskToken refuse: that of a task that has timed out', async () => {
  const states = await waitingForToken();
  await states.clock.advance(10_000);
  await expect(states.call('SendTaskHeartbeat', { taskToken: states.taskToken })).rejects.toMatchObject(TOO_LATE);
});

test('api: SendTaskHeartbeat.taskToken effect: this task lives on, without an event', async () => {
  const states = await waitingForToken();
  const before = await states.history(states.arn);
  for (let beat = 0; beat < 3; beat++) {
    await states.clock.advance(9999);
    await states.call('SendTaskHeartbeat', { taskToken: states.taskToken });
  }
  expect(await states.history(states.arn)).toEqual(before);
  await states.clock.advance(10_000);
  expect(await states.describe(states.arn)).toMatchObject({ error: 'States.HeartbeatTimeout' });
});
