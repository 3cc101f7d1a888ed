import { expect, test, vi } from 'vitest';
import { aStatesPart, functionArn, machineOf, type TestStates } from '../../../../builders/a-states-part.ts';
import { waitingForToken } from '../../../../builders/a-token.ts';
import { ended } from '../../../../builders/an-end.ts';

const redrive = (states: TestStates, executionArn: string): Promise<Record<string, unknown>> =>
  states.call('RedriveExecution', { executionArn });

const failOnce = async (states: TestStates, error = 'Broken'): Promise<void> => {
  states.invocations.shift()?.fail(error);
  await states.settle();
};

test('a redriven task has all its retries again', async () => {
  const states = aStatesPart();
  const retry = [{ ErrorEquals: ['Broken'], IntervalSeconds: 1, MaxAttempts: 1 }];
  const task = { Type: 'Task', Resource: functionArn('f'), Retry: retry, End: true };
  const arn = await states.run(machineOf({ A: { ...task, Parameters: { 'n.$': '$$.State.RetryCount' } } }));
  const tries: unknown[] = [];
  const both = async (): Promise<void> => {
    for (let at = 0; at < 2; at++) {
      tries.push(states.invocations[0]?.payload);
      await failOnce(states);
      await states.clock.advance(1000);
    }
  };
  await both();
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED' });
  await redrive(states, arn);
  await both();
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', redriveCount: 1 });
  expect(tries).toEqual([{ n: 0 }, { n: 1 }, { n: 0 }, { n: 1 }]);
});

test('the token of an earlier try is too late, the new one answers', async () => {
  const states = await waitingForToken();
  await states.call('StopExecution', { executionArn: states.arn });
  await redrive(states, states.arn);
  await states.settle();
  const token = String(states.invocations.at(-1)?.payload);
  expect(token).not.toBe(states.taskToken);
  const late = states.call('SendTaskSuccess', { taskToken: states.taskToken, output: '1' });
  await expect(late).rejects.toMatchObject({ code: 'TaskTimedOut' });
  await states.call('SendTaskSuccess', { taskToken: token, output: '2' });
  expect(await states.output(states.arn)).toBe(2);
});

test('the answer of a call of an earlier try changes nothing', async () => {
  const states = aStatesPart();
  const arn = await states.run(machineOf({ A: { Type: 'Task', Resource: functionArn('f'), End: true } }));
  const [early] = states.invocations;
  await states.call('StopExecution', { executionArn: arn });
  await redrive(states, arn);
  await states.settle();
  early?.succeed('early');
  await states.settle();
  expect(await states.describe(arn)).toMatchObject({ status: 'RUNNING' });
  states.invocations[1]?.succeed('again');
  await states.settle();
  expect(await states.output(arn)).toBe('again');
});

test('a state that waited for a moment goes on when that has passed, one that waited a time waits again', async () => {
  const states = aStatesPart();
  const until = await states.run(machineOf({ W: { Type: 'Wait', Timestamp: '2026-01-01T00:01:00Z', End: true } }));
  const some = await states.run(machineOf({ W: { Type: 'Wait', Seconds: 60, End: true } }));
  for (const executionArn of [until, some]) await states.call('StopExecution', { executionArn });
  await states.clock.advance(90_000);
  for (const executionArn of [until, some]) await redrive(states, executionArn);
  await states.clock.advance(1);
  expect(await states.describe(until)).toMatchObject({ status: 'SUCCEEDED' });
  await states.clock.advance(59_998);
  expect(await states.describe(some)).toMatchObject({ status: 'RUNNING' });
  await states.clock.advance(1);
  expect(await states.describe(some)).toMatchObject({ status: 'SUCCEEDED' });
});

test('a parent is told whether its child can be redriven, and how often it was', async () => {
  const states = aStatesPart();
  const child = await states.create(machineOf({ T: { Type: 'Fail', Error: 'Own' } }), 'child');
  const start = { Type: 'Task', Resource: 'arn:aws:states:::states:startExecution.sync', End: true };
  const arn = await states.run(machineOf({ C: { ...start, Parameters: { StateMachineArn: child } } }));
  const { cause } = await states.describe(arn);
  const told = JSON.parse(String(cause));
  expect(told).toMatchObject({ RedriveCount: 0, RedriveStatus: 'REDRIVABLE' });
  expect(Object.keys(told)).toEqual(Object.keys(told).toSorted());
});

test('a redriven parent starts another child', async () => {
  const states = aStatesPart();
  const child = await states.create(machineOf({ T: { Type: 'Task', Resource: functionArn('f'), End: true } }), 'child');
  const start = { Type: 'Task', Resource: 'arn:aws:states:::states:startExecution.sync:2', End: true };
  const arn = await states.run(machineOf({ C: { ...start, Parameters: { StateMachineArn: child } } }));
  await failOnce(states);
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED' });
  await redrive(states, arn);
  await states.settle();
  states.invocations.shift()?.succeed('done');
  await states.settle();
  expect(await states.output(arn)).toMatchObject({ Output: 'done' });
  const { executions } = await states.call('ListExecutions', { stateMachineArn: child });
  expect(executions).toMatchObject([{ status: 'SUCCEEDED' }, { status: 'FAILED' }]);
});

test('a child that is redriven by itself tells its parent nothing', async () => {
  const states = aStatesPart();
  const child = await states.create(machineOf({ T: { Type: 'Task', Resource: functionArn('f'), End: true } }), 'child');
  const start = { Type: 'Task', Resource: 'arn:aws:states:::states:startExecution.sync:2', End: true };
  const arn = await states.run(machineOf({ C: { ...start, Parameters: { StateMachineArn: child } } }));
  await failOnce(states);
  const { executions } = await states.call('ListExecutions', { stateMachineArn: child });
  await redrive(states, String(Object(executions)[0].executionArn));
  states.invocations.shift()?.succeed('done');
  await states.settle();
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', redriveCount: 0 });
});

test('what variables held stands in a redriven execution, and counts once', async () => {
  const states = aStatesPart();
  const arn = await states.run({
    QueryLanguage: 'JSONata',
    ...machineOf({
      A: { Type: 'Pass', Assign: { big: 'x'.repeat(1000), n: 1 }, Next: 'B' },
      B: { Type: 'Task', Resource: functionArn('f'), Output: '{% $n + $states.result %}', End: true },
    }),
  });
  for (let at = 0; at < 3; at++) {
    await failOnce(states);
    await redrive(states, arn);
    await states.settle();
  }
  const [execution] = [...states.part.items()].filter((item) => Object(item).item === 'execution');
  // The text in its quotes, and a 1.
  expect(Object(execution).run.variableBytes).toBe(1002 + 1);
  states.invocations.shift()?.succeed(41);
  await states.settle();
  expect(await states.output(arn)).toBe(42);
});

test('an input that is too large to remember is there again', async () => {
  const states = aStatesPart();
  const task = { Type: 'Task', Resource: functionArn('f'), Parameters: { 'in.$': '$$.Execution.Input.k' }, End: true };
  const input = { k: 'x'.repeat(5000) };
  const arn = await states.run(machineOf({ A: task }), input);
  await failOnce(states);
  await redrive(states, arn);
  await states.settle();
  expect(states.invocations[0]?.payload).toEqual({ in: input.k });
  expect(await states.describe(arn)).toMatchObject({ input: JSON.stringify(input), status: 'RUNNING' });
});

test('branches that gave too much together are all run again', async () => {
  const states = aStatesPart();
  const branch = { StartAt: 'T', States: { T: { Type: 'Task', Resource: functionArn('f'), End: true } } };
  const second = JSON.parse(JSON.stringify(branch).replaceAll('"T"', '"U"'));
  const arn = await states.run(machineOf({ P: { Type: 'Parallel', Branches: [branch, second], End: true } }));
  const both = async (output: string): Promise<void> => {
    for (const call of states.invocations.splice(0)) call.succeed(output);
    await states.settle();
  };
  await both('x'.repeat(150_000));
  expect(await states.describe(arn)).toMatchObject({ error: 'States.DataLimitExceeded' });
  await redrive(states, arn);
  await states.settle();
  expect(states.invocations).toHaveLength(2);
  await both('x');
  expect(await states.output(arn)).toEqual(['x', 'x']);
});

/** Expressions are evaluated in another process, which has to start first. */
const PATIENCE_MS = 9000;
const until = (isSo: () => Promise<boolean> | boolean): Promise<void> =>
  vi.waitFor(async () => expect(await isSo()).toBe(true), { timeout: PATIENCE_MS, interval: 5 });

test('items whose input was not made yet when their execution was stopped get it', async () => {
  const states = aStatesPart();
  const arn = await states.start(
    await states.create({
      QueryLanguage: 'JSONata',
      ...machineOf({
        M: {
          Type: 'Map',
          MaxConcurrency: 2,
          ItemSelector: '{% $replace($states.context.Map.Item.Value, /b/, "c") %}',
          ItemProcessor: { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } },
          End: true,
        },
      }),
    }),
    ['ab', 'bb', 'x'],
  );
  await states.call('StopExecution', { executionArn: arn });
  expect((await states.history(arn)).map(({ type }) => type)).toEqual([
    'ExecutionStarted',
    'MapStateEntered',
    'MapStateStarted',
    'MapIterationStarted',
    'MapIterationStarted',
    'ExecutionAborted',
  ]);
  await redrive(states, arn);
  await ended(states, arn, PATIENCE_MS);
  expect(await states.output(arn)).toEqual(['ac', 'cc', 'x']);
  const events = await states.history(arn);
  expect(events.filter(({ type }) => type === 'MapIterationStarted')).toHaveLength(5);
});

test('a task whose parameters, or whose output, were being evaluated is done again', async () => {
  const states = aStatesPart();
  const expression = (of: string): string => `{% $replace(${of}, /b/, "c") %}`;
  const task = {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: functionArn('f'), Payload: expression('$states.input') },
    Output: expression('$states.result.Payload'),
    End: true,
  };
  const machine = { QueryLanguage: 'JSONata', ...machineOf({ A: task }) };
  const arn = await states.start(await states.create(machine), 'ab');
  await states.call('StopExecution', { executionArn: arn });
  await redrive(states, arn);
  await until(() => states.invocations.length > 0);
  expect(states.invocations[0]?.payload).toBe('ac');
  states.invocations.shift()?.succeed('bx');
  await until(async () => (await states.history(arn)).some(({ type }) => type === 'TaskSucceeded'));
  await states.call('StopExecution', { executionArn: arn });
  if ((await states.describe(arn)).status === 'SUCCEEDED') return;
  await redrive(states, arn);
  await until(() => states.invocations.length > 0);
  states.invocations.shift()?.succeed('by');
  await ended(states, arn, PATIENCE_MS);
  expect(await states.output(arn)).toBe('cy');
});
