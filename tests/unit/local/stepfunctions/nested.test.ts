import { expect, test } from 'vitest';
import { aStatesPart, functionArn, machineOf } from '../../../builders/a-states-part.ts';

const child = machineOf({ Work: { Type: 'Task', Resource: functionArn('f'), End: true } });
const parent = (suffix: string, machineArn: string, parameters: object = {}, fields: object = {}) =>
  machineOf({
    Call: {
      Type: 'Task',
      Resource: `arn:aws:states:::states:startExecution${suffix}`,
      Parameters: { StateMachineArn: machineArn, 'Input.$': '$', ...parameters },
      ...fields,
      End: true,
    },
  });

test('startExecution goes on as soon as the child has started', async () => {
  const states = aStatesPart();
  const machine = await states.create(child, 'child');
  const arn = await states.run(parent('', machine, { Name: 'one' }));
  expect(await states.output(arn)).toMatchObject({
    ExecutionArn: machine.replace('stateMachine', 'execution').concat(':one'),
  });
});

test.each([
  ['.sync', '{"n":2}'],
  ['.sync:2', { n: 2 }],
])("startExecution%s waits for the child's end", async (suffix, output) => {
  const states = aStatesPart();
  const machine = await states.create(child, 'child');
  const arn = await states.run(parent(suffix, machine, { Name: 'one' }), { a: 1 });
  expect(states.invocations[0]?.payload).toEqual({ a: 1 });
  states.invocations[0]?.succeed({ n: 2 });
  await states.settle();
  expect(await states.output(arn)).toMatchObject({ Name: 'one', Status: 'SUCCEEDED', Output: output });
  expect((await states.history(arn)).map(({ type }) => type)).toEqual([
    ...['ExecutionStarted', 'TaskStateEntered', 'TaskScheduled', 'TaskStarted', 'TaskSubmitted'],
    ...['TaskSucceeded', 'TaskStateExited', 'ExecutionSucceeded'],
  ]);
});

test('a child that fails fails the task with its description', async () => {
  const states = aStatesPart();
  const arn = await states.run(parent('.sync:2', await states.create(child, 'child')));
  states.invocations[0]?.fail('Broken', 'b');
  await states.settle();
  const { error, cause } = await states.describe(arn);
  expect(error).toBe('States.TaskFailed');
  expect(JSON.parse(String(cause))).toMatchObject({ Status: 'FAILED', Error: 'Broken' });
});

test('a child that ends at once is waited for too', async () => {
  const states = aStatesPart();
  const machine = await states.create(machineOf({ Only: { Type: 'Pass', Result: 4, End: true } }), 'child');
  expect(await states.output(await states.run(parent('.sync:2', machine)))).toMatchObject({ Output: 4 });
});

test('a large result of a child comes from the journal', async () => {
  const states = aStatesPart();
  const arn = await states.run(
    parent('.sync:2', await states.create(child, 'child'), {}, { ResultSelector: { 'o.$': '$.Output' } }),
  );
  states.invocations[0]?.succeed('x'.repeat(10_000));
  await states.settle();
  expect(await states.output(arn)).toEqual({ o: 'x'.repeat(10_000) });
});

test('the child is stopped when nobody waits for it any more', async () => {
  const states = aStatesPart();
  const machine = await states.create(child, 'child');
  const arn = await states.run(parent('.sync:2', machine, {}, { TimeoutSeconds: 5 }));
  await states.clock.advance(5000);
  await states.settle();
  expect(await states.describe(arn)).toMatchObject({ error: 'States.Timeout' });
  const { executions } = await states.call('ListExecutions', { stateMachineArn: machine });
  expect(executions).toMatchObject([{ status: 'ABORTED' }]);
});

test('a machine that is not there fails the task', async () => {
  const states = aStatesPart();
  const arn = await states.run(parent('.sync:2', 'arn:aws:states:us-east-1:111111111111:stateMachine:none'));
  expect(await states.describe(arn)).toMatchObject({ error: 'StepFunctions.StateMachineDoesNotExistException' });
});

test('a name that is taken fails the task', async () => {
  const states = aStatesPart();
  const machine = await states.create(child, 'child');
  await states.start(machine, {}, 'one');
  const arn = await states.run(parent('.sync:2', machine, { Name: 'one' }));
  expect(await states.describe(arn)).toMatchObject({ error: 'StepFunctions.ExecutionAlreadyExistsException' });
});

test('a name that runs on the same input is started once, as by StartExecution, where nobody waits for its end', async () => {
  const states = aStatesPart();
  const machine = await states.create(child, 'child');
  const one = await states.start(machine, { a: 1 }, 'one');
  const again = await states.run(parent('', machine, { Name: 'one' }), { a: 1 });
  expect(await states.output(again)).toMatchObject({ ExecutionArn: one });
  const other = await states.run(parent('', machine, { Name: 'one' }), { a: 2 });
  expect(await states.describe(other)).toMatchObject({ error: 'StepFunctions.ExecutionAlreadyExistsException' });
});

test('after a restart parent and child find each other, and no child is started twice', async () => {
  const before = aStatesPart();
  const machine = await before.create(child, 'child');
  const arn = await before.run(parent('.sync:2', machine), { a: 1 });
  before.part.close();
  const after = aStatesPart({ journal: before.journal, clock: before.clock });
  await after.settle();
  expect(after.invocations).toHaveLength(1);
  after.invocations[0]?.succeed(3);
  await after.settle();
  expect(await after.output(arn)).toMatchObject({ Output: 3 });
  const { executions } = await after.call('ListExecutions', { stateMachineArn: machine });
  expect(executions).toHaveLength(1);
});
