import { expect, test } from 'vitest';
import type { TestStates } from '../../../../builders/a-states-part.ts';
import { aVersionedMachine, badMachineArns, revision } from '../../../../builders/a-versioned-machine.ts';
import { createExpress, roleArn } from '../../../../builders/an-express-machine.ts';
import { modelProblems } from '../../../../builders/api-model.ts';

const second = JSON.stringify(revision(2));
const logGroupArn = 'arn:aws:logs:us-east-1:111111111111:log-group:g:*';
const logging = {
  level: 'ALL',
  includeExecutionData: true,
  destinations: [{ cloudWatchLogsLogGroup: { logGroupArn } }],
};

/** Updates a new machine that has no version yet. */
const update = async (
  input: object,
): Promise<{ states: TestStates; machine: string; answer: Record<string, unknown> }> => {
  const { states, machine } = await aVersionedMachine(0);
  const answer = await states.call('UpdateStateMachine', { stateMachineArn: machine, ...input });
  return { states, machine, answer };
};
const described = async (input: object): Promise<Record<string, unknown>> => {
  const { states, machine } = await update(input);
  return states.call('DescribeStateMachine', { stateMachineArn: machine });
};
const accepted = { updateDate: expect.any(Number), revisionId: expect.stringMatching(/^[0-9a-f-]{36}$/) };

test('api: UpdateStateMachine.stateMachineArn accept: a machine', async () => {
  const { answer } = await update({ definition: second });
  expect(answer).toEqual(accepted);
  expect(modelProblems('UpdateStateMachineOutput', answer)).toEqual([]);
});

test.each(
  badMachineArns(['a version', 'arn:aws:states:us-east-1:111111111111:stateMachine:m:1', 'StateMachineDoesNotExist']),
)('api: UpdateStateMachine.stateMachineArn refuse: %s', async (_what, stateMachineArn, code) => {
  const { states } = await aVersionedMachine();
  const input = { stateMachineArn, definition: second };
  await expect(states.call('UpdateStateMachine', input)).rejects.toMatchObject({ code });
});

test('api: UpdateStateMachine.stateMachineArn refuse: a machine that is being deleted', async () => {
  const { states } = await aVersionedMachine();
  const stateMachineArn = await states.create({ StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 9, End: true } } });
  await states.start(stateMachineArn);
  await states.call('DeleteStateMachine', { stateMachineArn });
  await expect(states.call('UpdateStateMachine', { stateMachineArn, definition: second })).rejects.toMatchObject({
    code: 'StateMachineDeleting',
  });
});

test('api: UpdateStateMachine.stateMachineArn effect: this machine changes, no other one', async () => {
  const { states, machine } = await aVersionedMachine();
  const other = await states.create(revision(1), 'other');
  await states.call('UpdateStateMachine', { stateMachineArn: machine, definition: second });
  expect(await states.output(await states.start(other))).toBe(1);
});

test('api: UpdateStateMachine.definition accept: a machine of the language', async () => {
  expect((await update({ definition: second })).answer).toEqual(accepted);
});

test.each([
  ['{', 'InvalidDefinition'],
  ['{}', 'InvalidDefinition'],
  ['', 'ValidationException'],
])('api: UpdateStateMachine.definition refuse: %j', async (definition, code) => {
  await expect(update({ definition })).rejects.toMatchObject({ code });
});

test('api: UpdateStateMachine.definition refuse: what an express machine cannot do', async () => {
  const { states } = await aVersionedMachine();
  const stateMachineArn = await createExpress(states, revision(1));
  const Parameters = { FunctionName: 'f' };
  const wait = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken', Parameters, End: true };
  const definition = JSON.stringify({ StartAt: 'W', States: { W: wait } });
  await expect(states.call('UpdateStateMachine', { stateMachineArn, definition })).rejects.toMatchObject({
    code: 'InvalidDefinition',
  });
});

test('api: UpdateStateMachine.definition effect: later executions run it, each change is a revision', async () => {
  const { states, machine, answer } = await update({ definition: second });
  expect(await states.output(await states.start(machine))).toBe(2);
  const again = await states.call('UpdateStateMachine', { stateMachineArn: machine, definition: second });
  expect(again.revisionId).toBe(answer.revisionId);
  const third = JSON.stringify(revision(3));
  const changed = await states.call('UpdateStateMachine', { stateMachineArn: machine, definition: third });
  expect(changed.revisionId).not.toBe(answer.revisionId);
});

test('what is not given stays; nothing at all is refused', async () => {
  expect(await described({ roleArn: `${roleArn}2` })).toMatchObject({ definition: JSON.stringify(revision(1)) });
  await expect(update({ publish: true })).rejects.toMatchObject({ code: 'MissingRequiredParameter' });
});

test('api: UpdateStateMachine.roleArn accept: a role', async () => {
  expect((await update({ roleArn: `${roleArn}2` })).answer).toEqual(accepted);
});

test('api: UpdateStateMachine.roleArn refuse: no role', async () => {
  await expect(update({ roleArn: 'r' })).rejects.toMatchObject({ code: 'InvalidArn' });
});

test('api: UpdateStateMachine.roleArn effect: it is described', async () => {
  expect(await described({ roleArn: `${roleArn}2` })).toMatchObject({ roleArn: `${roleArn}2` });
});

test('api: UpdateStateMachine.loggingConfiguration accept: a log group', async () => {
  expect((await update({ loggingConfiguration: logging })).answer).toEqual(accepted);
});

test('api: UpdateStateMachine.loggingConfiguration refuse: no destination', async () => {
  await expect(update({ loggingConfiguration: { level: 'ALL' } })).rejects.toMatchObject({
    code: 'InvalidLoggingConfiguration',
    message: 'Invalid Logging Configuration: Must specify exactly one Log Destination.',
  });
});

test('api: UpdateStateMachine.loggingConfiguration effect: it is described', async () => {
  expect(await described({ loggingConfiguration: logging })).toMatchObject({ loggingConfiguration: logging });
});

test('api: UpdateStateMachine.tracingConfiguration accept: on', async () => {
  expect((await update({ tracingConfiguration: { enabled: true } })).answer).toEqual(accepted);
});

test('api: UpdateStateMachine.tracingConfiguration refuse: nothing of it', async () => {
  await expect(update({ tracingConfiguration: {} })).rejects.toMatchObject({ code: 'InvalidTracingConfiguration' });
});

test('api: UpdateStateMachine.tracingConfiguration effect: it is described', async () => {
  const tracingConfiguration = { enabled: true };
  expect(await described({ tracingConfiguration })).toMatchObject({ tracingConfiguration });
});

test('api: UpdateStateMachine.encryptionConfiguration accept: the key of AWS', async () => {
  const { answer } = await update({ encryptionConfiguration: { type: 'AWS_OWNED_KEY' } });
  expect(answer).toEqual({ updateDate: expect.any(Number) });
});

test('api: UpdateStateMachine.encryptionConfiguration refuse: a key of one’s own', async () => {
  const encryptionConfiguration = { type: 'CUSTOMER_MANAGED_KMS_KEY', kmsKeyId: 'k' };
  await expect(update({ encryptionConfiguration })).rejects.toMatchObject({ code: 'KmsAccessDeniedException' });
});

test('api: UpdateStateMachine.encryptionConfiguration effect: it is described', async () => {
  const encryptionConfiguration = { type: 'AWS_OWNED_KEY' };
  expect(await described({ encryptionConfiguration })).toMatchObject({ encryptionConfiguration });
});

test('api: UpdateStateMachine.publish accept: true', async () => {
  const { machine, answer } = await update({ definition: second, publish: true });
  expect(answer).toEqual({ ...accepted, stateMachineVersionArn: `${machine}:1` });
});

test('api: UpdateStateMachine.publish refuse: neither true nor false', async () => {
  await expect(update({ definition: second, publish: 'yes' })).rejects.toMatchObject({ code: 'ValidationException' });
});

test('api: UpdateStateMachine.publish effect: a revision is published once, also the first one', async () => {
  const same = { definition: JSON.stringify(revision(1)), publish: true };
  const { states, machine, answer } = await update(same);
  expect(answer).toEqual({ updateDate: expect.any(Number), stateMachineVersionArn: `${machine}:1` });
  const again = await states.call('UpdateStateMachine', { stateMachineArn: machine, ...same });
  expect(again.stateMachineVersionArn).toBe(`${machine}:1`);
  const next = { stateMachineArn: machine, definition: second, publish: true };
  expect(await states.call('UpdateStateMachine', next)).toMatchObject({ stateMachineVersionArn: `${machine}:2` });
});

test('api: UpdateStateMachine.versionDescription accept: a text', async () => {
  const { answer } = await update({ definition: second, publish: true, versionDescription: 'd' });
  expect(answer).toMatchObject(accepted);
});

test('api: UpdateStateMachine.versionDescription refuse: without a version', async () => {
  await expect(update({ definition: second, versionDescription: 'd' })).rejects.toMatchObject({
    code: 'ValidationException',
    message: 'Version description can only be set when publish is true',
  });
});

test('api: UpdateStateMachine.versionDescription effect: the version has it', async () => {
  const { states, machine } = await update({ definition: second, publish: true, versionDescription: 'd' });
  const version = await states.call('DescribeStateMachine', { stateMachineArn: `${machine}:1` });
  expect(version).toMatchObject({ description: 'd' });
});
