import { expect, test } from 'vitest';
import { aStatesPart, functionArn, machineOf } from '../../../../builders/a-states-part.ts';
import { createExpress, roleArn, startSync } from '../../../../builders/an-express-machine.ts';

const asking = machineOf({ Ask: { Type: 'Task', Resource: functionArn('f'), End: true } });
const express = /^arn:aws:states:us-east-1:111111111111:express:quick:one:[0-9a-f-]{36}$/;

test('a caller waits for the end of an express execution and is told how it went', async () => {
  const states = aStatesPart();
  const stateMachineArn = await createExpress(states, asking);
  const running = startSync(states, stateMachineArn, { name: 'one', input: '{"a":1}' });
  await states.settle();
  await states.clock.advance(250);
  states.invocations[0]?.succeed('done');
  const startDate = Date.UTC(2026, 0, 1) / 1000;
  expect(await running).toEqual({
    executionArn: expect.stringMatching(express),
    stateMachineArn,
    name: 'one',
    startDate,
    stopDate: startDate + 0.25,
    status: 'SUCCEEDED',
    input: '{"a":1}',
    inputDetails: { included: true },
    output: '"done"',
    outputDetails: { included: true },
    billingDetails: { billedMemoryUsedInMB: 64, billedDurationInMilliseconds: 300 },
  });
});

test('nothing of an execution that a caller waits for is in the journal', async () => {
  const states = aStatesPart();
  const machine = await createExpress(states, asking);
  const before = states.journal.records().length;
  const running = startSync(states, machine);
  await states.settle();
  states.invocations[0]?.fail('Broken', 'so');
  expect(await running).toMatchObject({ status: 'FAILED', error: 'Broken' });
  expect(states.journal.records()).toHaveLength(before);
});

test('an express execution ends after five minutes, however long its machine may take', async () => {
  const states = aStatesPart();
  const machine = await createExpress(states, { ...asking, TimeoutSeconds: 3000 });
  const running = startSync(states, machine);
  await states.settle();
  await states.clock.advance(299_999);
  expect(states.part.stats().running).toBe(1);
  await states.clock.advance(1);
  expect(await running).toMatchObject({ status: 'TIMED_OUT' });
  expect(states.part.stats().running).toBe(0);
});

test('of an express execution that nobody waits for its start and its end are in the journal', async () => {
  const states = aStatesPart();
  const machine = await createExpress(states, asking);
  const arn = await states.start(machine, { a: 1 }, 'one');
  expect(arn).toMatch(express);
  await states.settle();
  states.invocations[0]?.succeed('done');
  await states.settle();
  expect(states.journal.records().slice(-2)).toMatchObject([
    { record: { kind: 'started', machine: 'quick', name: 'one' } },
    { record: { kind: 'expressEnded', serial: 1 } },
  ]);
  expect(states.part.stats()).toMatchObject({ running: 0, known: 0 });
});

test('names of express executions can be used again at once', async () => {
  const states = aStatesPart();
  const machine = await createExpress(states, asking);
  const arns = [await states.start(machine, {}, 'one'), await states.start(machine, {}, 'one')];
  expect(new Set(arns).size).toBe(2);
});

test('a standard execution starts an express one and goes on; it cannot wait for its end', async () => {
  const states = aStatesPart();
  const StateMachineArn = await createExpress(states, asking);
  const starting = (pattern: string): object =>
    machineOf({
      Start: {
        Type: 'Task',
        Resource: `arn:aws:states:::states:startExecution${pattern}`,
        Parameters: { StateMachineArn, Input: { a: 1 }, Name: 'one' },
        End: true,
      },
    });
  const arn = await states.run(starting(''));
  expect(await states.output(arn)).toMatchObject({ ExecutionArn: expect.stringMatching(express) });
  expect(states.invocations).toMatchObject([{ payload: { a: 1 } }]);
  const waits = await states.run(starting('.sync'));
  expect(await states.describe(waits)).toMatchObject({
    status: 'FAILED',
    error: 'StepFunctions.StateMachineTypeNotSupportedException',
  });
});

test('waits and retries of an express execution use the same clock', async () => {
  const states = aStatesPart();
  const machine = await createExpress(
    states,
    machineOf({
      Hold: { Type: 'Wait', Seconds: 10, Next: 'Ask' },
      Ask: {
        Type: 'Task',
        Resource: functionArn('f'),
        Retry: [{ ErrorEquals: ['E'], IntervalSeconds: 5 }],
        End: true,
      },
    }),
  );
  const running = startSync(states, machine);
  await states.settle();
  await states.clock.advance(10_000);
  states.invocations[0]?.fail('E');
  await states.settle();
  await states.clock.advance(5_000);
  states.invocations[1]?.succeed(7);
  expect(await running).toMatchObject({
    output: '7',
    billingDetails: { billedDurationInMilliseconds: 15_000 },
  });
});

test('the history of an express execution has no limit', async () => {
  const states = aStatesPart();
  const machine = await createExpress(
    states,
    machineOf({
      Map: {
        Type: 'Map',
        ItemProcessor: machineOf({ A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', End: true } }),
        ResultPath: null,
        End: true,
      },
    }),
  );
  const input = JSON.stringify(Array.from({ length: 6_000 }, (_, index) => index));
  expect(await startSync(states, machine, { input })).toMatchObject({ status: 'SUCCEEDED' });
});

test('the context of an express execution has its own ARN and no redrives', async () => {
  const states = aStatesPart();
  const machine = await createExpress(
    states,
    machineOf({ A: { Type: 'Pass', Parameters: { 'it.$': '$$.Execution' }, End: true } }),
  );
  const { output, executionArn } = await startSync(states, machine, { name: 'one' });
  expect(JSON.parse(String(output))).toEqual({
    it: { Id: executionArn, Input: {}, Name: 'one', RoleArn: roleArn, StartTime: '2026-01-01T00:00:00.000Z' },
  });
});

test('who waits for an execution is told when the engine closes', async () => {
  const states = aStatesPart();
  const running = startSync(states, await createExpress(states, asking));
  await states.settle();
  states.part.close();
  await expect(running).rejects.toMatchObject({ code: 'ServiceUnavailable', status: 503 });
});
