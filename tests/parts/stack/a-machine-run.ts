import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { awsConfigOf, type StackFile } from '../../../local/stack/stack-file.ts';

const lookEveryMs = 100;
let made = 0;

/** Runs a definition on a stack, under an account, to its end. */
export const runMachine = async (
  stack: StackFile,
  account: string,
  definition: object,
  input: unknown,
): Promise<DescribeExecutionCommandOutput> => {
  const client = new SFNClient(awsConfigOf(stack, account, 'sfn'));
  made += 1;
  try {
    const { stateMachineArn } = await client.send(
      new CreateStateMachineCommand({
        name: `test-${made}`,
        definition: JSON.stringify(definition),
        roleArn: `arn:aws:iam::${account}:role/papilio`,
      }),
    );
    const { executionArn } = await client.send(
      new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
    );
    for (;;) {
      const described = await client.send(new DescribeExecutionCommand({ executionArn }));
      if (described.status !== 'RUNNING') return described;
      await sleep(lookEveryMs);
    }
  } finally {
    client.destroy();
  }
};
