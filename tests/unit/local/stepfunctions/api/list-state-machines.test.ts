import { expect, test } from 'vitest';
import { aStatesPart } from '../../../../builders/a-states-part.ts';
import { revision } from '../../../../builders/a-versioned-machine.ts';
import { createExpress } from '../../../../builders/an-express-machine.ts';
import { modelProblems } from '../../../../builders/api-model.ts';
import { testPages } from '../../../../builders/paged-list.ts';

const make = async () => {
  const states = aStatesPart();
  for (let at = 0; at < 5; at++) await states.create(revision(1), `m${at}`);
  return { states, input: {} };
};

testPages({ operation: 'ListStateMachines', field: 'stateMachines', make });

test('machines are listed with their types, deleted ones are not', async () => {
  const { states } = await make();
  const deleted = await states.create(revision(1), 'gone');
  await states.call('DeleteStateMachine', { stateMachineArn: deleted });
  const stateMachineArn = await createExpress(states, revision(1));
  const answer = await states.call('ListStateMachines', {});
  expect(modelProblems('ListStateMachinesOutput', answer)).toEqual([]);
  expect(answer.stateMachines).toHaveLength(6);
  expect(answer.stateMachines).toContainEqual({
    stateMachineArn,
    name: 'quick',
    type: 'EXPRESS',
    creationDate: expect.any(Number),
  });
});
