import { expect, test } from 'vitest';
import { aVersionedMachine, noMachineArn } from '../../../../builders/a-versioned-machine.ts';

test.each(['live', 'none'])('api: DeleteStateMachineAlias.stateMachineAliasArn accept: %s', async (name) => {
  const { states, machine, alias } = await aVersionedMachine();
  await alias('live', [1, 100]);
  const input = { stateMachineAliasArn: `${machine}:${name}` };
  expect(await states.call('DeleteStateMachineAlias', input)).toEqual({});
});

test.each([
  ['a machine', noMachineArn, 'ValidationException'],
  ['a version', `${noMachineArn}:1`, 'ValidationException'],
  ['no ARN', 'live', 'InvalidArn'],
])('api: DeleteStateMachineAlias.stateMachineAliasArn refuse: %s', async (_what, stateMachineAliasArn, code) => {
  const { states } = await aVersionedMachine();
  await expect(states.call('DeleteStateMachineAlias', { stateMachineAliasArn })).rejects.toMatchObject({ code });
});

test('api: DeleteStateMachineAlias.stateMachineAliasArn effect: nothing starts by it, its version stays', async () => {
  const { states, machine, alias } = await aVersionedMachine();
  const stateMachineAliasArn = await alias('live', [1, 100]);
  await states.call('DeleteStateMachineAlias', { stateMachineAliasArn });
  await expect(states.start(stateMachineAliasArn)).rejects.toMatchObject({ code: 'StateMachineDoesNotExist' });
  expect(await states.output(await states.start(`${machine}:1`))).toBe(1);
});
