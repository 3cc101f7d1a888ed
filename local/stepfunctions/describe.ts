import { AwsError } from '../engine/part.ts';
import { replay } from './history.ts';
import type { Host } from './host.ts';
import { arnOf } from './identity.ts';
import type { Json } from './json.ts';
import type { Outcome } from './model.ts';
import type { Execution } from './registry.ts';

/** What an execution began with and ended with; read from the journal if it was too large to keep. */
export type Account = { readonly inputText: string; readonly outcome: Outcome | undefined };

/** Looks up what DescribeExecution shows. */
export const accountOf = async (host: Host, execution: Execution): Promise<Account> => {
  if (execution.isWhole) return { inputText: execution.identity.inputText, outcome: execution.outcome };
  const { identity, outcome } = await replay(host.context.journal, execution, host.registry.secret);
  return { inputText: identity.inputText, outcome };
};

/** As `accountOf`; undefined if it went with the segments that it was in, when the retention of histories ended. */
export const keptAccountOf = async (host: Host, execution: Execution): Promise<Account | undefined> => {
  try {
    return await accountOf(host, execution);
  } catch (error) {
    if (error instanceof AwsError && error.code === 'ExecutionDoesNotExist') return undefined;
    throw error;
  }
};

/** The seconds since 1970 that AWS's JSON protocol calls a timestamp. */
export const seconds = (atMs: number): number => atMs / 1000;

/** How a description of a whole execution tells times, and what it says of redriving besides. */
type Manner = {
  readonly timeOf: (atMs: number) => Json;
  readonly redrive?: (status: Outcome['status'] | 'RUNNING') => Readonly<Record<string, Json>>;
};

/** An execution with its input and output, its fields in AWS's order. */
export const describeWhole = async (host: Host, execution: Execution, { timeOf, redrive }: Manner): Promise<Json> => {
  const { identity, stoppedAtMs } = execution;
  const { inputText, outcome } = await accountOf(host, execution);
  const status = outcome?.status ?? 'RUNNING';
  return {
    ...(outcome?.cause !== undefined && { Cause: outcome.cause }),
    ...(outcome?.error !== undefined && { Error: outcome.error }),
    ExecutionArn: arnOf(identity),
    Input: inputText,
    InputDetails: { Included: true },
    Name: identity.name,
    ...(outcome?.output !== undefined && { Output: JSON.stringify(outcome.output), OutputDetails: { Included: true } }),
    RedriveCount: execution.redrives?.count ?? 0,
    ...redrive?.(status),
    StartDate: timeOf(identity.startedAtMs),
    StateMachineArn: identity.home.machineArn,
    Status: status,
    ...(stoppedAtMs !== undefined && { StopDate: timeOf(stoppedAtMs) }),
  };
};

/** A finished child as `startExecution.sync` gives it to its parent. */
export const describeEnded = (host: Host, execution: Execution): Promise<Json> =>
  describeWhole(host, execution, { timeOf: (atMs) => atMs });
