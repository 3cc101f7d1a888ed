import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  type SFNClientConfig,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { answeringWithin } from '#lib/answering-within';
import { type ErrorCode, PapilioError } from '#lib/errors';
import type { ExecutionEnd, Machines } from '#ports/machines';
import { accounts, type Plane } from '../../catalog.ts';
import { causeText, dataText, errorText, nameText } from './text.ts';

const answerWithinMs = 5_000;
const gone: ReadonlySet<string> = new Set(['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken']);
/** What is wrong with the call itself and will be with the next. Everything else is a plane that cannot be reached. */
const refusals: ReadonlyMap<string, ErrorCode> = new Map([
  ['StateMachineDoesNotExist', 'record-missing'],
  ['InvalidName', 'input-invalid'],
  ['InvalidExecutionInput', 'input-invalid'],
  ['InvalidOutput', 'input-invalid'],
  ['ValidationException', 'input-invalid'],
]);
const ends: ReadonlySet<string | undefined> = new Set<ExecutionEnd['status']>([
  'SUCCEEDED',
  'FAILED',
  'TIMED_OUT',
  'ABORTED',
]);
const isEnd = (status: string | undefined): status is ExecutionEnd['status'] => ends.has(status);
const endIn = ({ status, error, cause }: DescribeExecutionCommandOutput): ExecutionEnd | undefined => {
  if (!isEnd(status)) return undefined;
  return { status, ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
};
const nameOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.name : '');
const wrapped = (what: string, thrown: unknown): PapilioError =>
  new PapilioError(refusals.get(nameOf(thrown)) ?? 'plane-unavailable', `${what}: ${String(thrown)}`, thrown);

/** ARN of a machine; the account number names the plane. */
export const machineArn = (machine: string, plane: Plane, region: string): string =>
  `arn:aws:states:${region}:${accounts[plane]}:stateMachine:${machine}`;

/** How to reach Step Functions. A call is tried three times, each try answered within a time: a caller waits 16 s at most. */
export type MachineAccess = SFNClientConfig & {
  readonly answerWithinMs?: number;
  /** They lie in an emulator's memory: one that does not exist was lost, not ended, and is begun again. */
  readonly areForgotten?: boolean;
};

/** State machines over Step Functions. */
export const createSfnMachines = (aws: MachineAccess, plane: Plane, region: string): Machines => {
  const withinMs = aws.answerWithinMs ?? answerWithinMs;
  const client = new SFNClient({ maxAttempts: 3, requestHandler: answeringWithin(withinMs), ...aws });
  const options = { requestTimeout: withinMs };
  const answered = async (call: Promise<unknown>): Promise<'answered' | 'gone'> => {
    try {
      await call;
      return 'answered';
    } catch (thrown) {
      if (gone.has(nameOf(thrown))) return 'gone';
      throw wrapped('task token', thrown);
    }
  };
  return {
    start: async (machine, name, input) => {
      const what = `start of ${machine} ${name}`;
      const stateMachineArn = machineArn(machine, plane, region);
      const command = new StartExecutionCommand({
        stateMachineArn,
        name: nameText(what, name),
        input: dataText(what, input),
      });
      try {
        await client.send(command, options);
      } catch (thrown) {
        if (nameOf(thrown) !== 'ExecutionAlreadyExists') throw wrapped(what, thrown);
      }
    },
    succeed: async (taskToken, output) => {
      const command = new SendTaskSuccessCommand({ taskToken, output: dataText('task token', output) });
      return answered(client.send(command, options));
    },
    fail: (taskToken, error, cause) => {
      const command = new SendTaskFailureCommand({ taskToken, error: errorText(error), cause: causeText(cause) });
      return answered(client.send(command, options));
    },
    endOf: async (executionArn) => {
      try {
        return endIn(await client.send(new DescribeExecutionCommand({ executionArn }), options));
      } catch (thrown) {
        if (nameOf(thrown) === 'ExecutionDoesNotExist') return aws.areForgotten ? undefined : { status: 'unknown' };
        throw wrapped(`execution ${executionArn}`, thrown);
      }
    },
  };
};
