import { expect, test } from 'vitest';
import { activityArn, aTaskOf, NO_ACTIVITY_ARNS, withActivity } from '../../../../builders/an-activity.ts';

test('api: DeleteActivity.activityArn accept: the ARN of an activity', async () => {
  const states = await withActivity();
  expect(await states.call('DeleteActivity', { activityArn })).toBeTypeOf('object');
});

test.each(NO_ACTIVITY_ARNS)('api: DeleteActivity.activityArn refuse: %s', async (arn, code) => {
  const states = await withActivity();
  await expect(states.call('DeleteActivity', { activityArn: arn })).rejects.toMatchObject({ code });
});

test('api: DeleteActivity.activityArn effect: this activity is gone, and its deletion can be repeated', async () => {
  const states = await withActivity();
  const { activityArn: other } = await states.call('CreateActivity', { name: 'other' });
  for (const _time of ['first', 'second']) expect(await states.call('DeleteActivity', { activityArn })).toEqual({});
  expect((await states.call('ListActivities', {})).activities).toMatchObject([{ activityArn: other }]);
});

test('work of a deleted activity is there again when the activity is', async () => {
  const states = await withActivity();
  const arn = await states.run(aTaskOf());
  await states.call('DeleteActivity', { activityArn });
  await expect(states.ask()).rejects.toMatchObject({ code: 'ActivityDoesNotExist' });
  await states.call('CreateActivity', { name: 'work' });
  await states.succeed(await states.ask(), 1);
  expect(await states.output(arn)).toBe(1);
});
