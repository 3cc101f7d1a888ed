import { expect, test } from 'vitest';
import { itemsOf } from '../../../../builders/a-restart.ts';
import { aStatesPart, machineOf } from '../../../../builders/a-states-part.ts';
import {
  aFailed,
  aRunning,
  oneTask,
  proveExecutionArn,
  type RunningStates,
} from '../../../../builders/an-execution.ts';
import { memoryJournal } from '../../../../builders/memory-journal.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

proveExecutionArn('RedriveExecution', aFailed);

const redrive = (states: RunningStates, clientToken?: unknown): Promise<Record<string, unknown>> =>
  states.call('RedriveExecution', { executionArn: states.arn, ...(clientToken !== undefined && { clientToken }) });

const refusal = (states: RunningStates, reason: string): object => ({
  code: 'ExecutionNotRedrivable',
  message: `Execution ${states.arn} invalid for redrive as: ${reason}`,
});

test('api: RedriveExecution.executionArn effect: the execution goes on', async () => {
  const states = await aFailed();
  expect(await redrive(states)).toEqual({ redriveDate: states.clock.nowMs() / 1000 });
  expect(await states.describe(states.arn)).toMatchObject({ status: 'RUNNING', redriveCount: 1 });
});

test('api: RedriveExecution.executionArn refuse: one that runs, and one that has succeeded', async () => {
  const states = await aRunning();
  await expect(redrive(states)).rejects.toMatchObject(refusal(states, 'Execution is RUNNING and cannot be redriven'));
  states.invocations[0]?.succeed(1);
  await states.settle();
  const reason = 'Execution is SUCCEEDED and cannot be redriven';
  await expect(redrive(states)).rejects.toMatchObject(refusal(states, reason));
  expect(await states.describe(states.arn)).toMatchObject({
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: reason,
  });
});

test('api: RedriveExecution.executionArn refuse: one that ended fourteen days ago', async () => {
  const states = await aFailed();
  await states.clock.advance(14 * DAY_MS - 1);
  expect(await states.describe(states.arn)).toMatchObject({ redriveStatus: 'REDRIVABLE' });
  await states.clock.advance(1);
  await expect(redrive(states)).rejects.toMatchObject(refusal(states, 'Execution redrivable period exceeded'));
});

test('api: RedriveExecution.executionArn refuse: one that started a year ago', async () => {
  const states = await aRunning();
  await states.clock.advance(360 * DAY_MS);
  states.invocations.shift()?.fail('Broken');
  await states.settle();
  await states.clock.advance(5 * DAY_MS);
  await expect(redrive(states)).rejects.toMatchObject(refusal(states, 'Execution has exceeded the max execution time'));
});

test('api: RedriveExecution.executionArn refuse: one whose history is full', async () => {
  const states = await aRunning();
  const endless = { Type: 'Choice', Choices: [{ Variable: '$.a', IsPresent: true, Next: 'A' }], Default: 'End' };
  const arn = await states.run(machineOf({ A: endless, End: { Type: 'Succeed' } }), { a: 1 });
  const reason = 'Execution history event limit exceeded';
  await expect(redrive({ ...states, arn })).rejects.toMatchObject(refusal({ ...states, arn }, reason));
});

test('api: RedriveExecution.executionArn refuse: one that was redriven a thousand times', async () => {
  const states = await aFailed();
  const items = [itemsOf(states)].flat().map((item) => {
    const isExecution = Object(item).item === 'execution';
    return isExecution ? { ...Object(item), redrives: { count: 1000, atMs: 0, asked: [] } } : item;
  });
  const often = aStatesPart({ isFolded: false, journal: states.journal });
  for (const item of items) often.part.restore(item);
  await expect(redrive({ ...states, ...often })).rejects.toMatchObject({ code: 'ExecutionLimitExceeded' });
});

test('api: RedriveExecution.executionArn refuse: one of a machine that is being deleted', async () => {
  const states = await aFailed();
  await states.start(states.machineArn, {}, 'other');
  await states.call('DeleteStateMachine', { stateMachineArn: states.machineArn });
  await expect(redrive(states)).rejects.toMatchObject(refusal(states, 'State machine is in DELETING status'));
});

test('api: RedriveExecution.executionArn refuse: one whose history is no longer kept', async () => {
  const states = await aFailed();
  const read = async (): Promise<never> => {
    throw Object.assign(new Error('gone'), { name: 'RecordGone' });
  };
  const records = states.journal.records().map(({ record }) => record);
  const later = { ...states, ...aStatesPart({ journal: { ...memoryJournal(records), read } }) };
  await expect(redrive(later)).rejects.toMatchObject(refusal(later, 'Execution history is no longer kept'));
  expect(await later.describe(states.arn)).toMatchObject({ status: 'FAILED' });
});

test('api: RedriveExecution.executionArn effect: time for all of it, and for its task, begins anew', async () => {
  const states = await aRunning();
  const machineArn = await states.create({ ...oneTask, TimeoutSeconds: 100 }, 'timed');
  const arn = await states.start(machineArn);
  await states.clock.advance(100_000);
  expect(await states.describe(arn)).toMatchObject({ status: 'TIMED_OUT' });
  await redrive({ ...states, arn });
  await states.clock.advance(99_999);
  expect(await states.describe(arn)).toMatchObject({ status: 'RUNNING' });
  await states.clock.advance(1);
  expect(await states.describe(arn)).toMatchObject({ status: 'TIMED_OUT', redriveCount: 1 });
});

test('api: RedriveExecution.executionArn effect: the context tells how often and when, a new definition nothing', async () => {
  const states = await aRunning();
  const definition = (value: string): object => ({
    StartAt: 'A',
    States: {
      A: {
        ...Object(Object(oneTask).States).A,
        Parameters: { 'at.$': '$$.Execution', 'entered.$': '$$.State.EnteredTime', value },
      },
    },
  });
  const machineArn = await states.create(definition('old'), 'told');
  const arn = await states.start(machineArn);
  await states.settle();
  states.invocations.at(-1)?.fail('Broken');
  await states.settle();
  await states.clock.advance(1000);
  const changed = { stateMachineArn: machineArn, definition: JSON.stringify(definition('new')) };
  await states.call('UpdateStateMachine', changed);
  await redrive({ ...states, arn });
  await states.settle();
  expect(states.invocations.at(-1)?.payload).toMatchObject({
    at: { RedriveCount: 1, RedriveTime: '2026-01-01T00:00:01.000Z', StartTime: '2026-01-01T00:00:00.000Z' },
    entered: '2026-01-01T00:00:00.000Z',
    value: 'old',
  });
});

test.each(['a', '!', '~'.repeat(64)])('api: RedriveExecution.clientToken accept: %s', async (clientToken) => {
  await expect(redrive(await aFailed(), clientToken)).resolves.toHaveProperty('redriveDate');
});

test.each(['', 'x'.repeat(65), 'a b', 'é', 1])('api: RedriveExecution.clientToken refuse: %j', async (clientToken) => {
  await expect(redrive(await aFailed(), clientToken)).rejects.toMatchObject({ code: 'ValidationException' });
});

const failAgain = async (states: RunningStates): Promise<void> => {
  states.invocations.shift()?.fail('Broken');
  await states.settle();
};

test('api: RedriveExecution.clientToken effect: a request is repeated harmlessly, whatever has become of the execution', async () => {
  const states = await aFailed();
  const first = await redrive(states, 'one');
  await states.clock.advance(1000);
  expect(await redrive(states, 'one')).toEqual(first);
  await expect(redrive(states, 'two')).rejects.toMatchObject({ code: 'ExecutionNotRedrivable' });
  await failAgain(states);
  expect(await redrive(states, 'one')).toEqual(first);
  expect(await states.describe(states.arn)).toMatchObject({ status: 'FAILED', redriveCount: 1 });
  const second = await redrive(states, 'two');
  expect(second).not.toEqual(first);
  expect(await redrive(states, 'one')).toEqual(first);
  states.invocations.shift()?.succeed(1);
  await states.settle();
  expect(await redrive(states, 'two')).toEqual(second);
  await expect(redrive(states, 'three')).rejects.toMatchObject({ code: 'ExecutionNotRedrivable' });
  expect(await states.describe(states.arn)).toMatchObject({ status: 'SUCCEEDED', redriveCount: 2 });
});

test('api: RedriveExecution.clientToken effect: it is known for fifteen minutes, and as long as it is among the last ten', async () => {
  const states = await aFailed();
  const first = await redrive(states, 't0');
  await states.clock.advance(MINUTE_MS * 15 - 1);
  expect(await redrive(states, 't0')).toEqual(first);
  await failAgain(states);
  await states.clock.advance(1);
  expect(await redrive(states, 't0')).not.toEqual(first);
  for (let at = 1; at <= 10; at++) {
    await failAgain(states);
    await redrive(states, `t${at}`);
  }
  await expect(redrive(states, 't0')).rejects.toMatchObject({ code: 'ExecutionNotRedrivable' });
  expect(await redrive(states, 't1')).toEqual({ redriveDate: states.clock.nowMs() / 1000 });
});

test('api: RedriveExecution.clientToken effect: of two requests at the same time one redrives', async () => {
  const states = await aFailed();
  const both = await Promise.all([redrive(states, 'same'), redrive(states, 'same')]);
  expect(both[0]).toEqual(both[1]);
  expect(await states.describe(states.arn)).toMatchObject({ redriveCount: 1 });
  // The secret, the machine, the start, the failure, and one redrive.
  expect(states.journal.records()).toHaveLength(5);
});
