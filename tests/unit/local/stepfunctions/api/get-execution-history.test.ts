import { expect, test } from 'vitest';
import { type AList, provePaging } from '../../../../builders/a-list.ts';
import { aStatesPart } from '../../../../builders/a-states-part.ts';
import { aFailed, aRunning, proveExecutionArn, type RunningStates } from '../../../../builders/an-execution.ts';
import { modelProblems } from '../../../../builders/api-model.ts';

proveExecutionArn('GetExecutionHistory', aRunning);

/** An execution with so many events: Pass states write two each, and it waits at the end of them. */
const withEvents = async (count: number): Promise<AList> => {
  const states = aStatesPart();
  const passes = Array.from({ length: Math.max(0, Math.floor((count - 2) / 2)) }, (_, at) => [
    `P${at}`,
    { Type: 'Pass', Next: `P${at + 1}` },
  ]);
  const last = [`P${passes.length}`, { Type: 'Wait', Seconds: 1, End: true }];
  const machine = { StartAt: 'P0', States: Object.fromEntries([...passes, last]) };
  const arn = await states.run(machine);
  return { states, input: { executionArn: arn }, add: () => states.call('StopExecution', { executionArn: arn }) };
};

const history = (states: RunningStates, more: object = {}): Promise<Record<string, unknown>> =>
  states.call('GetExecutionHistory', { executionArn: states.arn, ...more });

const typesOf = ({ events }: Record<string, unknown>): unknown[] => [events].flat().map((each) => Object(each).type);

test('api: GetExecutionHistory.executionArn effect: the events of this execution', async () => {
  const page = await history(await aFailed());
  expect(modelProblems('GetExecutionHistoryOutput', page)).toEqual([]);
  expect(typesOf(page)).toEqual([
    'ExecutionStarted',
    'TaskStateEntered',
    'LambdaFunctionScheduled',
    'LambdaFunctionStarted',
    'LambdaFunctionFailed',
    'ExecutionFailed',
  ]);
});

test.each([true, false])('api: GetExecutionHistory.reverseOrder accept: %j', async (reverseOrder) => {
  await expect(history(await aRunning(), { reverseOrder })).resolves.toHaveProperty('events');
});

test.each(['true', 1])('api: GetExecutionHistory.reverseOrder refuse: %j', async (reverseOrder) => {
  await expect(history(await aRunning(), { reverseOrder })).rejects.toMatchObject({ code: 'ValidationException' });
});

test('api: GetExecutionHistory.reverseOrder effect: the last event comes first, also over pages that others follow', async () => {
  const states = await aFailed();
  const first = await history(states, { reverseOrder: true, maxResults: 4 });
  expect(typesOf(first)[0]).toBe('ExecutionFailed');
  await states.call('RedriveExecution', { executionArn: states.arn });
  const { nextToken } = first;
  const second = await history(states, { reverseOrder: true, maxResults: 4, nextToken });
  expect(typesOf(second)).toEqual(['TaskStateEntered', 'ExecutionStarted']);
  expect(second).not.toHaveProperty('nextToken');
  await expect(history(states, { nextToken })).rejects.toMatchObject({ code: 'InvalidToken' });
});

test.each([true, false])('api: GetExecutionHistory.includeExecutionData accept: %j', async (includeExecutionData) => {
  await expect(history(await aRunning(), { includeExecutionData })).resolves.toHaveProperty('events');
});

test.each(['no', 0])('api: GetExecutionHistory.includeExecutionData refuse: %j', async (includeExecutionData) => {
  await expect(history(await aRunning(), { includeExecutionData })).rejects.toMatchObject({
    code: 'ValidationException',
  });
});

test('api: GetExecutionHistory.includeExecutionData effect: without it events tell no input or output, and all else', async () => {
  const states = await aFailed();
  const withData = await history(states);
  const without = await history(states, { includeExecutionData: false });
  expect(JSON.stringify(withData)).toContain('\\"a\\":1');
  expect(JSON.stringify(without)).not.toContain('\\"a\\":1');
  expect(typesOf(without)).toEqual(typesOf(withData));
  expect(JSON.stringify(without)).toContain('Broken');
});

provePaging('GetExecutionHistory', withEvents);
