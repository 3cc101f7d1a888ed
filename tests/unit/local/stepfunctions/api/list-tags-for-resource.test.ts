import { expect, test } from 'vitest';
import { aVersionedMachine, noMachineArn } from '../../../../builders/a-versioned-machine.ts';
import { modelProblems } from '../../../../builders/api-model.ts';

test('api: ListTagsForResource.resourceArn accept: a machine and an activity', async () => {
  const { states, machine } = await aVersionedMachine();
  const { activityArn } = await states.call('CreateActivity', { name: 'work' });
  for (const resourceArn of [machine, activityArn]) {
    const answer = await states.call('ListTagsForResource', { resourceArn });
    expect(answer).toEqual({ tags: [] });
    expect(modelProblems('ListTagsForResourceOutput', answer)).toEqual([]);
  }
});

test.each([
  ['no machine', noMachineArn, 'ResourceNotFound'],
  ['no activity', 'arn:aws:states:us-east-1:111111111111:activity:none', 'ResourceNotFound'],
  ['a version', 'arn:aws:states:us-east-1:111111111111:stateMachine:m:1', 'ResourceNotFound'],
  ['an execution', 'arn:aws:states:us-east-1:111111111111:execution:m:e', 'InvalidArn'],
  ['no ARN', 'm', 'InvalidArn'],
  ['nothing', undefined, 'ValidationException'],
])('api: ListTagsForResource.resourceArn refuse: %s', async (_what, resourceArn, code) => {
  const { states } = await aVersionedMachine();
  await expect(states.call('ListTagsForResource', { resourceArn })).rejects.toMatchObject({ code });
});

test('api: ListTagsForResource.resourceArn effect: its own tags are listed', async () => {
  const { states, machine } = await aVersionedMachine();
  const { activityArn } = await states.call('CreateActivity', { name: 'work', tags: [{ key: 'a', value: '1' }] });
  await states.call('TagResource', { resourceArn: machine, tags: [{ key: 'm', value: '2' }] });
  const tags = async (resourceArn: unknown) => (await states.call('ListTagsForResource', { resourceArn })).tags;
  expect(await tags(machine)).toEqual([{ key: 'm', value: '2' }]);
  expect(await tags(activityArn)).toEqual([{ key: 'a', value: '1' }]);
});
