import { expect, test } from 'vitest';
import { aVersionedMachine, badMachineArns } from '../../../../builders/a-versioned-machine.ts';
import { modelProblems } from '../../../../builders/api-model.ts';
import { testPages } from '../../../../builders/paged-list.ts';

testPages({
  operation: 'ListStateMachineVersions',
  field: 'stateMachineVersions',
  make: async () => {
    const { states, machine } = await aVersionedMachine(5);
    return { states, input: { stateMachineArn: machine } };
  },
});

test('api: ListStateMachineVersions.stateMachineArn accept: a machine', async () => {
  const { states, machine } = await aVersionedMachine(0);
  const answer = await states.call('ListStateMachineVersions', { stateMachineArn: machine });
  expect(answer).toEqual({ stateMachineVersions: [] });
});

test.each(
  badMachineArns(['a version', 'arn:aws:states:us-east-1:111111111111:stateMachine:m:1', 'StateMachineDoesNotExist']),
)('api: ListStateMachineVersions.stateMachineArn refuse: %s', async (_what, stateMachineArn, code) => {
  const { states } = await aVersionedMachine();
  await expect(states.call('ListStateMachineVersions', { stateMachineArn })).rejects.toMatchObject({ code });
});

test('api: ListStateMachineVersions.stateMachineArn effect: its versions are listed, the last one first', async () => {
  const { states, machine, versions } = await aVersionedMachine(3);
  const answer = await states.call('ListStateMachineVersions', { stateMachineArn: machine });
  expect(modelProblems('ListStateMachineVersionsOutput', answer)).toEqual([]);
  expect(answer.stateMachineVersions).toMatchObject(
    [...versions].reverse().map((stateMachineVersionArn) => ({ stateMachineVersionArn })),
  );
});
