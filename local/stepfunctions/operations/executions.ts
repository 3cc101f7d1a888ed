import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { AwsError } from '../../engine/part.ts';
import { keptAccountOf } from '../describe.ts';
import { mapRunArn } from '../distributed/map-run.ts';
import type { Host } from '../host.ts';
import { arnOf } from '../identity.ts';
import { Arn } from '../machines/arn.ts';
import { targetOf } from '../machines/target.ts';
import type { Outcome } from '../model.ts';
import { checkName } from '../names.ts';
import { redriveStatus } from '../redrive/eligibility.ts';
import type { Execution } from '../registry.ts';
import { started, stopped, summary } from './execution-fields.ts';
import { parsedInput, TraceHeader } from './execution-input.ts';
import { executionOf, type Operation, operation } from './operation.ts';

const ByArn = z.object({ executionArn: Arn });

/** AWS gives the name of an execution to another one so long after its end. */
const NAME_KEPT_MS = 90 * 86_400_000;

/** A start is repeated harmlessly as long as the execution runs and has the same input. */
const startedBefore = async (host: Host, former: Execution, input: string): Promise<object> => {
  if (!former.run || former.identity.inputText !== input) {
    throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${arnOf(former.identity)}'`);
  }
  await host.context.journal.synced();
  return started(former);
};

const isNameKept = ({ stoppedAtMs }: Execution, nowMs: number): boolean =>
  stoppedAtMs === undefined || nowMs < stoppedAtMs + NAME_KEPT_MS;

const startExecution = operation(
  z.object({
    stateMachineArn: Arn,
    name: z.string().optional(),
    input: z.string().optional(),
    traceHeader: TraceHeader.optional(),
  }),
  async (host, { stateMachineArn, name: given, input = '{}', traceHeader }) => {
    const name = given ?? randomUUID();
    const target = targetOf(host, stateMachineArn, name);
    if (given !== undefined) checkName(given);
    const parsed = parsedInput(input);
    const former = given === undefined ? undefined : target.entry.executions.get(given);
    if (former && isNameKept(former, host.context.clock.nowMs())) return startedBefore(host, former, input);
    const { execution, synced } = host.start(target, { name, input, parsed, traceHeader });
    await synced;
    return started(execution);
  },
);

const data = (inputText: string, outcome: Outcome | undefined): object => ({
  input: inputText,
  inputDetails: { included: true },
  ...(outcome?.output !== undefined && { output: JSON.stringify(outcome.output), outputDetails: { included: true } }),
  ...(outcome?.error !== undefined && { error: outcome.error }),
  ...(outcome?.cause !== undefined && { cause: outcome.cause }),
});

const describeExecution = operation(
  ByArn.extend({ includedData: z.enum(['ALL_DATA', 'METADATA_ONLY']).optional() }),
  async (host, { executionArn, includedData }) => {
    const execution = executionOf(host, executionArn);
    const { share, traceHeader } = execution;
    const hasData = includedData !== 'METADATA_ONLY';
    // Of one moment, though its data may have to be read: an execution that ends meanwhile is not told as ended.
    const [told, redrive] = [summary(execution), redriveStatus(execution, host.context.clock.nowMs())];
    const account = hasData ? await keptAccountOf(host, execution) : undefined;
    return {
      ...told,
      ...(share && { mapRunArn: mapRunArn(share.run) }),
      ...(account && data(account.inputText, account.outcome)),
      ...(traceHeader !== undefined && { traceHeader }),
      ...redrive,
    };
  },
);

const stopExecution = operation(
  ByArn.extend({ error: z.string().max(256).optional(), cause: z.string().max(32_768).optional() }),
  async (host, { executionArn, error, cause }) => {
    const execution = executionOf(host, executionArn);
    await host.play(execution, { type: 'stop', error, cause });
    return stopped(execution);
  },
);

/** The operations on executions. */
export const EXECUTION_OPERATIONS: Readonly<Record<string, Operation>> = {
  StartExecution: startExecution,
  DescribeExecution: describeExecution,
  StopExecution: stopExecution,
};
