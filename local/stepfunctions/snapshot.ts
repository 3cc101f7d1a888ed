import { packActivity } from './activities/snapshot.ts';
import type { MapRun } from './distributed/map-run.ts';
import { packExpress } from './express/snapshot.ts';
import { packMachine } from './machines/snapshot.ts';
import type { Machine } from './model.ts';
import { packRun } from './packing/pack-run.ts';
import { positionOf } from './positions.ts';
import type { Execution, Registry } from './registry.ts';

const packExecution = (execution: Execution, definition: number, lastRevision: string | undefined): object => {
  const { identity, run, outcome, stoppedAtMs, parent, share, redrives, traceHeader } = execution;
  const { revision, version, alias } = identity.home;
  return {
    item: 'execution',
    serial: identity.serial,
    name: identity.name,
    machine: execution.entry.name,
    definition,
    roleArn: identity.home.roleArn,
    ...(revision.id !== lastRevision && { revision }),
    ...(version !== undefined && { version }),
    ...(alias !== undefined && { alias }),
    startedAtMs: identity.startedAtMs,
    input: identity.inputText,
    ...(parent && { parent }),
    ...(traceHeader !== undefined && { traceHeader }),
    ...(share && { share: { run: share.run.id, index: share.index, itemCount: share.itemCount } }),
    turns: execution.turns.map(positionOf).map(({ segment, offsetBytes }) => [segment, offsetBytes]),
    isWhole: execution.isWhole,
    eventCount: execution.eventCount,
    ...(stoppedAtMs !== undefined && { stoppedAtMs }),
    ...(outcome && { outcome }),
    ...(run && { run: packRun(run) }),
    ...(redrives && { redrives }),
    ...(share?.run.toRedrive.has(execution) && { isPendingRedrive: true }),
  };
};

const packMapRun = (run: MapRun): object => ({
  item: 'mapRun',
  id: run.id,
  parent: run.parent.identity.serial,
  pending: run.pending,
  state: run.stateName,
  startedAtMs: run.startedAtMs,
  ...(run.stoppedAtMs !== undefined && { stoppedAtMs: run.stoppedAtMs }),
  status: run.status,
  limits: run.limits,
  hasWriter: run.hasWriter,
  itemsStarted: run.itemsStarted,
  itemsKnown: run.itemsKnown,
  itemCounts: run.itemCounts,
  childCounts: run.childCounts,
  ...(run.redrivenAtMs !== undefined && { redriveCount: run.redriveCount, redrivenAtMs: run.redrivenAtMs }),
});

const packAny = (registry: Registry, execution: Execution, definition: number): object => {
  if (execution.identity.expressId !== undefined) return packExpress(execution, definition);
  const { home } = registry.machines.get(execution.entry.name) ?? {};
  return packExecution(execution, definition, home?.revision.id);
};

/** The registry as a sequence of items; a definition that nothing uses any more is left out. */
export function* snapshotItems(registry: Registry): Iterable<object> {
  const ids = new Map<string, number>();
  function* define({ definition }: Machine): Iterable<object> {
    if (ids.has(definition)) return;
    ids.set(definition, ids.size);
    yield { item: 'definition', id: ids.size - 1, text: definition };
  }
  const { secret, lastSerial, forgetAt } = registry;
  yield { item: 'head', secret, lastSerial, forgetAt };
  for (const entry of registry.activities.values()) yield packActivity(entry);
  for (const entry of registry.machines.values()) {
    yield* define(entry.machine);
    for (const { machine } of entry.versions.values()) yield* define(machine);
    yield packMachine(entry, ({ definition }) => ids.get(definition) ?? 0);
  }
  for (const execution of registry.executions) {
    yield* define(execution.machine);
    yield packAny(registry, execution, ids.get(execution.machine.definition) ?? 0);
    for (const mapRun of execution.mapRuns ?? []) yield packMapRun(mapRun);
  }
}
