import { AGAIN, type Group, type Run, type Thread, WAITING, type Work } from '../model.ts';
import { never, type PackedGroup, type PackedRun, type PackedThread, type PackedWork } from './packed-run.ts';

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
  ...(group.waiting.length > 0 && { waiting: group.waiting.map(packThread) }),
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
    ...(thread.mapRun && !pending && { mapRun: thread.mapRun }),
    ...(group && { group: packGroup(group) }),
  };
}

const pathOf = ({ parent, index }: Thread): number[] => (parent ? [...pathOf(parent), index] : []);

const packWork = ({ thread, next }: Work): PackedWork[] => {
  if (thread.isOver || next === WAITING) return [];
  return [
    {
      at: pathOf(thread),
      ...(typeof next === 'object' && { to: next.name }),
      ...(next === AGAIN && { isAgain: true }),
    },
  ];
};

/** An execution's state as a snapshot or a redrive holds it. */
export const packRun = (run: Run): PackedRun => ({
  root: packThread(run.root),
  deadlineAtMs: never(run.deadlineAtMs),
  eventCount: run.eventCount,
  turnCount: run.turnCount,
  ...(run.variableBytes > 0 && { variableBytes: run.variableBytes }),
  ...(run.rest && { rest: run.rest.flatMap(packWork) }),
  ...(run.redrive && { redrive: run.redrive }),
});
