import { expect, test } from 'vitest';
import { aStatesPart, functionArn, machineOf } from '../../../../builders/a-states-part.ts';
import { createExpress } from '../../../../builders/an-express-machine.ts';

const pass = machineOf({ A: { Type: 'Pass', End: true } });
const asking = machineOf({ Ask: { Type: 'Task', Resource: functionArn('f'), End: true } });

test.each(['DescribeExecution', 'GetExecutionHistory', 'StopExecution', 'DescribeStateMachineForExecution'])(
  '%s does not know express executions',
  async (operation) => {
    const states = aStatesPart();
    const executionArn = await states.start(await createExpress(states, asking));
    await expect(states.call(operation, { executionArn })).rejects.toMatchObject({
      code: 'InvalidArn',
      message: "Invalid Arn: 'Resource type not valid in this context: express'",
    });
  },
);

test('ListExecutions does not list express executions', async () => {
  const states = aStatesPart();
  const stateMachineArn = await createExpress(states, asking);
  await expect(states.call('ListExecutions', { stateMachineArn })).rejects.toMatchObject({
    code: 'StateMachineTypeNotSupported',
    message: 'This operation is not supported by this type of state machine',
  });
});

test.each([
  ['a callback', 'arn:aws:states:::lambda:invoke.waitForTaskToken'],
  ['the end of another execution', 'arn:aws:states:::states:startExecution.sync'],
  ['an activity', 'arn:aws:states:us-east-1:111111111111:activity:a'],
])('an express machine cannot wait for %s', async (_what, resource) => {
  const states = aStatesPart();
  const Parameters = { FunctionName: 'f', StateMachineArn: 'm' };
  const definition = machineOf({ A: { Type: 'Task', Resource: resource, Parameters, End: true } });
  await expect(createExpress(states, definition)).rejects.toMatchObject({ code: 'InvalidDefinition' });
});

test('an express machine has no distributed Map', async () => {
  const states = aStatesPart();
  const ItemProcessor = { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, ...pass };
  await expect(
    createExpress(states, machineOf({ M: { Type: 'Map', ItemProcessor, End: true } })),
  ).rejects.toMatchObject({
    code: 'InvalidDefinition',
  });
});
