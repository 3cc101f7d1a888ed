import { expect, test } from 'vitest';
import { aStatesPart, functionArn, machineOf } from '../../../builders/a-states-part.ts';

const branch = (name: string, state: object) => ({ StartAt: name, States: { [name]: { ...state, End: true } } });
const parallel = (branches: object[], fields: object = {}) =>
  machineOf({ Both: { Type: 'Parallel', Branches: branches, ...fields, End: true } });

test('its result is the array of its branches, in their order', async () => {
  const states = aStatesPart();
  const arn = await states.run(
    parallel([branch('Slow', { Type: 'Wait', Seconds: 5 }), branch('Fast', { Type: 'Pass', Result: 2 })]),
    { a: 1 },
  );
  await states.clock.advance(5000);
  expect(await states.output(arn)).toEqual([{ a: 1 }, 2]);
  expect((await states.history(arn)).map(({ id, previousEventId, type }) => [id, previousEventId, type])).toEqual([
    [1, 0, 'ExecutionStarted'],
    [2, 0, 'ParallelStateEntered'],
    [3, 2, 'ParallelStateStarted'],
    [4, 3, 'WaitStateEntered'],
    [5, 3, 'PassStateEntered'],
    [6, 5, 'PassStateExited'],
    [7, 4, 'WaitStateExited'],
    [8, 7, 'ParallelStateSucceeded'],
    [9, 7, 'ParallelStateExited'],
    [10, 9, 'ExecutionSucceeded'],
  ]);
});

test('a branch that fails ends the others and fails the state', async () => {
  const states = aStatesPart();
  const arn = await states.run(
    parallel([
      branch('Call', { Type: 'Task', Resource: functionArn('f') }),
      branch('Bad', { Type: 'Task', Resource: functionArn('g') }),
    ]),
  );
  states.invocations[1]?.fail('Broken', 'b');
  await states.settle();
  expect(states.invocations[0]?.signal.aborted).toBe(true);
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', error: 'Broken' });
  expect((await states.history(arn)).map(({ type }) => type).slice(-4)).toEqual([
    'LambdaFunctionFailed',
    'TaskStateAborted',
    'ParallelStateFailed',
    'ExecutionFailed',
  ]);
});

test('it is retried whole, then caught', async () => {
  const states = aStatesPart();
  const arn = await states.run({
    StartAt: 'Both',
    States: {
      Both: {
        Type: 'Parallel',
        Branches: [branch('Call', { Type: 'Task', Resource: functionArn('f') })],
        Retry: [{ ErrorEquals: ['Broken'], MaxAttempts: 1, IntervalSeconds: 3 }],
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.problem', Next: 'After' }],
        End: true,
      },
      After: { Type: 'Pass', End: true },
    },
  });
  states.invocations[0]?.fail('Broken', 'b');
  await states.settle();
  expect(states.invocations).toHaveLength(1);
  await states.clock.advance(3000);
  expect(states.invocations).toHaveLength(2);
  states.invocations[1]?.fail('Broken', 'c');
  await states.settle();
  expect(await states.output(arn)).toEqual({
    problem: { Error: 'Broken', Cause: '{"errorMessage":"c","errorType":"Broken"}' },
  });
});

test('States.Runtime in a branch is not caught', async () => {
  const states = aStatesPart();
  const arn = await states.run({
    StartAt: 'Both',
    States: {
      Both: {
        Type: 'Parallel',
        Branches: [branch('Bad', { Type: 'Pass', InputPath: '$.x' })],
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'After' }],
        End: true,
      },
      After: { Type: 'Pass', End: true },
    },
  });
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
});
