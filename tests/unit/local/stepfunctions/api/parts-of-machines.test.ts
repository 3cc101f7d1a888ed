import { expect, test } from 'vitest';
import { aStatesPart, machineOf, type TestStates } from '../../../../builders/a-states-part.ts';
import { aVersionedMachine } from '../../../../builders/a-versioned-machine.ts';

const machineArn = 'arn:aws:states:us-east-1:111111111111:stateMachine:m';
const logGroupArn = 'arn:aws:logs:us-east-1:111111111111:log-group:g:*';
const destinations = [{ cloudWatchLogsLogGroup: { logGroupArn } }];

const create = async (input: object, states: TestStates = aStatesPart()): Promise<TestStates> => {
  const definition = JSON.stringify(machineOf({ Only: { Type: 'Succeed' } }));
  await states.call('CreateStateMachine', {
    name: 'm',
    definition,
    roleArn: 'arn:aws:iam::111111111111:role/r',
    ...input,
  });
  return states;
};

const described = async (input: object): Promise<Record<string, unknown>> =>
  (await create(input)).call('DescribeStateMachine', { stateMachineArn: machineArn });

const tagged = async (tag: object): Promise<unknown> =>
  (await (await create({ tags: [tag] })).call('ListTagsForResource', { resourceArn: machineArn })).tags;

test.each([{ key: 'k' }, { key: 'x'.repeat(128) }, { key: 'Größe_.:/=+-@ 1' }])(
  'api: Tag.key accept: $key',
  async ({ key }) => {
    expect(await tagged({ key, value: '' })).toEqual([{ key, value: '' }]);
  },
);

test.each([undefined, '', 'x'.repeat(129), 'k?', 'aws:k', 'AWS:k'])('api: Tag.key refuse: %j', async (key) => {
  await expect(tagged({ key, value: '' })).rejects.toMatchObject({ code: 'ValidationException' });
});

test('api: Tag.key effect: a resource has one tag of a key', async () => {
  const states = await create({ tags: [{ key: 'k', value: 'a' }] });
  const request = { resourceArn: machineArn, tags: [{ key: 'k', value: 'b' }] };
  await states.call('TagResource', request);
  expect(await states.call('ListTagsForResource', { resourceArn: machineArn })).toEqual({ tags: request.tags });
});

test.each(['', 'v', 'x'.repeat(256), 'a b:/=+-@'])('api: Tag.value accept: %j', async (value) => {
  expect(await tagged({ key: 'k', value })).toEqual([{ key: 'k', value }]);
});

test.each([1, 'x'.repeat(257), 'v?'])('api: Tag.value refuse: %j', async (value) => {
  await expect(tagged({ key: 'k', value })).rejects.toMatchObject({ code: 'ValidationException' });
});

test('api: Tag.value effect: it is listed', async () => {
  expect(await tagged({ key: 'k', value: 'v' })).toEqual([{ key: 'k', value: 'v' }]);
});

const encrypted = (encryptionConfiguration: object) => described({ encryptionConfiguration });
const ownKey = { type: 'CUSTOMER_MANAGED_KMS_KEY', kmsKeyId: 'k' };

test('api: EncryptionConfiguration.type accept: AWS_OWNED_KEY', async () => {
  expect(await encrypted({ type: 'AWS_OWNED_KEY' })).toBeTypeOf('object');
});

test.each([
  [undefined, 'ValidationException'],
  ['ROT13', 'ValidationException'],
  ['CUSTOMER_MANAGED_KMS_KEY', 'InvalidEncryptionConfiguration'],
])('api: EncryptionConfiguration.type refuse: %s', async (type, code) => {
  await expect(encrypted({ type })).rejects.toMatchObject({ code });
});

test('api: EncryptionConfiguration.type effect: it is described', async () => {
  expect(await encrypted({ type: 'AWS_OWNED_KEY' })).toMatchObject({
    encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
  });
});

test.each([
  ['an empty text', { ...ownKey, kmsKeyId: '' }, 'ValidationException'],
  ['more than 2048 characters', { ...ownKey, kmsKeyId: 'x'.repeat(2049) }, 'ValidationException'],
  ['a key, for there is no KMS', ownKey, 'KmsAccessDeniedException'],
  ['a key for the type AWS_OWNED_KEY', { ...ownKey, type: 'AWS_OWNED_KEY' }, 'InvalidEncryptionConfiguration'],
])('api: EncryptionConfiguration.kmsKeyId refuse: %s', async (_what, configuration, code) => {
  await expect(encrypted(configuration)).rejects.toMatchObject({ code });
});

test.each([
  [59, ownKey, 'ValidationException'],
  [901, ownKey, 'ValidationException'],
  [60.5, ownKey, 'ValidationException'],
  [60, { type: 'AWS_OWNED_KEY' }, 'InvalidEncryptionConfiguration'],
])('api: EncryptionConfiguration.kmsDataKeyReusePeriodSeconds refuse: %s', async (seconds, configuration, code) => {
  const answer = encrypted({ ...configuration, kmsDataKeyReusePeriodSeconds: seconds });
  await expect(answer).rejects.toMatchObject({ code });
});

const logged = (loggingConfiguration: object) => described({ loggingConfiguration });
const badLogging = { code: 'InvalidLoggingConfiguration' };

test.each(['ALL', 'ERROR', 'FATAL', 'OFF'])('api: LoggingConfiguration.level accept: %s', async (level) => {
  expect(await logged({ level, destinations })).toMatchObject({ loggingConfiguration: { level } });
});

test.each([
  ['another word', 'SOME', { code: 'ValidationException' }],
  ['one that logs, without a destination', 'ALL', badLogging],
])('api: LoggingConfiguration.level refuse: %s', async (_what, level, problem) => {
  await expect(logged({ level })).rejects.toMatchObject(problem);
});

test('api: LoggingConfiguration.level effect: it is described, OFF if nothing is said', async () => {
  expect(await logged({ level: 'ERROR', destinations })).toMatchObject({ loggingConfiguration: { level: 'ERROR' } });
  expect(await logged({})).toMatchObject({ loggingConfiguration: { level: 'OFF' } });
});

test.each([true, false])('api: LoggingConfiguration.includeExecutionData accept: %s', async (includeExecutionData) => {
  expect(await logged({ includeExecutionData })).toBeTypeOf('object');
});

test('api: LoggingConfiguration.includeExecutionData refuse: a text', async () => {
  await expect(logged({ includeExecutionData: 'yes' })).rejects.toMatchObject({ code: 'ValidationException' });
});

test('api: LoggingConfiguration.includeExecutionData effect: it is described', async () => {
  expect(await logged({ includeExecutionData: true })).toMatchObject({
    loggingConfiguration: { includeExecutionData: true },
  });
});

test('api: LoggingConfiguration.destinations accept: a log group', async () => {
  expect(await logged({ level: 'ALL', destinations })).toBeTypeOf('object');
});

test.each([
  ['two', { level: 'ALL', destinations: [...destinations, ...destinations] }],
  ['none, where something is logged', { level: 'ALL', destinations: [] }],
])('api: LoggingConfiguration.destinations refuse: %s', async (_what, configuration) => {
  await expect(logged(configuration)).rejects.toMatchObject(badLogging);
});

test('api: LoggingConfiguration.destinations effect: they are described', async () => {
  expect(await logged({ level: 'ALL', destinations })).toMatchObject({ loggingConfiguration: { destinations } });
});

const loggedTo = (destination: object) => logged({ level: 'ALL', destinations: [destination] });

test('api: LogDestination.cloudWatchLogsLogGroup accept: a log group', async () => {
  expect(await loggedTo({ cloudWatchLogsLogGroup: { logGroupArn } })).toBeTypeOf('object');
});

test('api: LogDestination.cloudWatchLogsLogGroup refuse: nothing', async () => {
  await expect(loggedTo({})).rejects.toMatchObject(badLogging);
});

test('api: LogDestination.cloudWatchLogsLogGroup effect: it is described', async () => {
  const destination = { cloudWatchLogsLogGroup: { logGroupArn } };
  expect(await loggedTo(destination)).toMatchObject({ loggingConfiguration: { destinations: [destination] } });
});

test('api: CloudWatchLogsLogGroup.logGroupArn accept: the ARN of a log group', async () => {
  expect(await loggedTo({ cloudWatchLogsLogGroup: { logGroupArn } })).toBeTypeOf('object');
});

test.each([
  ['nothing', undefined, badLogging],
  ['one that does not end with a star', logGroupArn.replace(/:\*$/, ''), badLogging],
  ['that of another thing', machineArn, badLogging],
  ['more than 256 characters', 'x'.repeat(257), { code: 'ValidationException' }],
])('api: CloudWatchLogsLogGroup.logGroupArn refuse: %s', async (_what, arn, problem) => {
  await expect(loggedTo({ cloudWatchLogsLogGroup: { logGroupArn: arn } })).rejects.toMatchObject(problem);
});

test('api: CloudWatchLogsLogGroup.logGroupArn effect: it is described', async () => {
  expect(JSON.stringify(await loggedTo({ cloudWatchLogsLogGroup: { logGroupArn } }))).toContain(logGroupArn);
});

test.each([true, false])('api: TracingConfiguration.enabled accept: %s', async (enabled) => {
  expect(await described({ tracingConfiguration: { enabled } })).toBeTypeOf('object');
});

test.each([
  ['nothing', {}, 'InvalidTracingConfiguration'],
  ['a text', { enabled: 'yes' }, 'ValidationException'],
])('api: TracingConfiguration.enabled refuse: %s', async (_what, tracingConfiguration, code) => {
  await expect(described({ tracingConfiguration })).rejects.toMatchObject({ code });
});

test('api: TracingConfiguration.enabled effect: it is described, false if nothing is said', async () => {
  const tracingConfiguration = { enabled: true };
  expect(await described({ tracingConfiguration })).toMatchObject({ tracingConfiguration });
  expect(await described({})).toMatchObject({ tracingConfiguration: { enabled: false } });
});

const routed = async (...routes: readonly object[]): Promise<readonly unknown[]> => {
  const { states } = await aVersionedMachine(2);
  const { stateMachineAliasArn } = await states.call('CreateStateMachineAlias', {
    name: 'live',
    routingConfiguration: routes,
  });
  const outputs = [];
  for (let at = 0; at < 50; at++) outputs.push(await states.output(await states.start(String(stateMachineAliasArn))));
  return outputs;
};

const route = (version: number, weight: unknown) => ({ stateMachineVersionArn: `${machineArn}:${version}`, weight });

test('api: RoutingConfigurationListItem.stateMachineVersionArn accept: a version', async () => {
  expect(await routed(route(1, 100))).toHaveLength(50);
});

test.each([
  ['nothing', undefined],
  ['the machine', machineArn],
  ['a version that is not there', `${machineArn}:9`],
  ['no ARN', 'v1'],
])('api: RoutingConfigurationListItem.stateMachineVersionArn refuse: %s', async (_what, stateMachineVersionArn) => {
  await expect(routed({ stateMachineVersionArn, weight: 100 })).rejects.toMatchObject({
    code: expect.stringMatching(/^(ValidationException|InvalidArn|ResourceNotFound)$/),
  });
});

test('api: RoutingConfigurationListItem.stateMachineVersionArn effect: this version runs', async () => {
  expect(new Set(await routed(route(2, 100)))).toEqual(new Set([2]));
});

test.each([
  [0, 100],
  [1, 99],
  [50, 50],
])('api: RoutingConfigurationListItem.weight accept: %i and %i', async (one, other) => {
  expect(await routed(route(1, one), route(2, other))).toHaveLength(50);
});

test.each([
  [-1, 101],
  [50, 49],
  [0.5, 99.5],
  ['50', '50'],
])('api: RoutingConfigurationListItem.weight refuse: %j and %j', async (one, other) => {
  await expect(routed(route(1, one), route(2, other))).rejects.toMatchObject({ code: 'ValidationException' });
});

test('api: RoutingConfigurationListItem.weight effect: versions run as often as they weigh', async () => {
  expect(new Set(await routed(route(1, 0), route(2, 100)))).toEqual(new Set([2]));
  expect(new Set(await routed(route(1, 50), route(2, 50)))).toEqual(new Set([1, 2]));
});
