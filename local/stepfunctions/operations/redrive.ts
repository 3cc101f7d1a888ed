import * as z from 'zod';
import { AwsError } from '../../engine/part.ts';
import { seconds } from '../describe.ts';
import { childrenOf } from '../distributed/map-run.ts';
import type { Host } from '../host.ts';
import { arnOf } from '../identity.ts';
import { MAX_REDRIVES, notRedrivable } from '../redrive/eligibility.ts';
import { redrivenRecord } from '../redrive/redriven-record.ts';
import { redrivenBefore } from '../redrive/redrives.ts';
import type { Execution } from '../registry.ts';
import { executionOf, type Operation, operation } from './operation.ts';

const Input = z.object({
  executionArn: z.string().min(1).max(256),
  clientToken: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[!-~]+$/)
    .optional(),
});

const refusal = (execution: Execution, reason: string): AwsError =>
  new AwsError('ExecutionNotRedrivable', `Execution ${arnOf(execution.identity)} invalid for redrive as: ${reason}`);

const checkRedrivable = (host: Host, execution: Execution): void => {
  const reason = notRedrivable(execution, host.context.clock.nowMs());
  if (reason !== undefined) throw refusal(execution, reason);
  if ((execution.redrives?.count ?? 0) >= MAX_REDRIVES) {
    throw new AwsError('ExecutionLimitExceeded', `An execution can be redriven ${MAX_REDRIVES} times at most`);
  }
  const isForgotten = execution.mapRuns?.some(
    (run) => run.status !== 'SUCCEEDED' && run.children.size < childrenOf(run),
  );
  if (isForgotten) throw refusal(execution, 'Child executions of its Map Run are no longer kept');
};

/** What a redrive goes on with; the execution's history has to be there still. */
const recordOf = async (host: Host, execution: Execution): ReturnType<typeof redrivenRecord> => {
  try {
    return await redrivenRecord(host, execution);
  } catch (error) {
    if (!(error instanceof AwsError && error.code === 'ExecutionDoesNotExist')) throw error;
    throw refusal(execution, 'Execution history is no longer kept');
  }
};

const redriveExecution = operation(Input, async (host, { executionArn, clientToken }) => {
  if (/^arn:[^:]*:states:[^:]*:[^:]*:execution:[^:]*\//.test(executionArn)) {
    throw new AwsError('ValidationException', 'Labeled Execution ARNs are not supported for this API');
  }
  const execution = executionOf(host, executionArn);
  const { clock, journal } = host.context;
  /** A request is repeated harmlessly, whatever has become of the execution since. */
  const former = (): number | undefined =>
    clientToken === undefined ? undefined : redrivenBefore(execution.redrives, clientToken, clock.nowMs());
  const answer = async (atMs: number): Promise<object> => {
    await journal.synced();
    return { redriveDate: seconds(atMs) };
  };
  let atMs = former();
  if (atMs !== undefined) return answer(atMs);
  checkRedrivable(host, execution);
  const record = await recordOf(host, execution);
  // Another request may have come first while the history was read.
  atMs = former();
  if (atMs !== undefined) return answer(atMs);
  checkRedrivable(host, execution);
  atMs = clock.nowMs();
  await host.redrive(execution, { ...record, atMs, ...(clientToken !== undefined && { clientToken }) });
  return { redriveDate: seconds(atMs) };
});

/** The operation that lets executions go on which have failed. */
export const REDRIVE_OPERATIONS: Readonly<Record<string, Operation>> = { RedriveExecution: redriveExecution };
