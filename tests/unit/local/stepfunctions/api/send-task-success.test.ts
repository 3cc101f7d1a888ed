import { expect, test } from 'vitest';
import { MAX_DATA_BYTES } from '../../../../../local/stepfunctions/limits.ts';
import { NO_TOKENS, TOO_LATE, waitingForToken } from '../../../../builders/a-token.ts';

test('api: SendTaskSuccess.taskToken accept: that of a task that waits', async () => {
  const states = await waitingForToken();
  expect(await states.call('SendTaskSuccess', { taskToken: states.taskToken, output: '1' })).toEqual({});
});

test.each(NO_TOKENS)(
  'api: SendTaskSuccess.taskToken refuse: %s',
  async (_what, taskToken, code, message = expect.any(String)) => {
    const states = await waitingForToken();
    await expect(states.call('SendTaskSuccess', { taskToken, output: '1' })).rejects.toMatchObject({ code, message });
  },
);

test('api: SendTaskSuccess.taskToken refuse: that of a task that has ended', async () => {
  const states = await waitingForToken();
  await states.call('SendTaskSuccess', { taskToken: states.taskToken, output: '1' });
  await expect(states.call('SendTaskSuccess', { taskToken: states.taskToken, output: '1' })).rejects.toMatchObject(
    TOO_LATE,
  );
});

test('api: SendTaskSuccess.taskToken refuse: that of a task that has timed out', async () => {
  const states = await waitingForToken();
  await states.clock.advance(10_000);
  await expect(states.call('SendTaskSuccess', { taskToken: states.taskToken, output: '1' })).rejects.toMatchObject(
    TOO_LATE,
  );
});

test('api: SendTaskSuccess.taskToken effect: this task ends', async () => {
  const states = await waitingForToken();
  await states.call('SendTaskSuccess', { taskToken: states.taskToken, output: '1' });
  expect(await states.describe(states.arn)).toMatchObject({ status: 'SUCCEEDED' });
});

test.each(['null', '0', '""', '{"a":[1]}', JSON.stringify('x'.repeat(MAX_DATA_BYTES - 2))])(
  'api: SendTaskSuccess.output accept: %.20s',
  async (output) => {
    const states = await waitingForToken();
    expect(await states.call('SendTaskSuccess', { taskToken: states.taskToken, output })).toEqual({});
  },
);

test.each([
  ['nothing', undefined, 'ValidationException'],
  ['more than 262144 characters', JSON.stringify('x'.repeat(MAX_DATA_BYTES)), 'ValidationException'],
  ['more than 262144 bytes', JSON.stringify('ü'.repeat(MAX_DATA_BYTES / 2)), 'InvalidOutput'],
  ['what is no JSON', '{', 'InvalidOutput'],
  ['an empty text', '', 'InvalidOutput'],
])('api: SendTaskSuccess.output refuse: %s', async (_what, output, code) => {
  const states = await waitingForToken();
  await expect(states.call('SendTaskSuccess', { taskToken: states.taskToken, output })).rejects.toMatchObject({ code });
  expect(await states.describe(states.arn)).toMatchObject({ status: 'RUNNING' });
});

test('api: SendTaskSuccess.output effect: it is the result of the task', async () => {
  const states = await waitingForToken();
  await states.call('SendTaskSuccess', { taskToken: states.taskToken, output: '{"a":[1]}' });
  expect(await states.output(states.arn)).toEqual({ a: [1] });
});
