import { expect, test } from 'vitest';
import { machineOf } from '../../../../builders/a-states-part.ts';
import { aVersionedMachine, noMachineArn, revision } from '../../../../builders/a-versioned-machine.ts';

test.each([':1', ':9'])('api: DeleteStateMachineVersion.stateMachineVersionArn accept: %s', async (qualifier) => {
  const { states, machine } = await aVersionedMachine();
  const input = { stateMachineVersionArn: `${machine}${qualifier}` };
  expect(await states.call('DeleteStateMachineVersion', input)).toEqual({});
});

test.each([
  ['no ARN', 'm', 'InvalidArn'],
  ['a machine', noMachineArn, 'ValidationException'],
  ['an alias', `${noMachineArn}:live`, 'ValidationException'],
])('api: DeleteStateMachineVersion.stateMachineVersionArn refuse: %s', async (_what, stateMachineVersionArn, code) => {
  const { states } = await aVersionedMachine();
  await expect(states.call('DeleteStateMachineVersion', { stateMachineVersionArn })).rejects.toMatchObject({ code });
});

test('api: DeleteStateMachineVersion.stateMachineVersionArn refuse: a version that an alias leads to', async () => {
  const { states, versions, alias } = await aVersionedMachine(2);
  await alias('live', [1, 100]);
  await alias('test', [2, 100], [1, 0]);
  const input = { stateMachineVersionArn: versions[0] };
  await expect(states.call('DeleteStateMachineVersion', input)).rejects.toMatchObject({
    code: 'ConflictException',
    status: 409,
    message:
      'Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [live, test]',
  });
});

test('api: DeleteStateMachineVersion.stateMachineVersionArn effect: nothing starts by it, what it started goes on', async () => {
  const { states, machine } = await aVersionedMachine(0);
  const definition = JSON.stringify(
    machineOf({ W: { Type: 'Wait', Seconds: 9, Next: 'A' }, A: { Type: 'Pass', End: true } }),
  );
  await states.call('UpdateStateMachine', { stateMachineArn: machine, definition, publish: true });
  const executionArn = await states.start(`${machine}:1`, { a: 1 });
  await states.call('UpdateStateMachine', { stateMachineArn: machine, definition: JSON.stringify(revision(2)) });
  await states.call('DeleteStateMachineVersion', { stateMachineVersionArn: `${machine}:1` });
  await expect(states.start(`${machine}:1`)).rejects.toMatchObject({
    code: 'StateMachineDoesNotExist',
    message: `State Machine Does Not Exist: '${machine}:1'`,
  });
  await states.clock.advance(9000);
  expect(await states.describe(executionArn)).toMatchObject({
    output: '{"a":1}',
    stateMachineVersionArn: `${machine}:1`,
  });
});
