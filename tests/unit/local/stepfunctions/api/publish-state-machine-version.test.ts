import { expect, test } from 'vitest';
import { aStatesPart } from '../../../../builders/a-states-part.ts';
import { aVersionedMachine, badMachineArns, revision } from '../../../../builders/a-versioned-machine.ts';
import { roleArn } from '../../../../builders/an-express-machine.ts';
import { modelProblems } from '../../../../builders/api-model.ts';
import { memoryJournal } from '../../../../builders/memory-journal.ts';

test('api: PublishStateMachineVersion.stateMachineArn accept: a machine', async () => {
  const { states, machine } = await aVersionedMachine(0);
  const answer = await states.call('PublishStateMachineVersion', { stateMachineArn: machine });
  expect(answer).toEqual({ stateMachineVersionArn: `${machine}:1`, creationDate: states.clock.nowMs() / 1000 });
  expect(modelProblems('PublishStateMachineVersionOutput', answer)).toEqual([]);
});

test.each(
  badMachineArns(['a version', 'arn:aws:states:us-east-1:111111111111:stateMachine:m:1', 'StateMachineDoesNotExist']),
)('api: PublishStateMachineVersion.stateMachineArn refuse: %s', async (_what, stateMachineArn, code) => {
  const { states } = await aVersionedMachine();
  await expect(states.call('PublishStateMachineVersion', { stateMachineArn })).rejects.toMatchObject({ code });
});

test('api: PublishStateMachineVersion.stateMachineArn refuse: a machine with a thousand versions', async () => {
  const former = Array.from({ length: 1000 }, () => ({ kind: 'versionPublished', name: 'm', published: {}, atMs: 0 }));
  const fields = { name: 'm', definition: JSON.stringify(revision(1)), roleArn, atMs: 0, revisionId: 'r', tags: {} };
  const journal = memoryJournal([{ kind: 'machineCreated', ...fields }, ...former]);
  const states = aStatesPart({ journal });
  const machine = 'arn:aws:states:us-east-1:111111111111:stateMachine:m';
  const again = await states.call('PublishStateMachineVersion', { stateMachineArn: machine });
  expect(again.stateMachineVersionArn).toBe(`${machine}:1000`);
  const definition = JSON.stringify(revision(1001));
  const refused = { code: 'ServiceQuotaExceededException', status: 402 };
  const update = states.call('UpdateStateMachine', { stateMachineArn: machine, definition, publish: true });
  await expect(update).rejects.toMatchObject(refused);
  await states.call('UpdateStateMachine', { stateMachineArn: machine, definition });
  await expect(states.call('PublishStateMachineVersion', { stateMachineArn: machine })).rejects.toMatchObject(refused);
});

test('api: PublishStateMachineVersion.stateMachineArn effect: a revision is published once, and a number is never used again', async () => {
  const { states, machine, versions } = await aVersionedMachine(2);
  const publish = () => states.call('PublishStateMachineVersion', { stateMachineArn: machine });
  expect((await publish()).stateMachineVersionArn).toBe(versions[1]);
  await states.call('DeleteStateMachineVersion', { stateMachineVersionArn: versions[1] });
  expect((await publish()).stateMachineVersionArn).toBe(`${machine}:3`);
  expect(await states.output(await states.start(`${machine}:3`))).toBe(2);
});

test('api: PublishStateMachineVersion.revisionId accept: the latest one, and INITIAL for the first', async () => {
  const { states, machine } = await aVersionedMachine(0);
  const input = { stateMachineArn: machine, revisionId: 'INITIAL' };
  expect(await states.call('PublishStateMachineVersion', input)).toMatchObject({
    stateMachineVersionArn: `${machine}:1`,
  });
  const definition = JSON.stringify(revision(2));
  const { revisionId } = await states.call('UpdateStateMachine', { stateMachineArn: machine, definition });
  expect(await states.call('PublishStateMachineVersion', { stateMachineArn: machine, revisionId })).toMatchObject({
    stateMachineVersionArn: `${machine}:2`,
  });
});

test('api: PublishStateMachineVersion.revisionId refuse: an earlier one', async () => {
  const { states, machine } = await aVersionedMachine(0);
  const definition = JSON.stringify(revision(2));
  const { revisionId } = await states.call('UpdateStateMachine', { stateMachineArn: machine, definition });
  const input = { stateMachineArn: machine, revisionId: 'INITIAL' };
  await expect(states.call('PublishStateMachineVersion', input)).rejects.toMatchObject({
    code: 'ConflictException',
    status: 409,
    message: `Failed to publish the State Machine version for revision INITIAL. The current State Machine revision is ${revisionId}.`,
  });
});

test('api: PublishStateMachineVersion.revisionId effect: nothing is published that has been overtaken', async () => {
  const { states, machine } = await aVersionedMachine(0);
  const input = { stateMachineArn: machine, revisionId: '00000000-0000-4000-8000-000000000000' };
  await expect(states.call('PublishStateMachineVersion', input)).rejects.toMatchObject({ code: 'ConflictException' });
  const { stateMachineVersions } = await states.call('ListStateMachineVersions', { stateMachineArn: machine });
  expect(stateMachineVersions).toEqual([]);
});

test.each(['', 'x'.repeat(256)])('api: PublishStateMachineVersion.description accept: %j', async (description) => {
  const { states, machine } = await aVersionedMachine(0);
  const input = { stateMachineArn: machine, description };
  expect(await states.call('PublishStateMachineVersion', input)).toMatchObject({
    stateMachineVersionArn: `${machine}:1`,
  });
});

test('api: PublishStateMachineVersion.description refuse: more than 256 characters', async () => {
  const { states, machine } = await aVersionedMachine(0);
  const input = { stateMachineArn: machine, description: 'x'.repeat(257) };
  await expect(states.call('PublishStateMachineVersion', input)).rejects.toMatchObject({ code: 'ValidationException' });
});

test('api: PublishStateMachineVersion.description effect: the version has it', async () => {
  const { states, machine } = await aVersionedMachine(0);
  await states.call('PublishStateMachineVersion', { stateMachineArn: machine, description: 'd' });
  expect(await states.call('DescribeStateMachine', { stateMachineArn: `${machine}:1` })).toMatchObject({
    description: 'd',
  });
});
