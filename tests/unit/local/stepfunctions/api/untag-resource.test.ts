import { expect, test } from 'vitest';
import { aVersionedMachine, noMachineArn } from '../../../../builders/a-versioned-machine.ts';

/** Takes tags off a machine that has `a` and `b`; gives those left. */
const untag = async (input: object): Promise<unknown> => {
  const { states, machine: resourceArn } = await aVersionedMachine();
  const tags = ['a', 'b'].map((key) => ({ key, value: '' }));
  await states.call('TagResource', { resourceArn, tags });
  expect(await states.call('UntagResource', { resourceArn, ...input })).toEqual({});
  return (await states.call('ListTagsForResource', { resourceArn })).tags;
};

test('api: UntagResource.resourceArn accept: an activity', async () => {
  const { states } = await aVersionedMachine();
  const { activityArn } = await states.call('CreateActivity', { name: 'work', tags: [{ key: 'a', value: '' }] });
  await states.call('UntagResource', { resourceArn: activityArn, tagKeys: ['a'] });
  expect(await states.call('ListTagsForResource', { resourceArn: activityArn })).toEqual({ tags: [] });
});

test.each([
  ['no machine', noMachineArn, 'ResourceNotFound'],
  ['no ARN', 'm', 'InvalidArn'],
])('api: UntagResource.resourceArn refuse: %s', async (_what, resourceArn, code) => {
  await expect(untag({ resourceArn, tagKeys: [] })).rejects.toMatchObject({ code });
});

test('api: UntagResource.resourceArn effect: it loses the tag', async () => {
  expect(await untag({ tagKeys: ['a'] })).toEqual([{ key: 'b', value: '' }]);
});

test.each([[[]], [['none']], [['a', 'b']]])('api: UntagResource.tagKeys accept: %j', async (tagKeys) => {
  expect(await untag({ tagKeys })).toHaveLength(tagKeys.includes('a') ? 0 : 2);
});

test.each([[undefined], [['']], [['k'.repeat(129)]], [[1]]])(
  'api: UntagResource.tagKeys refuse: %j',
  async (tagKeys) => {
    await expect(untag({ tagKeys })).rejects.toMatchObject({ code: 'ValidationException' });
  },
);

test('api: UntagResource.tagKeys effect: tags of these keys go, others stay', async () => {
  expect(await untag({ tagKeys: ['b', 'none'] })).toEqual([{ key: 'a', value: '' }]);
});
