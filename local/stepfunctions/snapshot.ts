import type { MapRun } from './distributed/map-run.ts';
import { packMachine } from './machines/snapshot.ts';
import type { Group, Machine, Run, Thread } from './model.ts';
import type { Execution, Registry } from './registry.ts';
import { never, type PackedGroup, type PackedThread } from './snapshot-items.ts';

const packGroup = (group: Group): PackedGroup => ({
  results: Array.from(group.results, (result) => result ?? null),
  has: Array.from(group.results, (result) => result !== undefined),
  boundBytes: group.boundBytes,
  startedEventId: group.startedEventId,
  started: group.started,
  ended: group.ended,
  failed: group.failed,
  items: [...group.items],
  maxConcurrency: never(group.maxConcurrency),
  toleratedFailures: group.toleratedFailures,
  active: [...group.active].map(packThread),
});

const packVariables = (variables: NonNullable<Thread['variables']>): PackedThread['variables'] =>
  Array.from(variables, ([name, { value, sizeBytes }]) => [name, value, sizeBytes]);

function packThread(thread: Thread): PackedThread {
  const { pending, group, parent } = thread;
  return {
    index: thread.index,
    scope: parent ? parent.state.scopes.indexOf(thread.scope) : 0,
    ...(thread.item !== undefined && { item: { value: thread.item } }),
    state: thread.state.name,
    data: thread.data,
    boundBytes: thread.boundBytes,
    lastEventId: thread.lastEventId,
    enteredEventId: thread.enteredEventId,
    enteredAtMs: thread.enteredAtMs,
    ...(thread.retries && { retries: thread.retries }),
    ...(pending && {
      pending: {
        id: pending.id,
        reason: pending.reason,
        ...(pending.request && { request: pending.request }),
        dueAtMs: never(pending.dueAtMs),
        timeoutAtMs: never(pending.timeoutAtMs),
        heartbeatMs: never(pending.heartbeatMs),
        isSubmitted: pending.isSubmitted,
      },
    }),
    ...(thread.variables && { variables: packVariables(thread.variables) }),
    ...(thread.answers && { answers: [...thread.answers] }),
    ...(thread.leaving && { leaving: thread.leaving }),
    ...(group && { group: packGroup(group) }),
  };
}

const packRun = (run: Run): object => ({
  root: packThread(run.root),
  deadlineAtMs: never(run.deadlineAtMs),
  eventCount: run.eventCount,
  turnCount: run.turnCount,
  ...(run.variableBytes > 0 && { variableBytes: run.variableBytes }),
});

const packExecution = (execution: Execution, definition: number, lastRevision: string | undefined): object => {
  const { identity, run, outcome, stoppedAtMs, parent, share } = execution;
  const { revision } = identity.home;
  return {
    item: 'execution',
    serial: identity.serial,
    name: identity.name,
    machine: execution.entry.name,
    definition,
    roleArn: identity.home.roleArn,
    ...(revision.id !== lastRevision && { revision }),
    startedAtMs: identity.startedAtMs,
    input: identity.inputText,
    ...(parent && { parent }),
    ...(share && { share: { run: share.run.id, index: share.index, itemCount: share.itemCount } }),
    turns: execution.turns.map(({ segment, offsetBytes }) => [segment, offsetBytes]),
    isWhole: execution.isWhole,
    eventCount: execution.eventCount,
    ...(stoppedAtMs !== undefined && { stoppedAtMs }),
    ...(outcome && { outcome }),
    ...(run && { run: packRun(run) }),
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
});

/** The registry as a sequence of items; a definition that nothing uses any more is left out. */
export function* snapshotItems(registry: Registry): Iterable<object> {
  const ids = new Map<string, number>();
  function* define({ definition }: Machine): Iterable<object> {
    if (ids.has(definition)) return;
    ids.set(definition, ids.size);
    yield { item: 'definition', id: ids.size - 1, text: definition };
  }
  yield { item: 'head', secret: registry.secret, lastSerial: registry.lastSerial };
  for (const entry of registry.machines.values()) {
    yield* define(entry.machine);
    yield packMachine(entry, ids.get(entry.machine.definition) ?? 0);
  }
  for (const execution of registry.executions.values()) {
    yield* define(execution.machine);
    const { revisionId } = registry.machines.get(execution.entry.name) ?? {};
    yield packExecution(execution, ids.get(execution.machine.definition) ?? 0, revisionId);
    for (const mapRun of execution.mapRuns ?? []) yield packMapRun(mapRun);
  }
}
