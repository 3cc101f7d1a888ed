import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { AwsError } from '../../engine/part.ts';
import { seconds } from '../describe.ts';
import { arnOf } from '../identity.ts';
import { Arn } from '../machines/arn.ts';
import { checkType, targetOf } from '../machines/target.ts';
import type { Outcome } from '../model.ts';
import { checkName } from '../names.ts';
import { parsedInput, TraceHeader } from './execution-input.ts';
import { type Operation, operation } from './operation.ts';

/** AWS bills an execution's time in steps of 100 ms and its memory in steps of 64 MB; ours are not measured by memory. */
const BILLED_STEP_MS = 100;
const BILLED_MEMORY_MB = 64;

const billed = (durationMs: number): object => ({
  billedMemoryUsedInMB: BILLED_MEMORY_MB,
  billedDurationInMilliseconds: Math.max(1, Math.ceil(durationMs / BILLED_STEP_MS)) * BILLED_STEP_MS,
});

const data = (input: string, { output }: Outcome, isIncluded: boolean): object => ({
  ...(isIncluded && { input }),
  inputDetails: { included: isIncluded },
  ...(isIncluded && output !== undefined && { output: JSON.stringify(output) }),
  outputDetails: { included: isIncluded },
});

/** Rejects when the caller has gone; the execution goes on. */
const gone = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_, reject) => {
    const error = new AwsError('RequestTimeout', 'The caller has gone before the execution ended.', 408);
    signal?.addEventListener('abort', () => reject(error), { once: true });
  });

const startSyncExecution = operation(
  z.object({
    stateMachineArn: Arn,
    name: z.string().optional(),
    input: z.string().optional(),
    traceHeader: TraceHeader.optional(),
    includedData: z.enum(['ALL_DATA', 'METADATA_ONLY']).optional(),
  }),
  async (host, { stateMachineArn, name = randomUUID(), input = '{}', traceHeader, includedData }, signal) => {
    checkName(name);
    const target = targetOf(host, stateMachineArn, name);
    checkType(target.entry, 'EXPRESS');
    const { execution, ended } = host.startSync(target, {
      name,
      input,
      parsed: parsedInput(input),
      ...(traceHeader !== undefined && { traceHeader }),
    });
    const outcome = await Promise.race([ended, gone(signal)]);
    const { identity, stoppedAtMs = identity.startedAtMs } = execution;
    return {
      executionArn: arnOf(identity),
      stateMachineArn: identity.home.machineArn,
      name,
      startDate: seconds(identity.startedAtMs),
      stopDate: seconds(stoppedAtMs),
      status: outcome.status,
      ...(outcome.error !== undefined && { error: outcome.error }),
      ...(outcome.cause !== undefined && { cause: outcome.cause }),
      ...data(input, outcome, includedData !== 'METADATA_ONLY'),
      ...(traceHeader !== undefined && { traceHeader }),
      billingDetails: billed(stoppedAtMs - identity.startedAtMs),
    };
  },
);

/** The operation that starts an execution of an express machine and waits for its end. */
export const SYNC_OPERATIONS: Readonly<Record<string, Operation>> = { StartSyncExecution: startSyncExecution };
