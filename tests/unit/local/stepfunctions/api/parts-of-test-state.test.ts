import { expect, test } from 'vitest';
import { testState } from '../../../../builders/a-state-test.ts';
import { aStatesPart, functionArn, machineOf } from '../../../../builders/a-states-part.ts';

const task = { Type: 'Task', Resource: functionArn('f'), End: true };
const invoke = { ...task, Resource: 'arn:aws:states:::lambda:invoke', Parameters: { FunctionName: 'f' } };
const retrying = { ...task, Retry: [{ ErrorEquals: ['E'], MaxAttempts: 2, IntervalSeconds: 7, BackoffRate: 1 }] };
const errorOutput = { error: 'E', cause: 'c' };

const ask = (definition: object, request: Record<string, unknown>) => testState(aStatesPart(), definition, request);
const refused = { code: 'ValidationException' };

test.each(['1', 'null', '{"a":[]}'])('api: MockInput.result accept: %s', async (result) => {
  expect(await ask(task, { mock: { result } })).toMatchObject({ status: 'SUCCEEDED' });
});

test.each(['', '{', JSON.stringify('x'.repeat(262_144))])('api: MockInput.result refuse: %.20j', async (result) => {
  await expect(ask(task, { mock: { result } })).rejects.toMatchObject(refused);
});

test('api: MockInput.result effect: it is the result of the work', async () => {
  expect(await ask(task, { mock: { result: '{"a":1}' } })).toMatchObject({ output: { a: 1 } });
});

test.each([{ error: 'E' }, errorOutput])('api: MockInput.errorOutput accept: %j', async (given) => {
  expect(await ask(task, { mock: { errorOutput: given } })).toMatchObject({ status: 'FAILED' });
});

test.each([{}, { cause: 'c' }, 'E'])('api: MockInput.errorOutput refuse: %j', async (given) => {
  await expect(ask(task, { mock: { errorOutput: given } })).rejects.toMatchObject(refused);
});

test('api: MockInput.errorOutput effect: the work fails with it', async () => {
  expect(await ask(task, { mock: { errorOutput } })).toEqual({ status: 'FAILED', ...errorOutput });
});

const wrongResult = '{"StatusCode":"200"}';

test.each(['STRICT', 'PRESENT', 'NONE'])('api: MockInput.fieldValidationMode accept: %s', async (mode) => {
  const mock = { result: '{"ExecutedVersion":"1","Payload":{},"StatusCode":200}', fieldValidationMode: mode };
  expect(await ask(invoke, { mock })).toMatchObject({ status: 'SUCCEEDED' });
});

test('api: MockInput.fieldValidationMode refuse: another word', async () => {
  await expect(ask(invoke, { mock: { result: '{}', fieldValidationMode: 'SOME' } })).rejects.toMatchObject(refused);
});

test('api: MockInput.fieldValidationMode effect: what the service cannot answer is let through by NONE only', async () => {
  const withMode = (fieldValidationMode: string) => ask(invoke, { mock: { result: wrongResult, fieldValidationMode } });
  await expect(withMode('STRICT')).rejects.toMatchObject(refused);
  await expect(withMode('PRESENT')).rejects.toMatchObject(refused);
  expect(await withMode('NONE')).toMatchObject({ status: 'SUCCEEDED' });
});

const LIMITS = { error: 256, cause: 32_768 };

test.each(Object.entries(LIMITS))('api: MockErrorOutput.%s accept: %i characters', async (member, most) => {
  const given = { ...errorOutput, [member]: 'x'.repeat(most) };
  expect(await ask(task, { mock: { errorOutput: given } })).toMatchObject(given);
});

test.each(Object.entries(LIMITS))('api: MockErrorOutput.%s refuse: more than %i characters', async (member, most) => {
  const given = { ...errorOutput, [member]: 'x'.repeat(most + 1) };
  await expect(ask(task, { mock: { errorOutput: given } })).rejects.toMatchObject(refused);
});

test.each(['error', 'cause'])('api: MockErrorOutput.%s effect: it is told, and caught', async (member) => {
  const catching = { ...task, Catch: [{ ErrorEquals: ['E'], Next: 'Then' }] };
  expect(await ask(task, { mock: { errorOutput } })).toHaveProperty(member);
  expect(await ask(catching, { mock: { errorOutput } })).toMatchObject({
    status: 'CAUGHT_ERROR',
    nextState: 'Then',
    output: { Error: 'E', Cause: 'c' },
  });
});

const configured = (definition: object, stateConfiguration: object, more: object = {}) =>
  ask(definition, { mock: { errorOutput }, stateConfiguration, ...more });

test.each([0, 1, 100])('api: TestStateConfiguration.retrierRetryCount accept: %i', async (retrierRetryCount) => {
  expect(await configured(retrying, { retrierRetryCount })).toMatchObject({ error: 'E' });
});

test.each([-1, 0.5, '1'])('api: TestStateConfiguration.retrierRetryCount refuse: %j', async (retrierRetryCount) => {
  await expect(configured(retrying, { retrierRetryCount })).rejects.toMatchObject(refused);
});

test('api: TestStateConfiguration.retrierRetryCount effect: so many attempts are behind', async () => {
  expect(await configured(retrying, { retrierRetryCount: 1 })).toMatchObject({ status: 'RETRIABLE' });
  expect(await configured(retrying, { retrierRetryCount: 2 })).toMatchObject({ status: 'FAILED' });
});

const each = { Type: 'Map', ItemProcessor: machineOf({ Do: task }), End: true };
const ofItems = { input: [1, 2] };

test('api: TestStateConfiguration.errorCausedByState accept: a state inside', async () => {
  expect(await configured(each, { errorCausedByState: 'Do' }, ofItems)).toMatchObject({ status: 'FAILED' });
});

test.each(['', 'Elsewhere', 'x'.repeat(81)])(
  'api: TestStateConfiguration.errorCausedByState refuse: %j',
  async (errorCausedByState) => {
    await expect(configured(each, { errorCausedByState }, ofItems)).rejects.toMatchObject(refused);
  },
);

test('api: TestStateConfiguration.errorCausedByState effect: the error comes through the state around it', async () => {
  const caught = { ...each, Catch: [{ ErrorEquals: ['E'], Next: 'Then' }] };
  const told = await configured(caught, { errorCausedByState: 'Do' }, ofItems);
  expect(told).toMatchObject({ status: 'CAUGHT_ERROR', nextState: 'Then', output: { Error: 'E' } });
});

const tolerant = {
  ...each,
  ToleratedFailureCount: 1,
  ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, ...each.ItemProcessor },
};
const mapped = { ...ofItems, mock: { result: '[0,0]' } };

test.each([0, 1, 2])('api: TestStateConfiguration.mapIterationFailureCount accept: %i', async (count) => {
  expect(await configured(tolerant, { mapIterationFailureCount: count }, mapped)).toHaveProperty('status');
});

test.each([-1, 0.5, 3])('api: TestStateConfiguration.mapIterationFailureCount refuse: %j', async (count) => {
  const answer = configured(tolerant, { mapIterationFailureCount: count }, mapped);
  await expect(answer).rejects.toMatchObject(refused);
});

test('api: TestStateConfiguration.mapIterationFailureCount effect: more failed items than are tolerated fail the Map', async () => {
  const after = (count: number) => configured(tolerant, { mapIterationFailureCount: count }, mapped);
  expect(await after(1)).toMatchObject({ status: 'SUCCEEDED' });
  expect(await after(2)).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
});

const reading = {
  ...tolerant,
  ItemReader: {
    Resource: 'arn:aws:states:::s3:getObject',
    ReaderConfig: { InputType: 'JSON' },
    Parameters: { Bucket: 'b', Key: 'k' },
  },
  ItemSelector: { 'n.$': '$$.Map.Item.Value' },
};
const traced = { ...mapped, inspectionLevel: 'DEBUG' };

test.each(['[1,2]', '[]'])('api: TestStateConfiguration.mapItemReaderData accept: %s', async (mapItemReaderData) => {
  expect(await configured(reading, { mapItemReaderData }, mapped)).toHaveProperty('status');
});

test('api: TestStateConfiguration.mapItemReaderData refuse: more than 262144 characters', async () => {
  const answer = configured(reading, { mapItemReaderData: JSON.stringify('x'.repeat(262_144)) }, mapped);
  await expect(answer).rejects.toMatchObject(refused);
});

test('api: TestStateConfiguration.mapItemReaderData effect: the items are in it', async () => {
  expect(await configured(reading, { mapItemReaderData: '[7]' }, traced)).toMatchObject({
    seen: { afterItemSelector: [{ n: 7 }] },
  });
});
