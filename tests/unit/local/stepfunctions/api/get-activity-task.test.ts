import { expect, test } from 'vitest';
import { activityArn, aTaskOf, NO_ACTIVITY_ARNS, withActivity } from '../../../../builders/an-activity.ts';

test('api: GetActivityTask.activityArn accept: the ARN of an activity', async () => {
  const states = await withActivity();
  await states.run(aTaskOf());
  expect(await states.call('GetActivityTask', { activityArn })).toMatchObject({ taskToken: expect.any(String) });
});

test.each([...NO_ACTIVITY_ARNS, [`${activityArn}2`, 'ActivityDoesNotExist'] as const])(
  'api: GetActivityTask.activityArn refuse: %s',
  async (arn, code) => {
    const states = await withActivity();
    await expect(states.call('GetActivityTask', { activityArn: arn })).rejects.toMatchObject({ code });
  },
);

test('api: GetActivityTask.activityArn effect: work of this activity comes', async () => {
  const states = await withActivity();
  const { activityArn: other } = await states.call('CreateActivity', { name: 'other' });
  await states.run(aTaskOf({ Resource: other }), 'others');
  await states.run(aTaskOf(), 'ours');
  expect(await states.ask()).toMatchObject({ input: '"ours"' });
});

test.each(['w', 'x'.repeat(80)])('api: GetActivityTask.workerName accept: %s', async (workerName) => {
  const states = await withActivity();
  await states.run(aTaskOf());
  expect(await states.ask(workerName)).toMatchObject({ taskToken: expect.any(String) });
});

test.each(['', 'x'.repeat(81)])('api: GetActivityTask.workerName refuse: %j', async (workerName) => {
  const states = await withActivity();
  await expect(states.ask(workerName)).rejects.toMatchObject({ code: 'ValidationException' });
});

test('api: GetActivityTask.workerName effect: the history names it', async () => {
  const states = await withActivity();
  const arn = await states.run(aTaskOf());
  await states.ask('anna');
  expect((await states.history(arn)).at(-1)).toMatchObject({ activityStartedEventDetails: { workerName: 'anna' } });
});
