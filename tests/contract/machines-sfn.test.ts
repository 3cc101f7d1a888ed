import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { createSfnMachines } from '../../functions/adapters/machines/sfn.ts';
import { queueUrl } from '../../functions/adapters/queues/sqs.ts';
import { accounts } from '../../functions/catalog.ts';
import { memoryMachines } from '../builders/a-deps-ports.ts';
import { aPlaneEngine, awsThrough, nobodyListens, region } from '../builders/a-plane-engine.ts';
import { machinesSuite, type OpenMachines } from './machines-suite.ts';

const plane = 'work';
const machine = 'process-stf';

/** Sends its token to a queue and waits. */
const waiting = JSON.stringify({
  Comment: 'Waits for an answer',
  StartAt: 'Wait',
  States: {
    Wait: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Parameters: {
        QueueUrl: queueUrl('tokens', plane),
        MessageBody: { 'token.$': '$$.Task.Token', 'name.$': '$$.Execution.Name' },
      },
      TimeoutSeconds: 3600,
      End: true,
    },
  },
});
const Asked = z.object({ token: z.string(), name: z.string() });
const executionArn = (name: string) => `arn:aws:states:${region}:${accounts[plane]}:execution:${machine}:${name}`;

const openSfn = async (way: 'in process' | 'over HTTP'): Promise<OpenMachines> => {
  const { aws, machines } = await aPlaneEngine(plane, way);
  const [sqs, sfn] = [new SQSClient(aws), new SFNClient(aws)];
  await sqs.send(new CreateQueueCommand({ QueueName: 'tokens' }));
  const roleArn = `arn:aws:iam::${accounts[plane]}:role/papilio`;
  await sfn.send(new CreateStateMachineCommand({ name: machine, definition: waiting, roleArn }));
  let tokens = 0;
  const tokenOf = async (name: string): Promise<string> => {
    const receive = new ReceiveMessageCommand({ QueueUrl: queueUrl('tokens', plane), WaitTimeSeconds: 20 });
    const { Messages = [] } = await sqs.send(receive);
    const asked = Asked.parse(JSON.parse(Messages[0]?.Body ?? 'null'));
    return asked.name === name ? asked.token : tokenOf(name);
  };
  return {
    machines,
    inputOf: async (_, name) => {
      try {
        const found = await sfn.send(new DescribeExecutionCommand({ executionArn: executionArn(name) }));
        return JSON.parse(found.input ?? 'null');
      } catch (error) {
        if (error instanceof Error && error.name === 'ExecutionDoesNotExist') return undefined;
        throw error;
      }
    },
    aToken: async () => {
      tokens += 1;
      await machines.start(machine, `token-${tokens}`, {});
      return tokenOf(`token-${tokens}`);
    },
    end: async (name) => {
      const stopped = { error: 'papilio.stopped', cause: 'anna: why' };
      await sfn.send(new StopExecutionCommand({ executionArn: executionArn(name), ...stopped }));
    },
    idOf: executionArn,
    away: async () => createSfnMachines(awsThrough(plane, await nobodyListens()), plane, region),
  };
};

const openMemory = async (): Promise<OpenMachines> => {
  const tokens = new Set<string>();
  const machines = memoryMachines((token) => tokens.has(token));
  return {
    machines,
    inputOf: async (wanted, name) => machines.started.find((one) => one.machine === wanted && one.name === name)?.input,
    aToken: async () => {
      const token = `token-${tokens.size}`;
      tokens.add(token);
      return token;
    },
    end: async (name) => machines.stop(executionArn(name), '', 'anna: why'),
    idOf: executionArn,
    away: async () => {
      machines.isAway = true;
      return machines;
    },
  };
};

machinesSuite('Step Functions in process', () => openSfn('in process'));
machinesSuite('Step Functions over HTTP', () => openSfn('over HTTP'));
machinesSuite('in memory', openMemory);
