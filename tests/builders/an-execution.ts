import { expect, test } from 'vitest';
import { aStatesPart, functionArn, machineOf, type TestStates } from './a-states-part.ts';

/** Step Functions with an execution of one task that nobody has answered. */
export type RunningStates = TestStates & { readonly machineArn: string; readonly arn: string };

/** The machine of one task. */
export const oneTask = machineOf({ A: { Type: 'Task', Resource: functionArn('f'), End: true } });

/** Starts an execution that waits for its task. */
export async function aRunning(input: unknown = { a: 1 }): Promise<RunningStates> {
  const states = aStatesPart();
  const machineArn = await states.create(oneTask, 'm');
  const arn = await states.start(machineArn, input, 'e');
  await states.settle();
  return { ...states, machineArn, arn };
}

/** An execution whose task has failed. */
export async function aFailed(): Promise<RunningStates> {
  const states = await aRunning();
  states.invocations.shift()?.fail('Broken', 'why');
  await states.settle();
  return states;
}

const execution = (rest: string): string => `arn:aws:states:us-east-1:111111111111:${rest}`;

/** What is no ARN of an execution that is there, and how it is refused. */
const NO_EXECUTIONS: readonly (readonly [what: string, arn: unknown, code: string, message?: string])[] = [
  ['nothing', undefined, 'ValidationException'],
  ['an empty text', '', 'ValidationException'],
  ['more than 256 characters', execution(`execution:m:${'x'.repeat(256)}`), 'ValidationException'],
  ['any text', 'x', 'InvalidArn'],
  [
    'an express execution',
    execution('express:m:e:0-0'),
    'InvalidArn',
    "Invalid Arn: 'Resource type not valid in this context: express'",
  ],
  [
    'one that is not there',
    execution('execution:m:none'),
    'ExecutionDoesNotExist',
    `Execution Does Not Exist: '${execution('execution:m:none')}'`,
  ],
];

/** Tests of what an operation on an execution takes and refuses as its ARN. */
export function proveExecutionArn(operation: string, states: () => Promise<RunningStates>): void {
  test(`api: ${operation}.executionArn accept: that of an execution`, async () => {
    const running = await states();
    await expect(running.call(operation, { executionArn: running.arn })).resolves.toBeDefined();
  });

  test.each(NO_EXECUTIONS)(
    `api: ${operation}.executionArn refuse: %s`,
    async (_what, executionArn, code, message = expect.any(String)) => {
      const running = await states();
      await expect(running.call(operation, { executionArn })).rejects.toMatchObject({ code, message });
    },
  );
}
