import { expect, test } from 'vitest';
import { aVersionedMachine, noMachineArn, routesTo } from '../../../../builders/a-versioned-machine.ts';
import { modelProblems } from '../../../../builders/api-model.ts';

/** Updates the alias of a machine with two versions, which leads to the first one; tells what became of it. */
const update = async (input: object): Promise<Record<string, unknown>> => {
  const { states, alias } = await aVersionedMachine(2);
  const stateMachineAliasArn = await alias('live', [1, 100]);
  await states.clock.advance(1000);
  const answer = await states.call('UpdateStateMachineAlias', { stateMachineAliasArn, ...input });
  expect(answer).toEqual({ updateDate: states.clock.nowMs() / 1000 });
  expect(modelProblems('UpdateStateMachineAliasOutput', answer)).toEqual([]);
  return states.call('DescribeStateMachineAlias', { stateMachineAliasArn });
};
const machine = 'arn:aws:states:us-east-1:111111111111:stateMachine:m';

test('api: UpdateStateMachineAlias.stateMachineAliasArn accept: an alias', async () => {
  expect(await update({ description: 'd' })).toMatchObject({ stateMachineAliasArn: `${machine}:live` });
});

test.each([
  ['no alias', `${machine}:none`, 'ResourceNotFound'],
  ['an alias of no machine', `${noMachineArn}:live`, 'ResourceNotFound'],
  ['a machine', machine, 'ValidationException'],
  ['a version', `${machine}:1`, 'ValidationException'],
  ['no ARN', 'live', 'InvalidArn'],
])('api: UpdateStateMachineAlias.stateMachineAliasArn refuse: %s', async (_what, stateMachineAliasArn, code) => {
  await expect(update({ stateMachineAliasArn, description: 'd' })).rejects.toMatchObject({ code });
});

test('api: UpdateStateMachineAlias.stateMachineAliasArn effect: it changes, and its dates tell when', async () => {
  const alias = await update({ description: 'd' });
  expect(Number(alias.updateDate) - Number(alias.creationDate)).toBe(1);
});

test.each(['', 'x'.repeat(256)])('api: UpdateStateMachineAlias.description accept: %j', async (description) => {
  expect(await update({ description })).toMatchObject({ description });
});

test.each([
  ['more than 256 characters', { description: 'x'.repeat(257) }],
  ['neither it nor routes', {}],
])('api: UpdateStateMachineAlias.description refuse: %s', async (_what, input) => {
  await expect(update(input)).rejects.toMatchObject({ code: 'ValidationException' });
});

test('api: UpdateStateMachineAlias.description effect: it changes, the routes stay', async () => {
  expect(await update({ description: 'd' })).toMatchObject({
    description: 'd',
    routingConfiguration: routesTo(machine, [1, 100]),
  });
});

test('api: UpdateStateMachineAlias.routingConfiguration accept: two versions', async () => {
  const routingConfiguration = routesTo(machine, [1, 50], [2, 50]);
  expect(await update({ routingConfiguration })).toMatchObject({ routingConfiguration });
});

test.each([
  ['weights that are not a hundred', routesTo(machine, [1, 99]), 'ValidationException'],
  ['no version', [], 'ValidationException'],
  ['a version that there is not', routesTo(machine, [9, 100]), 'ResourceNotFound'],
])('api: UpdateStateMachineAlias.routingConfiguration refuse: %s', async (_what, routingConfiguration, code) => {
  await expect(update({ routingConfiguration })).rejects.toMatchObject({ code });
});

test('api: UpdateStateMachineAlias.routingConfiguration refuse: another machine’s version', async () => {
  const { states, alias } = await aVersionedMachine();
  const stateMachineAliasArn = await alias('live', [1, 100]);
  const other = await states.create({ StartAt: 'A', States: { A: { Type: 'Succeed' } } }, 'other');
  await states.call('PublishStateMachineVersion', { stateMachineArn: other });
  const routingConfiguration = routesTo(other, [1, 100]);
  const input = { stateMachineAliasArn, routingConfiguration };
  await expect(states.call('UpdateStateMachineAlias', input)).rejects.toMatchObject({
    code: 'ValidationException',
    details: { reason: 'INVALID_ROUTING_CONFIGURATION' },
  });
});

test('api: UpdateStateMachineAlias.routingConfiguration effect: later executions go there, what runs stays', async () => {
  const { states, alias } = await aVersionedMachine(2);
  const arn = await alias('live', [1, 100]);
  const before = await states.start(arn);
  const input = { stateMachineAliasArn: arn, routingConfiguration: routesTo(machine, [2, 100]) };
  await states.call('UpdateStateMachineAlias', input);
  const after = await states.start(arn);
  expect(await states.describe(before)).toMatchObject({ output: '1', stateMachineVersionArn: `${machine}:1` });
  expect(await states.describe(after)).toMatchObject({ output: '2', stateMachineVersionArn: `${machine}:2` });
});
