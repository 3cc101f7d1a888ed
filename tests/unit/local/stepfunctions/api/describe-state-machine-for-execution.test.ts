import { expect, test } from 'vitest';
import { aVersionedMachine, revision } from '../../../../builders/a-versioned-machine.ts';
import { modelProblems } from '../../../../builders/api-model.ts';

test('api: DescribeStateMachineForExecution.executionArn accept: an execution', async () => {
  const { states, machine } = await aVersionedMachine();
  const executionArn = await states.start(machine);
  const answer = await states.call('DescribeStateMachineForExecution', { executionArn });
  expect(answer).toMatchObject({ stateMachineArn: machine, name: 'm' });
  expect(modelProblems('DescribeStateMachineForExecutionOutput', answer)).toEqual([]);
});

test.each([
  ['no ARN', 'e', 'InvalidArn'],
  ['a machine', 'arn:aws:states:us-east-1:111111111111:stateMachine:m', 'InvalidArn'],
  ['no execution', 'arn:aws:states:us-east-1:111111111111:execution:m:none', 'ExecutionDoesNotExist'],
])('api: DescribeStateMachineForExecution.executionArn refuse: %s', async (_what, executionArn, code) => {
  const { states } = await aVersionedMachine();
  await expect(states.call('DescribeStateMachineForExecution', { executionArn })).rejects.toMatchObject({ code });
});

test('api: DescribeStateMachineForExecution.executionArn effect: it is the revision that the execution runs', async () => {
  const { states, machine } = await aVersionedMachine(2);
  const executionArn = await states.start(`${machine}:1`);
  const described = await states.call('DescribeStateMachineForExecution', { executionArn });
  expect(described).toMatchObject({ stateMachineArn: machine, definition: JSON.stringify(revision(1)) });
  expect(described.revisionId).toBeUndefined();
});

test.each(['ALL_DATA', 'METADATA_ONLY'])(
  'api: DescribeStateMachineForExecution.includedData accept: %s',
  async (includedData) => {
    const { states, machine } = await aVersionedMachine();
    const executionArn = await states.start(machine);
    const answer = await states.call('DescribeStateMachineForExecution', { executionArn, includedData });
    expect(answer).toMatchObject({ stateMachineArn: machine });
  },
);

test('api: DescribeStateMachineForExecution.includedData refuse: another word', async () => {
  const { states, machine } = await aVersionedMachine();
  const input = { executionArn: await states.start(machine), includedData: 'SOME' };
  await expect(states.call('DescribeStateMachineForExecution', input)).rejects.toMatchObject({
    code: 'ValidationException',
  });
});

test('api: DescribeStateMachineForExecution.includedData effect: without data the definition is empty', async () => {
  const { states, machine } = await aVersionedMachine();
  const input = { executionArn: await states.start(machine), includedData: 'METADATA_ONLY' };
  expect(await states.call('DescribeStateMachineForExecution', input)).toMatchObject({ definition: '{}' });
});
