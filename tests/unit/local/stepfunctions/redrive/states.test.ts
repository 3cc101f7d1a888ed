import { expect, test } from 'vitest';
import { expectSameAfterRestart } from '../../../../builders/a-restart.ts';
import { aStatesPart, functionArn, machineOf, type TestStates } from '../../../../builders/a-states-part.ts';

const redrive = (states: TestStates, executionArn: string): Promise<Record<string, unknown>> =>
  states.call('RedriveExecution', { executionArn });

/** Ends the test's oldest open call. */
const answer = async (states: TestStates, output: unknown): Promise<void> => {
  states.invocations.shift()?.succeed(output);
  await states.settle();
};
const fail = async (states: TestStates, error = 'Broken'): Promise<void> => {
  states.invocations.shift()?.fail(error);
  await states.settle();
};

const told = async (states: TestStates, executionArn: string): Promise<string[]> =>
  (await states.history(executionArn)).map(({ id, type, previousEventId }) => `${id} ${type} ${previousEventId}`);

const task = (fields: object = {}): object => ({ Type: 'Task', Resource: functionArn('f'), ...fields });

test('a failed task is run again with its input, from the event that entered it', async () => {
  const states = aStatesPart();
  const arn = await states.run(machineOf({ A: { Type: 'Pass', Result: { a: 1 }, Next: 'B' }, B: task({ End: true }) }));
  await fail(states);
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', redriveCount: 0, redriveStatus: 'REDRIVABLE' });
  await states.clock.advance(5000);
  const { redriveDate } = await redrive(states, arn);
  expect(redriveDate).toBe(states.clock.nowMs() / 1000);
  expect(await states.describe(arn)).toMatchObject({
    status: 'RUNNING',
    redriveCount: 1,
    redriveDate,
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: 'Execution is RUNNING and cannot be redriven',
  });
  expect(states.invocations[0]?.payload).toEqual({ a: 1 });
  await answer(states, { b: 2 });
  expect(await states.output(arn)).toEqual({ b: 2 });
  expect(await told(states, arn)).toEqual([
    '1 ExecutionStarted 0',
    '2 PassStateEntered 0',
    '3 PassStateExited 2',
    '4 TaskStateEntered 3',
    '5 LambdaFunctionScheduled 4',
    '6 LambdaFunctionStarted 5',
    '7 LambdaFunctionFailed 6',
    '8 ExecutionFailed 7',
    '9 ExecutionRedriven 8',
    '10 LambdaFunctionScheduled 4',
    '11 LambdaFunctionStarted 10',
    '12 LambdaFunctionSucceeded 11',
    '13 TaskStateExited 12',
    '14 ExecutionSucceeded 13',
  ]);
  for (let cut = 0; cut < 9; cut++) await expectSameAfterRestart(states, arn, cut);
});

test('a Fail state fails again, and follows the redrive', async () => {
  const states = aStatesPart();
  const arn = await states.run(machineOf({ A: { Type: 'Fail', Error: 'Own', Cause: 'why' } }));
  await redrive(states, arn);
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', error: 'Own', cause: 'why', redriveCount: 1 });
  expect((await told(states, arn)).slice(2)).toEqual([
    '3 ExecutionFailed 2',
    '4 ExecutionRedriven 3',
    '5 ExecutionFailed 4',
  ]);
});

test('of a Parallel only the branches that failed or were aborted are run again', async () => {
  const states = aStatesPart();
  const branch = (name: string): object => ({ StartAt: name, States: { [name]: task({ End: true }) } });
  const arn = await states.run(
    machineOf({ P: { Type: 'Parallel', Branches: [branch('S'), branch('F'), branch('A')], End: true } }),
  );
  await answer(states, 's');
  await fail(states);
  states.invocations.shift();
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', error: 'Broken' });
  await redrive(states, arn);
  expect(states.invocations.map(({ invocationId }) => invocationId.slice(arn.length))).toEqual(['/20', '/22']);
  await answer(states, 'f');
  await answer(states, 'a');
  expect(await states.output(arn)).toEqual(['s', 'f', 'a']);
  const events = await states.history(arn);
  expect(events.filter(({ type }) => type === 'ParallelStateStarted')).toHaveLength(1);
  expect(events.filter(({ type }) => type === 'TaskStateEntered')).toHaveLength(3);
  for (let cut = 0; cut < 12; cut++) await expectSameAfterRestart(states, arn, cut);
});

test('of an inline Map the failed item is run again, those not begun begin, no more at once than it says', async () => {
  const states = aStatesPart();
  const each = { Type: 'Map', MaxConcurrency: 1, ItemProcessor: { StartAt: 'T', States: { T: task({ End: true }) } } };
  const arn = await states.run(machineOf({ M: { ...each, ToleratedFailureCount: 1, End: true } }), [0, 1, 2, 3]);
  await answer(states, 'zero');
  await fail(states);
  await fail(states);
  expect(await states.describe(arn)).toMatchObject({
    status: 'FAILED',
    error: 'States.ExceedToleratedFailureThreshold',
  });
  await redrive(states, arn);
  const seen: unknown[] = [];
  for (const output of ['one', 'two', 'three']) {
    expect(states.invocations).toHaveLength(1);
    seen.push(states.invocations[0]?.payload);
    await answer(states, output);
  }
  expect(seen).toEqual([1, 2, 3]);
  expect(await states.output(arn)).toEqual(['zero', 'one', 'two', 'three']);
  const events = await states.history(arn);
  expect(events.filter(({ type }) => type === 'MapIterationStarted')).toHaveLength(4);
  expect(events.filter(({ type }) => type === 'MapStateStarted')).toHaveLength(1);
  for (let cut = 0; cut < 14; cut++) await expectSameAfterRestart(states, arn, cut);
});
