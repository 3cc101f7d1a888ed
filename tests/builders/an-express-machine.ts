import type { TestStates } from './a-states-part.ts';

/** The role of machines in tests. */
export const roleArn = 'arn:aws:iam::111111111111:role/r';

/** Creates a machine of type EXPRESS. */
export const createExpress = async (states: TestStates, definition: object, name = 'quick'): Promise<string> => {
  const input = { name, definition: JSON.stringify(definition), roleArn, type: 'EXPRESS' };
  return String((await states.call('CreateStateMachine', input)).stateMachineArn);
};

/** Starts an execution and waits for its end. */
export const startSync = (
  states: TestStates,
  stateMachineArn: string,
  more: object = {},
): Promise<Record<string, unknown>> => states.call('StartSyncExecution', { stateMachineArn, ...more });
