import * as z from 'zod';
import type { SlowState } from '#schema/engine-report';
import { AwsError } from '../part.ts';
import type { Call } from '../protocol.ts';
import { HistoryEvent, type Stay, staysOf } from './history-stays.ts';

/** So many of the latest executions of each state machine are looked at, so many of all, and so many events of each. */
const executionsEach = 20;
const executionsOfAll = 500;
const eventsEach = 1000;
const shown = 10;

const Machines = z.object({
  stateMachines: z.array(z.object({ stateMachineArn: z.string(), name: z.string(), type: z.string() })),
});
const Executions = z.object({ executions: z.array(z.object({ executionArn: z.string(), status: z.string() })) });
const History = z.object({ events: z.array(HistoryEvent) });

/** A history may have gone with its segment, or an execution with its limit, since it was listed. */
const orNone = (error: unknown): { events: [] } => {
  if (error instanceof AwsError) return { events: [] };
  throw error;
};

async function staysIn(call: Call, stateMachineArn: string, maxResults: number): Promise<readonly Stay[]> {
  const input = { stateMachineArn, maxResults };
  const { executions } = Executions.parse(await call('sfn', 'ListExecutions', input));
  const stays: Stay[] = [];
  for (const { executionArn } of executions) {
    const asked = { executionArn, maxResults: eventsEach, includeExecutionData: false };
    const { events } = History.parse(await call('sfn', 'GetExecutionHistory', asked).catch(orNone));
    stays.push(...staysOf(events));
  }
  return stays;
}

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

function summary(machine: string, stays: readonly Stay[]): SlowState[] {
  const byState = Map.groupBy(stays, ({ name }) => name);
  return [...byState].map(([state, each]) => {
    const took = each
      .flatMap(({ startedAtMs, endedAtMs }) => (endedAtMs === undefined ? [] : [endedAtMs - startedAtMs]))
      .sort((a, b) => a - b);
    return {
      machine,
      state,
      type: each[0]?.type ?? '',
      count: each.length,
      p50Ms: percentile(took, 0.5),
      p95Ms: percentile(took, 0.95),
      retries: each.reduce((sum, { tries }) => sum + Math.max(0, tries.length - 1), 0),
    };
  });
}

/** The states that take longest, and those that are tried again most, as the latest histories tell. */
export async function slowStates(call: Call): Promise<SlowState[]> {
  const { stateMachines } = Machines.parse(await call('sfn', 'ListStateMachines', { maxResults: 1000 }));
  const standard = stateMachines.filter(({ type }) => type === 'STANDARD').slice(0, executionsOfAll);
  const each = Math.min(executionsEach, Math.ceil(executionsOfAll / Math.max(1, standard.length)));
  const states: SlowState[] = [];
  for (const { stateMachineArn, name } of standard) {
    states.push(...summary(name, await staysIn(call, stateMachineArn, each)));
  }
  const worked = states.filter(({ type }) => type !== 'Wait');
  const slowest = worked.toSorted((a, b) => b.p95Ms - a.p95Ms).slice(0, shown);
  const retried = worked.filter(({ retries }) => retries > 0).toSorted((a, b) => b.retries - a.retries);
  return [...new Set([...slowest, ...retried.slice(0, shown)])];
}
