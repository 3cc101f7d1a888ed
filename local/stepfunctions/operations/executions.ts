import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { AwsError } from '../../engine/part.ts';
import { accountOf, seconds } from '../describe.ts';
import { mapRunArn } from '../distributed/map-run.ts';
import type { Host } from '../host.ts';
import { arnOf } from '../identity.ts';
import { checkType, isListedUnder, namedBy, qualifiersOf, targetOf } from '../machines/target.ts';
import { checkName } from '../names.ts';
import { redriveStatus, statusOf } from '../redrive/eligibility.ts';
import type { Execution } from '../registry.ts';
import { parsedInput } from './execution-input.ts';
import { mapRunOf } from './map-runs.ts';
import { executionOf, type Operation, operation, Paging, page } from './operation.ts';

const ByArn = z.object({ executionArn: z.string() });

/** A start is repeated harmlessly as long as the execution runs and has the same input. */
const startedBefore = async (host: Host, former: Execution, input: string): Promise<object> => {
  if (!former.run || former.identity.inputText !== input) {
    throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${arnOf(former.identity)}'`);
  }
  await host.context.journal.synced();
  return started(former);
};

const startExecution = operation(
  z.object({ stateMachineArn: z.string(), name: z.string().optional(), input: z.string().optional() }),
  async (host, { stateMachineArn, name = randomUUID(), input = '{}' }) => {
    const target = targetOf(host, stateMachineArn, name);
    checkName(name);
    const parsed = parsedInput(input);
    const former = target.entry.executions.get(name);
    if (former) return startedBefore(host, former, input);
    const { execution, synced } = host.start(target, { name, input, parsed });
    await synced;
    return started(execution);
  },
);

const describeExecution = operation(ByArn, async (host, { executionArn }) => {
  const execution = executionOf(host, executionArn);
  const { inputText, outcome } = await accountOf(host, execution);
  return {
    ...started(execution),
    stateMachineArn: execution.identity.home.machineArn,
    ...qualifiersOf(execution),
    ...(execution.share && { mapRunArn: mapRunArn(execution.share.run) }),
    name: execution.identity.name,
    status: statusOf(execution),
    ...stopped(execution),
    input: inputText,
    inputDetails: { included: true },
    ...(outcome?.output !== undefined && { output: JSON.stringify(outcome.output), outputDetails: { included: true } }),
    ...(outcome?.error !== undefined && { error: outcome.error }),
    ...(outcome?.cause !== undefined && { cause: outcome.cause }),
    ...redriven(execution),
    ...redriveStatus(execution, host.context.clock.nowMs()),
  };
});

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
