import { AwsError } from '../engine/part.ts';
import { replay } from './history.ts';
import type { Host } from './host.ts';
import { arnOf, qualifiersIn } from './identity.ts';
import type { Json } from './json.ts';
import type { Outcome } from './model.ts';
import { redriveStatus } from './redrive/eligibility.ts';
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

/** How a description of a whole execution tells times. */
type TimeOf = (atMs: number) => Json;

/** What AWS tells of redriving in a description of a whole execution. */
const describeRedrive = (host: Host, execution: Execution, timeOf: TimeOf): Readonly<Record<string, Json>> => {
  const { redrives, share } = execution;
  const { redriveStatus: status, redriveStatusReason: reason } = redriveStatus(execution, host.context.clock.nowMs());
  return {
    RedriveCount: redrives?.count ?? 0,
    ...(redrives && !share?.run.isExpress && { RedriveDate: timeOf(redrives.atMs) }),
    RedriveStatus: status,
    ...(reason !== undefined && { RedriveStatusReason: reason }),
  };
};

/** An execution with its input and output, its fields in AWS's order. */
export const describeWhole = async (host: Host, execution: Execution, timeOf: TimeOf): Promise<Json> => {
  const { identity, stoppedAtMs } = execution;
  const { inputText, outcome } = await accountOf(host, execution);
  const { stateMachineAliasArn: alias, stateMachineVersionArn: version } = qualifiersIn(identity.home);
  return {
    ...(outcome?.cause !== undefined && { Cause: outcome.cause }),
    ...(outcome?.error !== undefined && { Error: outcome.error }),
    ExecutionArn: arnOf(identity),
    Input: inputText,
    InputDetails: { Included: true },
    Name: identity.name,
    ...(outcome?.output !== undefined && { Output: JSON.stringify(outcome.output), OutputDetails: { Included: true } }),
    ...describeRedrive(host, execution, timeOf),
    StartDate: timeOf(identity.startedAtMs),
    ...(alias !== undefined && { StateMachineAliasArn: alias }),
    StateMachineArn: identity.home.machineArn,
    ...(version !== undefined && { StateMachineVersionArn: version }),
    Status: outcome?.status ?? 'RUNNING',
    ...(stoppedAtMs !== undefined && { StopDate: timeOf(stoppedAtMs) }),
  };
};

/** A finished child as `startExecution.sync` gives it to its parent. */
export const describeEnded = (host: Host, execution: Execution): Promise<Json> =>
  describeWhole(host, execution, (atMs) => atMs);
