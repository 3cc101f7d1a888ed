import { expect, test } from 'vitest';
import { aVersionedMachine, noMachineArn } from '../../../../builders/a-versioned-machine.ts';

type Tag = { readonly key?: string; readonly value?: string };

/** Tags a new machine; gives the tags it has then. */
const tag = async (...lists: (readonly Tag[])[]): Promise<unknown> => {
  const { states, machine: resourceArn } = await aVersionedMachine();
  for (const tags of lists) expect(await states.call('TagResource', { resourceArn, tags })).toEqual({});
  return (await states.call('ListTagsForResource', { resourceArn })).tags;
};
const many = (count: number) => Array.from({ length: count }, (_, at) => ({ key: `k${at}`, value: '' }));

test.each(['m', 'work'])('api: TagResource.resourceArn accept: %s', async (name) => {
  const { states, machine } = await aVersionedMachine();
  const { activityArn } = await states.call('CreateActivity', { name: 'work' });
  const resourceArn = name === 'm' ? machine : activityArn;
  expect(await states.call('TagResource', { resourceArn, tags: [{ key: 'k', value: 'v' }] })).toEqual({});
});

test.each([
  ['no machine', noMachineArn, 'ResourceNotFound'],
  ['no activity', 'arn:aws:states:us-east-1:111111111111:activity:none', 'ResourceNotFound'],
  ['an alias', 'arn:aws:states:us-east-1:111111111111:stateMachine:m:live', 'ResourceNotFound'],
  ['no ARN', 'm', 'InvalidArn'],
])('api: TagResource.resourceArn refuse: %s', async (_what, resourceArn, code) => {
  const { states, alias } = await aVersionedMachine();
  await alias('live', [1, 100]);
  await expect(states.call('TagResource', { resourceArn, tags: [] })).rejects.toMatchObject({ code });
});

test('api: TagResource.resourceArn refuse: a version, in AWS’s words', async () => {
  const { states, machine } = await aVersionedMachine();
  await expect(states.call('TagResource', { resourceArn: `${machine}:1`, tags: [] })).rejects.toMatchObject({
    code: 'ResourceNotFound',
    message: `Resource not found: '${machine}:1'`,
    details: { resourceName: `${machine}:1` },
  });
});

test('api: TagResource.resourceArn effect: no other machine has the tag', async () => {
  const { states, machine } = await aVersionedMachine();
  const other = await states.create({ StartAt: 'A', States: { A: { Type: 'Succeed' } } }, 'other');
  await states.call('TagResource', { resourceArn: machine, tags: [{ key: 'k', value: 'v' }] });
  expect(await states.call('ListTagsForResource', { resourceArn: other })).toEqual({ tags: [] });
});

test.each([
  ['none', []],
  ['an empty value', [{ key: 'k', value: '' }]],
  ['the longest', [{ key: 'k'.repeat(128), value: 'v'.repeat(256) }]],
  ['fifty', many(50)],
])('api: TagResource.tags accept: %s', async (_what, tags) => {
  expect(await tag(tags)).toEqual(tags);
});

test.each([
  ['an empty key', [{ key: '', value: 'v' }]],
  ['too long a key', [{ key: 'k'.repeat(129), value: 'v' }]],
  ['too long a value', [{ key: 'k', value: 'v'.repeat(257) }]],
  ['a character that none may have', [{ key: 'k?', value: 'v' }]],
  ['a key of AWS', [{ key: 'AWS:k', value: 'v' }]],
])('api: TagResource.tags refuse: %s', async (_what, tags) => {
  await expect(tag(tags)).rejects.toMatchObject({ code: 'ValidationException' });
});

test('api: TagResource.tags refuse: more than fifty in sum', async () => {
  await expect(tag(many(50), [{ key: 'more', value: '' }])).rejects.toMatchObject({ code: 'TooManyTags' });
});

test('api: TagResource.tags effect: new ones are added, those of the same key replaced', async () => {
  expect(
    await tag(
      [
        { key: 'a', value: '1' },
        { key: 'b', value: '2' },
      ],
      [{ key: 'a', value: '3' }],
    ),
  ).toEqual([
    { key: 'a', value: '3' },
    { key: 'b', value: '2' },
  ]);
});
