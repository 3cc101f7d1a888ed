import { lastPosition, packedPosition } from './positions.ts';
import type { Execution, Registry } from './registry.ts';

/** Start or end of an execution of a standard machine, as its journal record says it. */
export type ExecutionNote = {
  readonly kind: 'started' | 'ended';
  readonly arn: string;
  readonly name: string;
  readonly machine: string;
  readonly startedAtMs: number;
  readonly atMs: number;
  /** Position of the record in the journal, as one rising number. */
  readonly position: number;
  readonly redriveCount: number;
  /** Name of the execution that started it. */
  readonly parent?: string;
  readonly status?: string;
  readonly error?: string;
  /** Events in its history. */
  readonly eventCount?: number;
};

/** Children of distributed Maps and express executions are counted by who started them, and have no notes. */
const isNoted = ({ identity, share }: Execution): boolean => identity.expressId === undefined && share === undefined;

const commonOf = ({ identity, parent, redrives }: Execution, registry: Registry) => {
  const { home, name, startedAtMs } = identity;
  const starter = parent && registry.execution(parent.serial)?.identity.name;
  return {
    arn: home.executionPrefix + name,
    name,
    machine: home.machineName,
    startedAtMs,
    redriveCount: redrives?.count ?? 0,
    ...(starter === undefined ? {} : { parent: starter }),
  };
};

/** Notes of an execution whose records lie behind a position, in order. */
export const notesOf = (execution: Execution, registry: Registry, after: number): ExecutionNote[] => {
  const [first] = execution.turns;
  if (!isNoted(execution) || first === undefined) return [];
  const common = commonOf(execution, registry);
  const { outcome, stoppedAtMs = common.startedAtMs, eventCount, turns } = execution;
  const lastAt = lastPosition(turns);
  const last = lastAt === undefined ? first : packedPosition(lastAt);
  const started: ExecutionNote[] =
    first > after ? [{ ...common, kind: 'started', atMs: common.startedAtMs, position: first, redriveCount: 0 }] : [];
  if (outcome === undefined || last <= after) return started;
  const { status, error } = outcome;
  const ended: ExecutionNote = {
    ...common,
    kind: 'ended',
    atMs: stoppedAtMs,
    position: last,
    status,
    eventCount,
    ...(error === undefined ? {} : { error: error.slice(0, 200) }),
  };
  return [...started, ended];
};

/** Notes of all executions that are remembered behind a position, in the order of the journal. Cost: O(remembered). */
export const notesAfter = (registry: Registry, after: number): ExecutionNote[] => {
  const notes: ExecutionNote[] = [];
  for (const execution of registry.executions) notes.push(...notesOf(execution, registry, after));
  return notes.sort((a, b) => a.position - b.position);
};
