import { expect, test } from 'vitest';
import { aStatesPart, type TestStates } from '../../../../builders/a-states-part.ts';
import { revision } from '../../../../builders/a-versioned-machine.ts';
import { roleArn } from '../../../../builders/an-express-machine.ts';
import { modelProblems } from '../../../../builders/api-model.ts';

const definition = JSON.stringify(revision(1));
const create = (input: object, states: TestStates = aStatesPart()): Promise<Record<string, unknown>> =>
  states.call('CreateStateMachine', { name: 'm', definition, roleArn, ...input });
const arn = 'arn:aws:states:us-east-1:111111111111:stateMachine:m';
const describe = (states: TestStates, stateMachineArn = arn) =>
  states.call('DescribeStateMachine', { stateMachineArn });
const logGroup = (name: string) => ({
  cloudWatchLogsLogGroup: { logGroupArn: `arn:aws:logs:us-east-1:111111111111:log-group:${name}:*` },
});

test.each(['m', 'Wörk_1-2.3', 'x'.repeat(80)])('api: CreateStateMachine.name accept: %s', async (name) => {
  const answer = await create({ name });
  expect(answer).toEqual({ stateMachineArn: arn.replace(/m$/, name), creationDate: expect.any(Number) });
  expect(modelProblems('CreateStateMachineOutput', answer)).toEqual([]);
});

test.each(['', 'x'.repeat(81), 'a b', 'a:b', 'a/b', 'a$', 'a\u0007b', 'a*', 'a\u{10ffff}'])(
  'api: CreateStateMachine.name refuse: %j',
  async (name) => {
    await expect(create({ name })).rejects.toMatchObject({ code: 'InvalidName', message: `Invalid Name: '${name}'` });
  },
);

test('api: CreateStateMachine.name effect: a name has one machine', async () => {
  const states = aStatesPart();
  const first = await create({}, states);
  await states.clock.advance(1000);
  expect(await create({}, states)).toEqual(first);
  expect((await states.call('ListStateMachines', {})).stateMachines).toMatchObject([
    { name: 'm', stateMachineArn: arn },
  ]);
});

test('api: CreateStateMachine.definition accept: a machine of the language', async () => {
  expect(await create({ definition })).toMatchObject({ stateMachineArn: arn });
});

test.each([
  ['no JSON', '{', 'InvalidDefinition'],
  ['no machine', '{}', 'InvalidDefinition'],
  ['more than a megabyte of characters', `{"Comment":"${'x'.repeat(1_048_576)}"}`, 'ValidationException'],
  ['more than a megabyte of bytes', `{"Comment":"${'ü'.repeat(600_000)}"}`, 'InvalidDefinition'],
  ['an empty text', '', 'ValidationException'],
  ['nothing', undefined, 'ValidationException'],
])('api: CreateStateMachine.definition refuse: %s', async (_what, text, code) => {
  await expect(create({ definition: text })).rejects.toMatchObject({ code });
});

test('api: CreateStateMachine.definition effect: it is what runs, and another one is another machine', async () => {
  const states = aStatesPart();
  await create({}, states);
  expect(await states.output(await states.start(arn))).toBe(1);
  await expect(create({ definition: JSON.stringify(revision(2)) }, states)).rejects.toMatchObject({
    code: 'StateMachineAlreadyExists',
    message: `State Machine Already Exists: '${arn}'`,
  });
});

test('api: CreateStateMachine.roleArn accept: a role', async () => {
  expect(await create({ roleArn: 'arn:aws:iam::111111111111:role/service/r' })).toMatchObject({ stateMachineArn: arn });
});

test.each([
  ['no ARN', 'r', 'InvalidArn'],
  ['a user', 'arn:aws:iam::111111111111:user/u', 'InvalidArn'],
  ['nothing', undefined, 'ValidationException'],
])('api: CreateStateMachine.roleArn refuse: %s', async (_what, role, code) => {
  await expect(create({ roleArn: role })).rejects.toMatchObject({ code });
});

test('api: CreateStateMachine.roleArn effect: it is described, and a second creation changes nothing of it', async () => {
  const states = aStatesPart();
  const first = await create({}, states);
  expect(await create({ roleArn: `${roleArn}/other` }, states)).toEqual(first);
  expect(await describe(states)).toMatchObject({ roleArn });
});

test.each(['STANDARD', 'EXPRESS'])('api: CreateStateMachine.type accept: %s', async (type) => {
  expect(await create({ type })).toMatchObject({ stateMachineArn: arn });
});

test('api: CreateStateMachine.type refuse: one that there is not', async () => {
  await expect(create({ type: 'SLOW' })).rejects.toMatchObject({
    code: 'ValidationException',
    message:
      "1 validation error detected: Value 'SLOW' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [STANDARD, EXPRESS]",
  });
});

test('api: CreateStateMachine.type effect: it is described and listed, and another one is another machine', async () => {
  const states = aStatesPart();
  await create({ type: 'EXPRESS' }, states);
  expect(await describe(states)).toMatchObject({ type: 'EXPRESS' });
  expect((await states.call('ListStateMachines', {})).stateMachines).toMatchObject([{ type: 'EXPRESS' }]);
  await expect(create({}, states)).rejects.toMatchObject({ code: 'StateMachineAlreadyExists' });
});

test.each([
  ['none', []],
  ['one', [{ key: 'k', value: 'v' }]],
  ['letters of any language', [{ key: 'schlüssel', value: 'a b_.:/=+-@ß' }]],
])('api: CreateStateMachine.tags accept: %s', async (_what, tags) => {
  expect(await create({ tags })).toMatchObject({ stateMachineArn: arn });
});

test.each([
  ['a key of none', [{ key: '', value: 'v' }], 'ValidationException'],
  ['a key of AWS', [{ key: 'aws:k', value: 'v' }], 'ValidationException'],
  ['other characters', [{ key: 'k', value: '<' }], 'ValidationException'],
  ['more than fifty', Array.from({ length: 51 }, (_, at) => ({ key: `k${at}`, value: '' })), 'TooManyTags'],
])('api: CreateStateMachine.tags refuse: %s', async (_what, tags, code) => {
  await expect(create({ tags })).rejects.toMatchObject({ code });
});

test('api: CreateStateMachine.tags effect: they are listed, and a second creation changes none', async () => {
  const states = aStatesPart();
  const tags = [{ key: 'k', value: 'v' }];
  await create({ tags }, states);
  await create({ tags: [{ key: 'other', value: 'w' }] }, states);
  expect(await states.call('ListTagsForResource', { resourceArn: arn })).toEqual({ tags });
});

test.each([
  ['nothing of it', {}],
  ['no destination while it is off', { destinations: [] }],
  ['a log group', { level: 'ALL', includeExecutionData: true, destinations: [logGroup('g')] }],
])('api: CreateStateMachine.loggingConfiguration accept: %s', async (_what, loggingConfiguration) => {
  expect(await create({ loggingConfiguration })).toMatchObject({ stateMachineArn: arn });
});

test.each([
  ['no destination', { level: 'ERROR' }, 'InvalidLoggingConfiguration'],
  ['two destinations', { level: 'ALL', destinations: [logGroup('a'), logGroup('b')] }, 'InvalidLoggingConfiguration'],
  ['no log group', { destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: 'g' } }] }, 'InvalidLoggingConfiguration'],
  ['a level that there is not', { level: 'SOME' }, 'ValidationException'],
])('api: CreateStateMachine.loggingConfiguration refuse: %s', async (_what, loggingConfiguration, code) => {
  await expect(create({ loggingConfiguration })).rejects.toMatchObject({ code });
});

test('api: CreateStateMachine.loggingConfiguration effect: it is described, and another one is another machine', async () => {
  const states = aStatesPart();
  const loggingConfiguration = { level: 'FATAL', includeExecutionData: false, destinations: [logGroup('g')] };
  await create({ loggingConfiguration }, states);
  expect(await describe(states)).toMatchObject({ loggingConfiguration });
  await expect(create({}, states)).rejects.toMatchObject({ code: 'StateMachineAlreadyExists' });
});

test.each([true, false])('api: CreateStateMachine.tracingConfiguration accept: %s', async (enabled) => {
  expect(await create({ tracingConfiguration: { enabled } })).toMatchObject({ stateMachineArn: arn });
});

test.each([
  ['nothing of it', {}, 'InvalidTracingConfiguration'],
  ['neither true nor false', { enabled: 'yes' }, 'ValidationException'],
])('api: CreateStateMachine.tracingConfiguration refuse: %s', async (_what, tracingConfiguration, code) => {
  await expect(create({ tracingConfiguration })).rejects.toMatchObject({ code });
});

test('api: CreateStateMachine.tracingConfiguration effect: it is described, and another one is another machine', async () => {
  const states = aStatesPart();
  await create({ tracingConfiguration: { enabled: true } }, states);
  expect(await describe(states)).toMatchObject({ tracingConfiguration: { enabled: true } });
  await expect(create({}, states)).rejects.toMatchObject({ code: 'StateMachineAlreadyExists' });
});

test('api: CreateStateMachine.encryptionConfiguration accept: the key of AWS', async () => {
  const encryptionConfiguration = { type: 'AWS_OWNED_KEY' };
  expect(await create({ encryptionConfiguration })).toMatchObject({ stateMachineArn: arn });
});

test.each([
  ['a key of one’s own without its name', { type: 'CUSTOMER_MANAGED_KMS_KEY' }, 'InvalidEncryptionConfiguration'],
  ['a key of one’s own', { type: 'CUSTOMER_MANAGED_KMS_KEY', kmsKeyId: 'k' }, 'KmsAccessDeniedException'],
  ['a key for the type without', { type: 'AWS_OWNED_KEY', kmsKeyId: 'k' }, 'InvalidEncryptionConfiguration'],
  ['a short period', { type: 'AWS_OWNED_KEY', kmsDataKeyReusePeriodSeconds: 59 }, 'ValidationException'],
  ['no type', {}, 'ValidationException'],
])('api: CreateStateMachine.encryptionConfiguration refuse: %s', async (_what, encryptionConfiguration, code) => {
  await expect(create({ encryptionConfiguration })).rejects.toMatchObject({ code });
});

test('api: CreateStateMachine.encryptionConfiguration effect: it is described', async () => {
  const states = aStatesPart();
  const encryptionConfiguration = { type: 'AWS_OWNED_KEY' };
  await create({ encryptionConfiguration }, states);
  expect(await describe(states)).toMatchObject({ encryptionConfiguration });
});

test.each([true, false])('api: CreateStateMachine.publish accept: %s', async (publish) => {
  expect(await create({ publish })).toMatchObject({ stateMachineArn: arn });
});

test('api: CreateStateMachine.publish refuse: neither true nor false', async () => {
  await expect(create({ publish: 1 })).rejects.toMatchObject({ code: 'ValidationException' });
});

test('api: CreateStateMachine.publish effect: the first version is there, and another creation is another machine', async () => {
  const states = aStatesPart();
  const first = await create({ publish: true }, states);
  expect(first).toMatchObject({ stateMachineVersionArn: `${arn}:1` });
  expect(await create({ publish: true }, states)).toEqual(first);
  await expect(create({}, states)).rejects.toMatchObject({ code: 'StateMachineAlreadyExists' });
  expect(await states.output(await states.start(`${arn}:1`))).toBe(1);
});

test('api: CreateStateMachine.versionDescription accept: a text', async () => {
  const answer = await create({ publish: true, versionDescription: 'x'.repeat(256) });
  expect(answer).toMatchObject({ stateMachineVersionArn: `${arn}:1` });
});

test.each([
  ['without a version', { versionDescription: 'd' }],
  ['too long', { publish: true, versionDescription: 'x'.repeat(257) }],
])('api: CreateStateMachine.versionDescription refuse: %s', async (_what, input) => {
  await expect(create(input)).rejects.toMatchObject({ code: 'ValidationException' });
});

test('api: CreateStateMachine.versionDescription effect: the version has it, the machine has not', async () => {
  const states = aStatesPart();
  await create({ publish: true, versionDescription: 'first' }, states);
  expect(await describe(states, `${arn}:1`)).toMatchObject({ description: 'first' });
  expect((await describe(states)).description).toBeUndefined();
  await expect(create({ publish: true, versionDescription: 'other' }, states)).rejects.toMatchObject({
    code: 'StateMachineAlreadyExists',
  });
});
