import { expect, test } from 'vitest';
import { aVersionedMachine, badMachineArns } from '../../../../builders/a-versioned-machine.ts';
import { modelProblems } from '../../../../builders/api-model.ts';
import { testPages } from '../../../../builders/paged-list.ts';

testPages({
  operation: 'ListStateMachineAliases',
  field: 'stateMachineAliases',
  make: async () => {
    const { states, machine, alias } = await aVersionedMachine();
    for (let at = 0; at < 5; at++) await alias(`a${at}`, [1, 100]);
    return { states, input: { stateMachineArn: machine } };
  },
});

test.each(['', ':1'])('api: ListStateMachineAliases.stateMachineArn accept: a machine%s', async (qualifier) => {
  const { states, machine, alias } = await aVersionedMachine();
  await alias('live', [1, 100]);
  const answer = await states.call('ListStateMachineAliases', { stateMachineArn: `${machine}${qualifier}` });
  expect(modelProblems('ListStateMachineAliasesOutput', answer)).toEqual([]);
  expect(answer.stateMachineAliases).toHaveLength(1);
});

test.each(
  badMachineArns(['an alias', 'arn:aws:states:us-east-1:111111111111:stateMachine:m:live', 'ValidationException']),
)('api: ListStateMachineAliases.stateMachineArn refuse: %s', async (_what, stateMachineArn, code) => {
  const { states, alias } = await aVersionedMachine();
  await alias('live', [1, 100]);
  await expect(states.call('ListStateMachineAliases', { stateMachineArn })).rejects.toMatchObject({ code });
});

test('api: ListStateMachineAliases.stateMachineArn effect: of a version those are listed that lead to it', async () => {
  const { states, machine, alias } = await aVersionedMachine(2);
  await alias('first', [1, 100]);
  await states.clock.advance(1);
  await alias('second', [2, 100]);
  await states.clock.advance(1);
  await alias('both', [1, 50], [2, 50]);
  const listed = async (stateMachineArn: string) =>
    JSON.stringify(await states.call('ListStateMachineAliases', { stateMachineArn })).match(/(?<=:m:)\w+/g);
  expect(await listed(machine)).toEqual(['first', 'second', 'both']);
  expect(await listed(`${machine}:2`)).toEqual(['second', 'both']);
});
