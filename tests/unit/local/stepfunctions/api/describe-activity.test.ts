import { expect, test } from 'vitest';
import { activityArn, NO_ACTIVITY_ARNS, withActivity } from '../../../../builders/an-activity.ts';

test('api: DescribeActivity.activityArn accept: the ARN of an activity', async () => {
  const states = await withActivity();
  expect(await states.call('DescribeActivity', { activityArn })).toBeTypeOf('object');
});

test.each(NO_ACTIVITY_ARNS)('api: DescribeActivity.activityArn refuse: %s', async (arn, code) => {
  const states = await withActivity();
  await expect(states.call('DescribeActivity', { activityArn: arn })).rejects.toMatchObject({ code });
});

test('api: DescribeActivity.activityArn refuse: one that is not there', async () => {
  const states = await withActivity();
  await expect(states.call('DescribeActivity', { activityArn: `${activityArn}2` })).rejects.toMatchObject({
    code: 'ActivityDoesNotExist',
    message: `Activity Does Not Exist: '${activityArn}2'`,
  });
});

test('api: DescribeActivity.activityArn effect: this activity is described', async () => {
  const states = await withActivity();
  await states.call('CreateActivity', { name: 'other' });
  expect(await states.call('DescribeActivity', { activityArn })).toEqual({
    activityArn,
    name: 'work',
    creationDate: states.clock.nowMs() / 1000,
    encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
  });
});
