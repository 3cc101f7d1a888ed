import { expect, test } from 'vitest';
import { aVersionedMachine, badMachineArns, revision } from '../../../../builders/a-versioned-machine.ts';
import { roleArn } from '../../../../builders/an-express-machine.ts';
import { modelProblems } from '../../../../builders/api-model.ts';

test.each(['', ':2', ':live'])('api: DescribeStateMachine.stateMachineArn accept: a machine%s', async (qualifier) => {
  const { states, machine, alias } = await aVersionedMachine(2);
  await alias('live', [1, 40], [2, 60]);
  const answer = await states.call('DescribeStateMachine', { stateMachineArn: `${machine}${qualifier}` });
  expect(answer).toMatchObject({ name: 'm', definition: JSON.stringify(revision(2)) });
  expect(modelProblems('DescribeStateMachineOutput', answer)).toEqual([]);
});

test.each(
  badMachineArns(['no version', 'arn:aws:states:us-east-1:111111111111:stateMachine:m:2', 'StateMachineDoesNotExist']),
)('api: DescribeStateMachine.stateMachineArn refuse: %s', async (_what, stateMachineArn, code) => {
  const { states } = await aVersionedMachine();
  await expect(states.call('DescribeStateMachine', { stateMachineArn })).rejects.toMatchObject({ code });
});

test('api: DescribeStateMachine.stateMachineArn effect: a version stays what it was, with its own date', async () => {
  const { states, machine } = await aVersionedMachine(2);
  const definition = JSON.stringify(revision(1));
  const version = await states.call('DescribeStateMachine', { stateMachineArn: `${machine}:1` });
  expect(version).toEqual({
    stateMachineArn: `${machine}:1`,
    name: 'm',
    status: 'ACTIVE',
    type: 'STANDARD',
    definition,
    roleArn,
    creationDate: Date.UTC(2026, 0, 1) / 1000,
    description: 'number 1',
    loggingConfiguration: { level: 'OFF', includeExecutionData: false },
    tracingConfiguration: { enabled: false },
    encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
  });
  const latest = await states.call('DescribeStateMachine', { stateMachineArn: machine });
  expect(latest).toMatchObject({ definition: JSON.stringify(revision(2)), revisionId: expect.any(String) });
});

test.each(['ALL_DATA', 'METADATA_ONLY'])('api: DescribeStateMachine.includedData accept: %s', async (includedData) => {
  const { states, machine } = await aVersionedMachine();
  const answer = await states.call('DescribeStateMachine', { stateMachineArn: machine, includedData });
  expect(answer).toMatchObject({ stateMachineArn: machine });
});

test('api: DescribeStateMachine.includedData refuse: another word', async () => {
  const { states, machine } = await aVersionedMachine();
  const input = { stateMachineArn: machine, includedData: 'SOME' };
  await expect(states.call('DescribeStateMachine', input)).rejects.toMatchObject({ code: 'ValidationException' });
});

test('api: DescribeStateMachine.includedData effect: without data the definition is empty', async () => {
  const { states, machine } = await aVersionedMachine();
  const input = { stateMachineArn: machine, includedData: 'METADATA_ONLY' };
  expect(await states.call('DescribeStateMachine', input)).toMatchObject({ definition: '{}' });
});
