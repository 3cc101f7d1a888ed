import { expect, test } from 'vitest';
import { aVersionedMachine, routesTo } from '../../../../builders/a-versioned-machine.ts';
import { modelProblems } from '../../../../builders/api-model.ts';

/** Creates an alias to version 1 of a machine with three versions. */
const create = async (input: object): Promise<Record<string, unknown>> => {
  const { states, machine } = await aVersionedMachine(3);
  const routingConfiguration = routesTo(machine, [1, 100]);
  return states.call('CreateStateMachineAlias', { name: 'live', routingConfiguration, ...input });
};
const machine = 'arn:aws:states:us-east-1:111111111111:stateMachine:m';
const created = { stateMachineAliasArn: `${machine}:live`, creationDate: expect.any(Number) };

test.each(['live', 'v1', '1.0', '_', 'x'.repeat(80)])('api: CreateStateMachineAlias.name accept: %s', async (name) => {
  const answer = await create({ name });
  expect(answer).toEqual({ ...created, stateMachineAliasArn: `${machine}:${name}` });
  expect(modelProblems('CreateStateMachineAliasOutput', answer)).toEqual([]);
});

test.each(['', '123', 'two words', '!', 'a@', 'x'.repeat(81)])(
  'api: CreateStateMachineAlias.name refuse: %j',
  async (name) => {
    await expect(create({ name })).rejects.toMatchObject({ code: 'ValidationException' });
  },
);

test('api: CreateStateMachineAlias.name refuse: in AWS’s words', async () => {
  await expect(create({ name: '123' })).rejects.toMatchObject({
    message:
      "1 validation error detected: Value '123' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(?=.*[a-zA-Z_\\-.])[a-zA-Z0-9_\\-.]+$",
  });
});

test('api: CreateStateMachineAlias.name refuse: the hundred and first', async () => {
  const { states, alias } = await aVersionedMachine();
  for (let at = 0; at < 100; at++) await alias(`a${at}`, [1, 100]);
  const arn = await alias('a0', [1, 100]);
  await expect(alias('more', [1, 100])).rejects.toMatchObject({ code: 'ServiceQuotaExceededException', status: 402 });
  await states.call('DeleteStateMachineAlias', { stateMachineAliasArn: arn });
  await alias('more', [1, 100]);
});

test('api: CreateStateMachineAlias.name effect: executions are started by it and know it', async () => {
  const { states, alias } = await aVersionedMachine(2);
  const arn = await alias('live', [2, 100]);
  const executionArn = await states.start(arn);
  expect(await states.describe(executionArn)).toMatchObject({
    output: '2',
    stateMachineArn: machine,
    stateMachineVersionArn: `${machine}:2`,
    stateMachineAliasArn: arn,
  });
});

test.each(['', 'x'.repeat(256)])('api: CreateStateMachineAlias.description accept: %j', async (description) => {
  expect(await create({ description })).toEqual(created);
});

test('api: CreateStateMachineAlias.description refuse: more than 256 characters', async () => {
  await expect(create({ description: 'x'.repeat(257) })).rejects.toMatchObject({ code: 'ValidationException' });
});

test('api: CreateStateMachineAlias.description effect: it is described, and another one is another alias', async () => {
  const { states } = await aVersionedMachine();
  const input = { name: 'live', description: 'd', routingConfiguration: routesTo(machine, [1, 100]) };
  const first = await states.call('CreateStateMachineAlias', input);
  await states.clock.advance(1000);
  expect(await states.call('CreateStateMachineAlias', input)).toEqual(first);
  const stateMachineAliasArn = first.stateMachineAliasArn;
  expect(await states.call('DescribeStateMachineAlias', { stateMachineAliasArn })).toMatchObject({ description: 'd' });
  const other = states.call('CreateStateMachineAlias', { ...input, description: 'e' });
  await expect(other).rejects.toMatchObject({
    code: 'ConflictException',
    message:
      'Failed to create alias because an alias with the same name and a different routing configuration already exists.',
  });
});

test.each([
  ['a version', routesTo(machine, [1, 100])],
  ['two versions', routesTo(machine, [1, 1], [3, 99])],
  ['a version that gets nothing', routesTo(machine, [1, 0], [2, 100])],
])('api: CreateStateMachineAlias.routingConfiguration accept: %s', async (_what, routingConfiguration) => {
  expect(await create({ routingConfiguration })).toEqual(created);
});

const must = 'Routing configuration must contain';
test.each([
  ['nothing', undefined, /Member must not be null/],
  [
    'no version',
    [],
    /'routingConfiguration' failed to satisfy constraint: Member must have length greater than or equal to 1/,
  ],
  ['three versions', routesTo(machine, [1, 50], [2, 30], [3, 20]), /Member must have length less than or equal to 2/],
  [
    'a version twice',
    routesTo(machine, [1, 50], [1, 50]),
    `${must} distinct state machine version ARNs. Received: [${machine}:1, ${machine}:1]`,
  ],
  [
    'a machine',
    [{ stateMachineVersionArn: machine, weight: 100 }],
    `${must} state machine version ARNs. Received: [${machine}]`,
  ],
  [
    'another machine’s version',
    [...routesTo(machine, [1, 50]), ...routesTo(`${machine}2`, [1, 50])],
    /same state machine/,
  ],
  [
    'too great a weight',
    routesTo(machine, [1, 101]),
    "1 validation error detected: Value '101' at 'routingConfiguration.1.member.weight' failed to satisfy constraint: Member must have value less than or equal to 100",
  ],
  ['too small a weight', routesTo(machine, [1, -1]), /greater than or equal to 0/],
  [
    'too little in sum',
    routesTo(machine, [1, 70], [2, 29]),
    'Sum of routing configuration weights must equal 100. Received: [70, 29]',
  ],
  [
    'too much in sum',
    routesTo(machine, [1, 70], [2, 31]),
    'Sum of routing configuration weights must equal 100. Received: [70, 31]',
  ],
])('api: CreateStateMachineAlias.routingConfiguration refuse: %s', async (_what, routingConfiguration, said) => {
  const error = await create({ routingConfiguration }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'ValidationException' });
  const message = error instanceof Error ? error.message : '';
  if (typeof said === 'string') expect(message).toBe(said);
  else expect(message).toMatch(said);
});

test('api: CreateStateMachineAlias.routingConfiguration refuse: a version that there is not', async () => {
  await expect(create({ routingConfiguration: routesTo(machine, [9, 100]) })).rejects.toMatchObject({
    code: 'ResourceNotFound',
    message: 'Request references a resource that does not exist.',
    details: { resourceName: `${machine}:9` },
  });
});

test('api: CreateStateMachineAlias.routingConfiguration effect: versions get executions by their weights', async () => {
  const { states, alias } = await aVersionedMachine(2);
  const arn = await alias('live', [1, 30], [2, 70]);
  const outputs: unknown[] = [];
  for (let at = 0; at < 400; at++) outputs.push(await states.output(await states.start(arn, {}, `e${at}`)));
  const share = outputs.filter((output) => output === 1).length / outputs.length;
  expect(share).toBeGreaterThan(0.22);
  expect(share).toBeLessThan(0.38);
});
