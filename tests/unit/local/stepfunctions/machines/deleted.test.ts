import { expect, test } from 'vitest';
import { aStatesPart, functionArn, machineOf } from '../../../../builders/a-states-part.ts';

const polling = {
  Wait: { Type: 'Wait', Seconds: 10, Next: 'Look' },
  Look: {
    Type: 'Task',
    Resource: functionArn('f'),
    Catch: [{ ErrorEquals: ['Done'], Next: 'End' }],
    Next: 'Wait',
  },
  End: { Type: 'Succeed' },
};
const aborted = { status: 'ABORTED', cause: 'The state machine has been deleted.' };

// https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachine.html: "On the next state transition, the
// state machine's executions are terminated."
test('an execution of a deleted machine ends when it goes to another state, and does nothing there', async () => {
  const states = aStatesPart();
  const stateMachineArn = await states.create(machineOf(polling), 'm');
  const executionArn = await states.start(stateMachineArn);
  await states.call('DeleteStateMachine', { stateMachineArn });
  await states.clock.advance(9_999);
  expect(await states.describe(executionArn)).toMatchObject({ status: 'RUNNING' });
  await states.clock.advance(1);
  expect(await states.describe(executionArn)).toMatchObject(aborted);
  expect(states.invocations).toHaveLength(0);
  await expect(states.call('DescribeStateMachine', { stateMachineArn })).rejects.toMatchObject({
    code: 'StateMachineDoesNotExist',
  });
});

test('so does one that moves in a branch only', async () => {
  const states = aStatesPart();
  const Branches = [machineOf(polling), machineOf({ Hold: { Type: 'Wait', Seconds: 1000, End: true } })];
  const stateMachineArn = await states.create(machineOf({ Both: { Type: 'Parallel', Branches, End: true } }));
  const executionArn = await states.start(stateMachineArn);
  await states.call('DeleteStateMachine', { stateMachineArn });
  await states.clock.advance(10_000);
  expect(await states.describe(executionArn)).toMatchObject(aborted);
});

test('a retry and the last state’s end are no move to another state', async () => {
  const states = aStatesPart();
  const Retry = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1 }];
  const asking = machineOf({ Ask: { Type: 'Task', Resource: functionArn('f'), Retry, End: true } });
  const stateMachineArn = await states.create(asking);
  const executionArn = await states.start(stateMachineArn);
  await states.call('DeleteStateMachine', { stateMachineArn });
  states.invocations[0]?.fail('E');
  await states.settle();
  await states.clock.advance(1000);
  states.invocations[1]?.succeed('there');
  await states.settle();
  expect(await states.describe(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '"there"' });
});

test('after a restart the machine is still deleted', async () => {
  const before = aStatesPart();
  const stateMachineArn = await before.create(machineOf(polling));
  const executionArn = await before.start(stateMachineArn);
  await before.call('DeleteStateMachine', { stateMachineArn });
  before.part.close();
  const after = aStatesPart({ journal: before.journal, clock: before.clock });
  await after.clock.advance(10_000);
  expect(await after.describe(executionArn)).toMatchObject(aborted);
});
