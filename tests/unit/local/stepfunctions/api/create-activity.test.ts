import { expect, test } from 'vitest';
import { aStatesPart } from '../../../../builders/a-states-part.ts';

const create = (input: object, states = aStatesPart()) => states.call('CreateActivity', { name: 'work', ...input });
const arnOf = (name: string) => `arn:aws:states:us-east-1:111111111111:activity:${name}`;
const manyTags = Array.from({ length: 51 }, (_, at) => ({ key: `k${at}`, value: '' }));

test.each(['w', 'Wörk_1-2.3', 'x'.repeat(80)])('api: CreateActivity.name accept: %s', async (name) => {
  expect(await create({ name })).toEqual({ activityArn: arnOf(name), creationDate: expect.any(Number) });
});

test.each(['', 'x'.repeat(81), 'a b', 'a:b', 'a/b', 'a$', 'a\u0007b', 'a*'])(
  'api: CreateActivity.name refuse: %j',
  async (name) => {
    await expect(create({ name })).rejects.toMatchObject({ code: 'InvalidName', message: `Invalid Name: '${name}'` });
  },
);

test('api: CreateActivity.name refuse: no name', async () => {
  await expect(create({ name: undefined })).rejects.toMatchObject({ code: 'ValidationException' });
});

test('api: CreateActivity.name effect: it is in the ARN, and the activity of a name is made once', async () => {
  const states = aStatesPart();
  const first = await create({}, states);
  await states.clock.advance(1000);
  expect(await create({}, states)).toEqual(first);
  expect(await states.call('DescribeActivity', { activityArn: arnOf('work') })).toMatchObject({
    ...first,
    name: 'work',
  });
});

test.each([[[]], [[{ key: 'k', value: 'v' }]], [[{ key: 'k', value: '' }]]])(
  'api: CreateActivity.tags accept: %j',
  async (tags) => {
    expect(await create({ tags })).toMatchObject({ activityArn: arnOf('work') });
  },
);

test.each([
  ['a key of none', [{ key: '', value: 'v' }], 'ValidationException'],
  ['a key of AWS', [{ key: 'aws:k', value: 'v' }], 'ValidationException'],
  ['more than fifty', manyTags, 'TooManyTags'],
])('api: CreateActivity.tags refuse: %s', async (_what, tags, code) => {
  await expect(create({ tags })).rejects.toMatchObject({ code });
});

test('api: CreateActivity.tags effect: the activity has them, and keeps them when it is made again with others', async () => {
  const states = aStatesPart();
  const tags = [{ key: 'k', value: 'v' }];
  await create({ tags }, states);
  await create({ tags: [{ key: 'other', value: 'w' }] }, states);
  expect(await states.call('ListTagsForResource', { resourceArn: arnOf('work') })).toEqual({ tags });
});

test('api: CreateActivity.encryptionConfiguration accept: the key of AWS', async () => {
  expect(await create({ encryptionConfiguration: { type: 'AWS_OWNED_KEY' } })).toMatchObject({
    activityArn: arnOf('work'),
  });
});

test.each([
  ['a type that is none', { type: 'ROT13' }, 'ValidationException'],
  ['a key of one’s own without its name', { type: 'CUSTOMER_MANAGED_KMS_KEY' }, 'InvalidEncryptionConfiguration'],
  ['a key of one’s own', { type: 'CUSTOMER_MANAGED_KMS_KEY', kmsKeyId: 'k' }, 'KmsAccessDeniedException'],
])('api: CreateActivity.encryptionConfiguration refuse: %s', async (_what, encryptionConfiguration, code) => {
  await expect(create({ encryptionConfiguration })).rejects.toMatchObject({ code });
});

test('api: CreateActivity.encryptionConfiguration effect: it is described', async () => {
  const states = aStatesPart();
  const encryptionConfiguration = { type: 'AWS_OWNED_KEY' };
  await create({ encryptionConfiguration }, states);
  expect(await states.call('DescribeActivity', { activityArn: arnOf('work') })).toMatchObject({
    encryptionConfiguration,
  });
});

test('no more than ten thousand activities are made', async () => {
  const states = aStatesPart();
  await Promise.all(Array.from({ length: 10_000 }, (_, at) => create({ name: `a${at}` }, states)));
  await expect(create({}, states)).rejects.toMatchObject({ code: 'ActivityLimitExceeded' });
  expect(await create({ name: 'a0' }, states)).toMatchObject({ activityArn: arnOf('a0') });
});
