import {
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  type SFNClientConfig,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { PapilioError } from '#lib/errors';
import type { Machines } from '#ports/machines';
import { accounts, type Plane } from '../../catalog.ts';

const gone: ReadonlySet<string> = new Set(['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken']);
const nameOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.name : '');

/** ARN of a machine; the account number names the plane. */
export const machineArn = (machine: string, plane: Plane, region: string): string =>
  `arn:aws:states:${region}:${accounts[plane]}:stateMachine:${machine}`;

/** State machines over Step Functions. */
export const createSfnMachines = (aws: SFNClientConfig, plane: Plane, region: string): Machines => {
  const client = new SFNClient(aws);
  const answered = async (call: Promise<unknown>): Promise<'answered' | 'gone'> => {
    try {
      await call;
      return 'answered';
    } catch (thrown) {
      if (gone.has(nameOf(thrown))) return 'gone';
      throw new PapilioError('plane-unavailable', `task token: ${String(thrown)}`, thrown);
    }
  };
  return {
    start: async (machine, name, input) => {
      try {
        await client.send(
          new StartExecutionCommand({
            stateMachineArn: machineArn(machine, plane, region),
            name,
            input: JSON.stringify(input),
          }),
        );
      } catch (thrown) {
        if (nameOf(thrown) === 'ExecutionAlreadyExists') return;
        throw new PapilioError('plane-unavailable', `start of ${machine} ${name}: ${String(thrown)}`, thrown);
      }
    },
    succeed: (taskToken, output) =>
      answered(client.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }))),
    fail: (taskToken, error, cause) => answered(client.send(new SendTaskFailureCommand({ taskToken, error, cause }))),
  };
};
