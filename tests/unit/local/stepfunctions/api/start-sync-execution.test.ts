import { expect, test } from 'vitest';
import { aStatesPart, machineOf } from '../../../../builders/a-states-part.ts';
import { badMachineArns, revision } from '../../../../builders/a-versioned-machine.ts';
import { createExpress, startSync } from '../../../../builders/an-express-machine.ts';
import { modelProblems } from '../../../../builders/api-model.ts';

const echo = machineOf({ A: { Type: 'Pass', End: true } });

/** Runs an express machine that gives its input. */
const run = async (input: object): Promise<Record<string, unknown>> => {
  const states = aStatesPart();
  return startSync(states, await createExpress(states, echo), input);
};

test('api: StartSyncExecution.stateMachineArn accept: an express machine', async () => {
  const answer = await run({});
  expect(answer).toMatchObject({ status: 'SUCCEEDED', output: '{}' });
  expect(modelProblems('StartSyncExecutionOutput', answer)).toEqual([]);
});

test.each(
  badMachineArns(['no version', 'arn:aws:states:us-east-1:111111111111:stateMachine:m:9', 'StateMachineDoesNotExist']),
)('api: StartSyncExecution.stateMachineArn refuse: %s', async (_what, stateMachineArn, code) => {
  await expect(run({ stateMachineArn })).rejects.toMatchObject({ code });
});

test('api: StartSyncExecution.stateMachineArn refuse: a standard machine', async () => {
  const states = aStatesPart();
  await expect(startSync(states, await states.create(echo))).rejects.toMatchObject({
    code: 'StateMachineTypeNotSupported',
    message: 'This operation is not supported by this type of state machine',
  });
});

test('api: StartSyncExecution.stateMachineArn effect: it is what runs, also a version of it', async () => {
  const states = aStatesPart();
  const machine = await createExpress(states, revision(1));
  await states.call('PublishStateMachineVersion', { stateMachineArn: machine });
  await states.call('UpdateStateMachine', { stateMachineArn: machine, definition: JSON.stringify(revision(2)) });
  const routingConfiguration = [{ stateMachineVersionArn: `${machine}:1`, weight: 100 }];
  await states.call('CreateStateMachineAlias', { name: 'live', routingConfiguration });
  for (const [qualifier, output] of [
    ['', '2'],
    [':1', '1'],
    [':live', '1'],
  ]) {
    expect(await startSync(states, `${machine}${qualifier}`)).toMatchObject({ stateMachineArn: machine, output });
  }
});

test.each(['e', 'x'.repeat(80)])('api: StartSyncExecution.name accept: %s', async (name) => {
  expect(await run({ name })).toMatchObject({ name });
});

test.each(['', 'a b', 'x'.repeat(81)])('api: StartSyncExecution.name refuse: %j', async (name) => {
  await expect(run({ name })).rejects.toMatchObject({ code: 'InvalidName' });
});

test('api: StartSyncExecution.name effect: it is in the ARN; without one there is a new one', async () => {
  expect((await run({ name: 'one' })).executionArn).toMatch(/:express:quick:one:[0-9a-f-]{36}$/);
  const { name, executionArn } = await run({});
  expect(name).toMatch(/^[0-9a-f-]{36}$/);
  expect(executionArn).toContain(`:express:quick:${name}:`);
});

test.each(['{}', '1', 'null', '[1, 2]'])('api: StartSyncExecution.input accept: %s', async (input) => {
  expect(await run({ input })).toMatchObject({ input, output: JSON.stringify(JSON.parse(input)) });
});

test.each([
  ['nothing', ''],
  ['no JSON', 'not'],
  ['other quotes', "{'a':1}"],
  ['too much', JSON.stringify('x'.repeat(262_144))],
])('api: StartSyncExecution.input refuse: %s', async (_what, input) => {
  await expect(run({ input })).rejects.toMatchObject({ code: 'InvalidExecutionInput' });
});

test('api: StartSyncExecution.input effect: the machine gets it, and it is told as it was given', async () => {
  expect(await run({ input: '{ "a": 1 }' })).toMatchObject({ input: '{ "a": 1 }', output: '{"a":1}' });
});

test('api: StartSyncExecution.traceHeader accept: an X-Ray header', async () => {
  const traceHeader = 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1';
  expect(await run({ traceHeader })).toMatchObject({ status: 'SUCCEEDED' });
});

test.each([
  ['more than 256 characters', 'x'.repeat(257)],
  ['other letters', 'ü'],
])('api: StartSyncExecution.traceHeader refuse: %s', async (_what, traceHeader) => {
  await expect(run({ traceHeader })).rejects.toMatchObject({ code: 'ValidationException' });
});

test('api: StartSyncExecution.traceHeader effect: the answer has it', async () => {
  expect(await run({ traceHeader: 'Root=1-2-3' })).toMatchObject({ traceHeader: 'Root=1-2-3' });
});

test.each(['ALL_DATA', 'METADATA_ONLY'])('api: StartSyncExecution.includedData accept: %s', async (includedData) => {
  expect(await run({ includedData })).toMatchObject({ status: 'SUCCEEDED' });
});

test('api: StartSyncExecution.includedData refuse: another word', async () => {
  await expect(run({ includedData: 'NONE' })).rejects.toMatchObject({ code: 'ValidationException' });
});

test('api: StartSyncExecution.includedData effect: without data there is neither input nor output', async () => {
  const answer = await run({ input: '{"secret":1}', includedData: 'METADATA_ONLY' });
  expect(JSON.stringify(answer)).not.toContain('secret');
  expect(answer).toMatchObject({ inputDetails: { included: false }, outputDetails: { included: false } });
});
