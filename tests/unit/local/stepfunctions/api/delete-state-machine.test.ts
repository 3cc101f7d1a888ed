import { expect, test } from 'vitest';
import { aVersionedMachine, noMachineArn, revision } from '../../../../builders/a-versioned-machine.ts';

test.each(['a machine', 'no machine'])('api: DeleteStateMachine.stateMachineArn accept: %s', async (what) => {
  const { states, machine } = await aVersionedMachine();
  const stateMachineArn = what === 'a machine' ? machine : noMachineArn;
  expect(await states.call('DeleteStateMachine', { stateMachineArn })).toEqual({});
});

test.each([
  ['no ARN', 'm', 'InvalidArn'],
  ['a version', 'arn:aws:states:us-east-1:111111111111:stateMachine:m:1', 'ValidationException'],
  ['a Map state', 'arn:aws:states:us-east-1:111111111111:stateMachine:m/label', 'ValidationException'],
])('api: DeleteStateMachine.stateMachineArn refuse: %s', async (_what, stateMachineArn, code) => {
  const { states } = await aVersionedMachine();
  await expect(states.call('DeleteStateMachine', { stateMachineArn })).rejects.toMatchObject({ code });
});

test('api: DeleteStateMachine.stateMachineArn effect: it goes with its versions, aliases and tags', async () => {
  const { states, machine, alias } = await aVersionedMachine(2);
  await alias('live', [1, 100]);
  await states.call('DeleteStateMachine', { stateMachineArn: machine });
  for (const stateMachineArn of [machine, `${machine}:1`, `${machine}:live`]) {
    await expect(states.start(stateMachineArn)).rejects.toMatchObject({ code: 'StateMachineDoesNotExist' });
  }
  await expect(states.call('ListTagsForResource', { resourceArn: machine })).rejects.toMatchObject({
    code: 'ResourceNotFound',
  });
  expect(await states.create(revision(1), 'm')).toBe(machine);
  const { stateMachineVersions } = await states.call('ListStateMachineVersions', { stateMachineArn: machine });
  expect(stateMachineVersions).toEqual([]);
});
