import { expect, test } from 'vitest';
import { machineOf } from '../../../../builders/a-states-part.ts';
import { activityArn, aTaskOf, withActivity } from '../../../../builders/an-activity.ts';

test('a worker is given the work with its input, and its answer ends the task', async () => {
  const states = await withActivity();
  const arn = await states.run(aTaskOf(), { n: 1 });
  const task = await states.ask('w1');
  expect(task).toEqual({ taskToken: expect.any(String), input: '{"n":1}' });
  await states.succeed(task, { n: 2 });
  expect(await states.output(arn)).toEqual({ n: 2 });
  expect(await states.history(arn)).toMatchObject([
    { type: 'ExecutionStarted' },
    { type: 'TaskStateEntered', previousEventId: 0 },
    {
      type: 'ActivityScheduled',
      previousEventId: 2,
      activityScheduledEventDetails: { resource: activityArn, input: '{"n":1}', inputDetails: { truncated: false } },
    },
    { type: 'ActivityStarted', previousEventId: 3, activityStartedEventDetails: { workerName: 'w1' } },
    {
      type: 'ActivitySucceeded',
      previousEventId: 4,
      activitySucceededEventDetails: { output: '{"n":2}', outputDetails: { truncated: false } },
    },
    { type: 'TaskStateExited' },
    { type: 'ExecutionSucceeded' },
  ]);
});

test('a worker without a name is none in the history', async () => {
  const states = await withActivity();
  const arn = await states.run(aTaskOf());
  await states.ask();
  expect((await states.history(arn)).at(-1)).toMatchObject({
    type: 'ActivityStarted',
    activityStartedEventDetails: {},
  });
});

test('a failure of the worker can be caught', async () => {
  const states = await withActivity();
  const arn = await states.run(aTaskOf());
  const { taskToken } = await states.ask();
  await states.call('SendTaskFailure', { taskToken, error: 'Broken', cause: 'the magnet' });
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', error: 'Broken', cause: 'the magnet' });
  expect((await states.history(arn)).at(-2)).toMatchObject({
    type: 'ActivityFailed',
    activityFailedEventDetails: { error: 'Broken', cause: 'the magnet' },
  });
});

test('an activity that is not there ends the execution, and nothing catches that', async () => {
  const states = await withActivity();
  const gone = 'arn:aws:states:us-east-1:111111111111:activity:gone';
  const arn = await states.run(
    aTaskOf({
      Resource: gone,
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Work' }],
      Retry: [{ ErrorEquals: ['States.ALL'] }],
    }),
  );
  expect(await states.describe(arn)).toMatchObject({
    status: 'FAILED',
    error: 'States.Runtime',
    cause: `An error occurred while executing the state 'Work' (entered at the event id #2). The activity ${gone} does not exist.`,
  });
  expect((await states.history(arn)).map(({ type }) => type)).toEqual([
    'ExecutionStarted',
    'TaskStateEntered',
    'ExecutionFailed',
  ]);
});

test('the time limit counts from when the work is scheduled, whether a worker comes or not', async () => {
  const states = await withActivity();
  const arn = await states.run(aTaskOf({ TimeoutSeconds: 100, HeartbeatSeconds: 10 }));
  await states.clock.advance(99_999);
  expect(await states.describe(arn)).toMatchObject({ status: 'RUNNING' });
  await states.clock.advance(1);
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  expect((await states.history(arn)).at(-2)).toMatchObject({
    type: 'ActivityTimedOut',
    activityTimedOutEventDetails: { error: 'States.Timeout' },
  });
});

test('the heart has to beat from when a worker has taken the work', async () => {
  const states = await withActivity();
  const arn = await states.run(aTaskOf({ TimeoutSeconds: 100, HeartbeatSeconds: 10 }));
  await states.clock.advance(50_000);
  const { taskToken } = await states.ask();
  await states.clock.advance(9000);
  await states.call('SendTaskHeartbeat', { taskToken });
  await states.clock.advance(9999);
  expect(await states.describe(arn)).toMatchObject({ status: 'RUNNING' });
  await states.clock.advance(1);
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', error: 'States.HeartbeatTimeout' });
});

test('a retry is new work with a new token', async () => {
  const states = await withActivity();
  const arn = await states.run(aTaskOf({ Retry: [{ ErrorEquals: ['Again'], IntervalSeconds: 1 }] }));
  const first = await states.ask();
  await states.call('SendTaskFailure', { taskToken: first.taskToken, error: 'Again' });
  await states.clock.advance(1000);
  const second = await states.ask();
  expect(second.taskToken).not.toBe(first.taskToken);
  await expect(states.succeed(first)).rejects.toMatchObject({ code: 'TaskTimedOut' });
  await states.succeed(second, 'done');
  expect(await states.output(arn)).toBe('done');
});

test('the input is made of the state input and the context, the token among it', async () => {
  const states = await withActivity();
  const parallel = machineOf({
    Both: {
      Type: 'Parallel',
      End: true,
      Branches: [0, 1].map((branch) => ({
        StartAt: `Work${branch}`,
        States: {
          [`Work${branch}`]: {
            Type: 'Task',
            Resource: activityArn,
            Parameters: { 'id.$': '$$.Execution.Id', 'token.$': '$$.Task.Token', 'n.$': '$.n' },
            End: true,
          },
        },
      })),
    },
  });
  const arn = await states.run(parallel, { n: 7 });
  for (const { taskToken, input } of [await states.ask(), await states.ask()]) {
    expect(JSON.parse(input ?? '')).toEqual({ id: arn, token: taskToken, n: 7 });
  }
});

test('an input of expressions is evaluated before the work is scheduled', async () => {
  const states = await withActivity();
  await states.run(aTaskOf({ QueryLanguage: 'JSONata', Arguments: { sum: '{% $sum([1..$states.input.n]) %}' } }), {
    n: 4,
  });
  expect(await states.ask()).toMatchObject({ input: '{"sum":10}' });
});

test('the result of a worker goes the way of every result', async () => {
  const states = await withActivity();
  const arn = await states.run(aTaskOf({ ResultSelector: { 'twice.$': '$.half' }, ResultPath: '$.got' }), { n: 1 });
  await states.succeed(await states.ask(), { half: 3 });
  expect(await states.output(arn)).toEqual({ n: 1, got: { twice: 3 } });
});

test('workers of an express machine are refused when it is made', async () => {
  const states = await withActivity();
  const { result, diagnostics } = await states.call('ValidateStateMachineDefinition', {
    definition: JSON.stringify(aTaskOf()),
    type: 'EXPRESS',
  });
  expect(result).toBe('FAIL');
  expect(diagnostics).toMatchObject([{ message: 'Express state machine does not support Activity ARN' }]);
});
