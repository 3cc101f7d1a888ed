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

const started = (execution: Execution): object => ({
  executionArn: arnOf(execution.identity),
  startDate: seconds(execution.identity.startedAtMs),
});

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

const stopped = (execution: Execution): object =>
  execution.stoppedAtMs === undefined ? {} : { stopDate: seconds(execution.stoppedAtMs) };

/** How often an execution was redriven; of one that begins anew each time AWS does not tell when. */
const redriven = ({ redrives, share }: Execution): object => ({
  redriveCount: redrives?.count ?? 0,
  ...(redrives && !share?.run.isExpress && { redriveDate: seconds(redrives.atMs) }),
});

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

const Status = z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE']);

const summary = (execution: Execution): object => ({
  ...started(execution),
  stateMachineArn: execution.identity.home.machineArn,
  ...qualifiersOf(execution),
  name: execution.identity.name,
  status: statusOf(execution),
  ...stopped(execution),
  ...redriven(execution),
});

const childSummary = (execution: Execution): object => ({
  ...summary(execution),
  ...(execution.share && { mapRunArn: mapRunArn(execution.share.run), itemCount: execution.share.itemCount }),
});

/** The executions that an ARN lists: of a machine, or those started by a version or alias of it. */
const listedUnder = (host: Host, stateMachineArn: string): Iterable<Execution> => {
  const { entry, ...by } = namedBy(host, stateMachineArn);
  checkType(entry, 'STANDARD');
  return [...entry.executions.values()].filter(isListedUnder(by));
};

const listExecutions = operation(
  z.object({
    ...Paging,
    stateMachineArn: z.string().optional(),
    mapRunArn: z.string().optional(),
    statusFilter: Status.optional(),
  }),
  async (host, { stateMachineArn, mapRunArn: runArn, statusFilter, ...paging }) => {
    if ((stateMachineArn === undefined) === (runArn === undefined)) {
      throw new AwsError('ValidationException', 'Exactly one of stateMachineArn and mapRunArn must be specified');
    }
    const known = runArn === undefined ? listedUnder(host, stateMachineArn ?? '') : mapRunOf(host, runArn).children;
    const all = [...known].reverse();
    const wanted = statusFilter ? all.filter((execution) => statusOf(execution) === statusFilter) : all;
    const { items, next } = page(wanted, paging);
    return { executions: items.map(runArn === undefined ? summary : childSummary), ...next };
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
  ListExecutions: listExecutions,
  StopExecution: stopExecution,
};
