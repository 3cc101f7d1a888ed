import { expect, test } from 'vitest';
import { aVersionedMachine, noMachineArn, routesTo } from '../../../../builders/a-versioned-machine.ts';
import { modelProblems } from '../../../../builders/api-model.ts';

const machine = 'arn:aws:states:us-east-1:111111111111:stateMachine:m';

test('api: DescribeStateMachineAlias.stateMachineAliasArn accept: an alias', async () => {
  const { states, alias } = await aVersionedMachine(2);
  const stateMachineAliasArn = await alias('live', [1, 20], [2, 80]);
  const answer = await states.call('DescribeStateMachineAlias', { stateMachineAliasArn });
  expect(modelProblems('DescribeStateMachineAliasOutput', answer)).toEqual([]);
});

test.each([
  ['no alias', `${machine}:none`, 'ResourceNotFound'],
  ['another account’s', 'arn:aws:states:us-east-1:222222222222:stateMachine:m:live', 'ResourceNotFound'],
  ['an alias of no machine', `${noMachineArn}:live`, 'ResourceNotFound'],
  ['a machine', machine, 'ValidationException'],
  ['no ARN', 'live', 'InvalidArn'],
])('api: DescribeStateMachineAlias.stateMachineAliasArn refuse: %s', async (_what, stateMachineAliasArn, code) => {
  const { states, alias } = await aVersionedMachine();
  await alias('live', [1, 100]);
  await expect(states.call('DescribeStateMachineAlias', { stateMachineAliasArn })).rejects.toMatchObject({ code });
});

test('api: DescribeStateMachineAlias.stateMachineAliasArn effect: it tells the routes of that alias', async () => {
  const { states, alias } = await aVersionedMachine(2);
  await alias('test', [2, 100]);
  const stateMachineAliasArn = await alias('live', [1, 20], [2, 80]);
  expect(await states.call('DescribeStateMachineAlias', { stateMachineAliasArn })).toEqual({
    stateMachineAliasArn,
    name: 'live',
    routingConfiguration: routesTo(machine, [1, 20], [2, 80]),
    creationDate: states.clock.nowMs() / 1000,
    updateDate: states.clock.nowMs() / 1000,
  });
});
