import * as z from 'zod';
import type { ExecutionView, MapRunView } from '#schema/execution';
import { askEngine } from './ask-engine.ts';
import type { Source } from './execution-list.ts';
import { arnOf, isoOf, type Place, type Reading } from './execution-place.ts';

/** Map runs of one execution that are looked at: a Map in a loop makes one a time. */
const mostMapRuns = 100;

const Listed = z.object({ mapRuns: z.array(z.object({ mapRunArn: z.string(), stateMachineArn: z.string() })) });
const Counts = z.record(z.string(), z.int());
const Described = z.object({
  executionArn: z.string(),
  status: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'ABORTED']),
  startDate: z.number(),
  stopDate: z.number().optional(),
  executionCounts: Counts,
  itemCounts: Counts,
});

type Execution = Pick<ExecutionView, 'plane' | 'machine' | 'name'>;

const listed = async (execution: Execution, around: Reading) => {
  const executionArn = arnOf(execution, 'execution', around.config.PAPILIO_REGION, execution.name);
  const input = { executionArn, maxResults: mostMapRuns };
  return (await askEngine(around, { plane: execution.plane, operation: 'ListMapRuns', input }, Listed)).mapRuns;
};

const described = (plane: Place['plane'], mapRunArn: string, around: Reading) =>
  askEngine(around, { plane, operation: 'DescribeMapRun', input: { mapRunArn } }, Described);

const endOf = (arn: string): string => arn.split(':').at(-1) ?? '';

/** The states that have any. */
const some = (counts: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));

/** The lists of the children of an execution, one a map run, the latest first. */
export const childrenOf = async (execution: Execution, around: Reading): Promise<readonly Source[]> =>
  (await listed(execution, around)).map(({ mapRunArn, stateMachineArn }) => ({
    plane: execution.plane,
    machine: endOf(stateMachineArn),
    mapRunArn,
  }));

/** The map runs of an execution, counted; none for one whose machine has no distributed Map. */
export const mapRunsOf = async (execution: Execution, around: Reading): Promise<MapRunView[]> => {
  const arns = (await listed(execution, around)).map(({ mapRunArn }) => mapRunArn);
  return Promise.all(
    arns.map(async (arn): Promise<MapRunView> => {
      const run = await described(execution.plane, arn, around);
      return {
        id: endOf(arn),
        status: run.status,
        startedAt: isoOf(run.startDate),
        ...(run.stopDate !== undefined && { stoppedAt: isoOf(run.stopDate) }),
        executions: some(run.executionCounts),
        items: some(run.itemCounts),
      };
    }),
  );
};

/** The execution whose Map has made a child, as people type it. */
export const parentOf = async ({ plane }: Place, mapRunArn: string, around: Reading): Promise<string> => {
  const { executionArn } = await described(plane, mapRunArn, around);
  return executionArn.split(':').slice(-2).join(':');
};
