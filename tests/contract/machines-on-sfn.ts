import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type SFNClient,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { machineArn } from '../../functions/adapters/machines/sfn.ts';
import { accounts, type Plane } from '../../functions/catalog.ts';
import { isNamed } from '../../functions/lib/is-named.ts';
import type { OpenMachines } from './machines-suite.ts';

const machine = 'process-stf';
const Asked = z.object({ token: z.string(), name: z.string() });

/** Sends its token to a queue and waits. */
const waiting = (queue: string): string =>
  JSON.stringify({
    Comment: 'Waits for an answer',
    StartAt: 'Wait',
    States: {
      Wait: {
        Type: 'Task',
        Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
        Parameters: { QueueUrl: queue, MessageBody: { 'token.$': '$$.Task.Token', 'name.$': '$$.Execution.Name' } },
        TimeoutSeconds: 3600,
        End: true,
      },
    },
  });

type OnSfn = Pick<OpenMachines, 'machines' | 'away'> & {
  readonly sfn: SFNClient;
  readonly sqs: SQSClient;
  readonly plane: Plane;
  readonly region: string;
  /** Address of the queue `tokens`, which is made here. */
  readonly tokens: string;
  /** Ends an execution by a failure of its task, where one that waits for a token cannot be stopped. */
  readonly isUnstoppable?: boolean;
};

/** Machines behind Step Functions, with one whose executions wait; what became of them is asked of Step Functions itself. */
export const onStepFunctions = async (given: OnSfn): Promise<OpenMachines> => {
  const { machines, away, sfn, sqs, plane, region, tokens: QueueUrl, isUnstoppable = false } = given;
  await sqs.send(new CreateQueueCommand({ QueueName: 'tokens' }));
  const roleArn = `arn:aws:iam::${accounts[plane]}:role/papilio`;
  await sfn.send(new CreateStateMachineCommand({ name: machine, definition: waiting(QueueUrl), roleArn }));
  const executionArn = (execution: string): string =>
    `${machineArn(machine, plane, region).replace(':stateMachine:', ':execution:')}:${execution}`;
  const tokenOf = async (execution: string): Promise<string> => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    const [{ Body = 'null', ReceiptHandle } = {}] = Messages;
    const asked = Asked.parse(JSON.parse(Body));
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    return asked.name === execution ? asked.token : tokenOf(execution);
  };
  let tokens = 0;
  return {
    machines,
    away,
    inputOf: async (_, execution) => {
      const ask = new DescribeExecutionCommand({ executionArn: executionArn(execution) });
      try {
        return JSON.parse((await sfn.send(ask)).input ?? 'null');
      } catch (error) {
        if (isNamed(error, 'ExecutionDoesNotExist')) return undefined;
        throw error;
      }
    },
    aToken: async () => {
      tokens += 1;
      await machines.start(machine, `token-${tokens}`, {});
      return tokenOf(`token-${tokens}`);
    },
    end: async (execution) => {
      const stopped = { error: 'papilio.stopped', cause: 'anna: why' };
      if (isUnstoppable) await machines.fail(await tokenOf(execution), stopped.error, stopped.cause);
      else await sfn.send(new StopExecutionCommand({ executionArn: executionArn(execution), ...stopped }));
    },
    idOf: executionArn,
  };
};
