import { expect, test } from 'vitest';
import { testRole, testState } from '../../../../builders/a-state-test.ts';
import { aStatesPart, functionArn, machineOf } from '../../../../builders/a-states-part.ts';

// Messages are those of AWS, as LocalStack's TestState snapshots recorded them, where there is a recording;
// rules from https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html.

const pass = { Type: 'Pass', End: true };
const processor = machineOf({ Do: pass });
const map = { Type: 'Map', ItemProcessor: processor, End: true };
const parallel = { Type: 'Parallel', Branches: [processor], End: true };
const integrated = (resource: string, Parameters: object) => ({
  Type: 'Task',
  Resource: `arn:aws:states:::${resource}`,
  Parameters,
  End: true,
});
const invoke = integrated('lambda:invoke', { FunctionName: 'f' });
const start = integrated('states:startExecution', { StateMachineArn: 'arn' });
const needsMock =
  'TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]';

test.each([
  ['a Map without a mock', map, {}, 'InvalidDefinition', needsMock],
  ['a Parallel without a mock', parallel, {}, 'InvalidDefinition', needsMock],
  [
    'a mock of a Pass state',
    pass,
    { result: 1 },
    'ValidationException',
    "State type 'Pass' is not supported when a mock is specified",
  ],
  [
    'a mock of a Fail state',
    { Type: 'Fail' },
    { mock: { errorOutput: { error: 'E' } } },
    'ValidationException',
    "State type 'Fail' is not supported when a mock is specified",
  ],
  [
    'result and error at once',
    invoke,
    { mock: { result: '{}', errorOutput: { error: 'E' } } },
    'ValidationException',
    'A test mock should have only one of the following fields: [result, errorOutput].',
  ],
  [
    'secrets of a mock',
    invoke,
    { result: {}, revealSecrets: true },
    'ValidationException',
    'TestState does not support RevealSecrets when a mock is specified.',
  ],
  [
    'a mock that is no JSON',
    invoke,
    { mock: { result: '{' } },
    'ValidationException',
    'Mocked result must be valid JSON',
  ],
  ['a Map result that is no array', map, { result: {} }, 'ValidationException', 'Mocked result must be an array.'],
  [
    'a Parallel result that is no array',
    parallel,
    { result: {} },
    'ValidationException',
    'Mocked result must be an array.',
  ],
  [
    'too many results of branches',
    parallel,
    { result: [1, 2] },
    'ValidationException',
    'Mocked result must contain the same number of items as number of Parallel branches.',
  ],
  [
    'a task without a role',
    { Type: 'Task', Resource: functionArn('f'), End: true },
    {},
    'ValidationException',
    'RoleArn must be specified when testing a Task state',
  ],
  [
    'an unknown state',
    machineOf({ A: pass }),
    { stateName: 'B' },
    'ValidationException',
    'State not found in definition',
  ],
])('%s is refused', async (_what, definition, request, code, message) => {
  await expect(testState(aStatesPart(), definition, request)).rejects.toMatchObject({ code, message });
});

test.each([
  ['a token', integrated('lambda:invoke.waitForTaskToken', { FunctionName: 'f' })],
  ['a child execution', integrated('states:startExecution.sync', { StateMachineArn: 'arn' })],
])('a task that waits for %s needs a mock', async (_what, definition) => {
  await expect(testState(aStatesPart(), definition, { roleArn: testRole })).rejects.toMatchObject({
    code: 'ValidationException',
  });
});

test.each([
  ['a wrong state', { Type: 'Pass', Ende: true }, {}],
  ['a state of no type', {}, {}],
  ['a machine with a fault elsewhere', machineOf({ A: pass, B: { Type: 'Pass', Next: 'None' } }), { stateName: 'A' }],
])('%s is no definition', async (_what, definition, request) => {
  await expect(testState(aStatesPart(), definition, request)).rejects.toMatchObject({ code: 'InvalidDefinition' });
});

test.each(['{', '1', '"text"', `${'['.repeat(5_000)}${']'.repeat(5_000)}`])(
  'the text %j is no definition',
  async (definition) => {
    await expect(aStatesPart().call('TestState', { definition })).rejects.toMatchObject({ code: 'InvalidDefinition' });
  },
);

test('input that is no JSON is refused', async () => {
  const definition = JSON.stringify(pass);
  await expect(aStatesPart().call('TestState', { definition, input: '{' })).rejects.toMatchObject({
    code: 'InvalidExecutionInput',
  });
});

const field = (said: string) => `Mock result schema validation error: ${said}`;

test.each([
  ['StatusCode as text', invoke, { StatusCode: '200' }, field("Field 'StatusCode' must be a number")],
  ['no ExecutionArn', start, {}, field("Required field 'ExecutionArn' is missing")],
  ['executionArn', start, { executionArn: 'a', startDate: 'b' }, field("Required field 'ExecutionArn' is missing")],
  ['StartDate as a number', start, { ExecutionArn: 'a', StartDate: 1 }, field("Field 'StartDate' must be a string")],
  [
    'MessageId as a number',
    integrated('sqs:sendMessage', { QueueUrl: 'q', MessageBody: 'b' }),
    { MessageId: 1 },
    field("Field 'MessageId' must be a string"),
  ],
  [
    'a status that is none',
    integrated('states:startExecution.sync:2', { StateMachineArn: 'arn' }),
    { ExecutionArn: 'a', StateMachineArn: 'b', StartDate: 'c', Status: 'FINE' },
    field("Field 'Status' is not an expected value"),
  ],
])('a mocked result is compared with the API model: %s', async (_what, definition, result, message) => {
  await expect(testState(aStatesPart(), definition, { result })).rejects.toMatchObject({
    code: 'ValidationException',
    message,
  });
  const mock = { result: JSON.stringify(result), fieldValidationMode: 'NONE' };
  expect(await testState(aStatesPart(), definition, { mock })).toMatchObject({ status: 'SUCCEEDED', output: result });
});

test('PRESENT asks for no field, but looks at those that are there', async () => {
  const mock = { result: '{}', fieldValidationMode: 'PRESENT' };
  expect(await testState(aStatesPart(), start, { mock })).toMatchObject({ status: 'SUCCEEDED', output: {} });
  await expect(
    testState(aStatesPart(), start, { mock: { ...mock, result: '{"ExecutionArn":1}' } }),
  ).rejects.toMatchObject({ message: field("Field 'ExecutionArn' must be a string") });
});

test('fields that the API model does not know are not looked at', async () => {
  expect(await testState(aStatesPart(), invoke, { result: { random: 'json' } })).toMatchObject({
    output: { random: 'json' },
  });
});

test.each([
  [{ Execution: { Id: 1 } }, 'Execution.Id must be a string'],
  [{ Map: {} }, "'Map' field is not supported when mocking a Context object"],
  [{ Execution: { pokemon: 1 } }, "Field 'pokemon' is not allowed"],
  [{ Pokedex: {} }, "Field 'Pokedex' is not allowed"],
  [
    { Task: { Token: 't' } },
    "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern",
  ],
])('the context object %j is refused', async (context, message) => {
  await expect(
    testState(aStatesPart(), invoke, { result: {}, context: JSON.stringify(context) }),
  ).rejects.toMatchObject({ code: 'ValidationException', message: `Invalid Context object provided: ${message}` });
});

test.each([{}, { Execution: {}, State: {}, StateMachine: {} }, { Execution: { Name: 'n', Input: [1] } }])(
  'the context object %j is taken as it is',
  async (context) => {
    const definition = { ...invoke, ResultSelector: { 'c.$': '$$' } };
    expect(await testState(aStatesPart(), definition, { result: {}, context: JSON.stringify(context) })).toMatchObject({
      output: { c: context },
    });
  },
);

test('a context object without a mock is refused', async () => {
  await expect(testState(aStatesPart(), pass, { context: '{}' })).rejects.toMatchObject({
    code: 'ValidationException',
  });
});

test.each([
  [map, 'Do', 'FAILED'],
  [parallel, 'Do', 'FAILED'],
  [map, 'Nobody', undefined],
  [invoke, 'Do', undefined],
])('an error can only come from a state inside: %#', async (definition, errorCausedByState, status) => {
  const request = { input: [1], mock: { errorOutput: { error: 'E' } }, stateConfiguration: { errorCausedByState } };
  const told = testState(aStatesPart(), definition, request);
  if (status !== undefined) expect(await told).toEqual({ status, error: 'E' });
  else await expect(told).rejects.toMatchObject({ code: 'ValidationException' });
});

test('more failures than items are refused', async () => {
  const stateConfiguration = { mapIterationFailureCount: 3 };
  await expect(testState(aStatesPart(), map, { input: [1, 2], result: [], stateConfiguration })).rejects.toMatchObject({
    code: 'ValidationException',
  });
});
