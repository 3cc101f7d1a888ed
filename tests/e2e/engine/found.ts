import {
  DescribeExecutionCommand,
  type ExecutionListItem,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { expect } from 'vitest';
import type { Acknowledged } from './load.ts';
import { account } from './machines.ts';

/** The result of an execution that has ended; it may take its last turn now. */
export const resultOf = async (sfn: SFNClient, { id, executionArn }: Acknowledged): Promise<unknown> => {
  for (;;) {
    const { status, output = '{}', error, cause } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'RUNNING') continue;
    expect(status, `${id}: ${error} ${cause}`).toBe('SUCCEEDED');
    return JSON.parse(output).result;
  }
};

/** All executions of a machine. */
export const listed = async (sfn: SFNClient, kind: string): Promise<ExecutionListItem[]> => {
  const stateMachineArn = `arn:aws:states:us-east-1:${account}:stateMachine:${kind}`;
  const all: ExecutionListItem[] = [];
  for (let nextToken: string | undefined, page = 0; page === 0 || nextToken !== undefined; page++) {
    const found = await sfn.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 1000, nextToken }));
    all.push(...(found.executions ?? []));
    nextToken = found.nextToken;
  }
  return all;
};

/** The history of an execution that has no more than a thousand events. */
export const historyOf = async (sfn: SFNClient, executionArn: string): Promise<HistoryEvent[]> => {
  const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
  return events;
};
