import type * as z from 'zod';
import type { Identity } from '../identity.ts';
import type { Group, Machine, Run, Scope, Thread } from '../model.ts';
import { Waits } from '../waits.ts';
import { moment, type PackedGroup, type PackedPending, type PackedRun, type PackedThread } from './packed-run.ts';

const unpackPending = (packed: z.infer<typeof PackedPending>): Thread['pending'] => ({
  ...packed,
  request: packed.request,
  dueAtMs: moment(packed.dueAtMs),
  timeoutAtMs: moment(packed.timeoutAtMs),
  heartbeatMs: moment(packed.heartbeatMs),
});

const unpackThread = (packed: PackedThread, scope: Scope, parent: Thread | undefined, all: Run['pending']): Thread => {
  const state = scope.states.get(packed.state);
  if (!state) throw new Error(`the snapshot names an unknown state '${packed.state}'`);
  const { group: packedGroup, item, pending, retries, variables, answers, leaving, ...plain } = packed;
  const thread: Thread = {
    ...plain,
    parent,
    scope,
    item: item?.value,
    state,
    retries,
    pending: pending && unpackPending(pending),
    group: undefined,
    variables: variables && new Map(variables.map(([name, value, sizeBytes]) => [name, { value, sizeBytes }])),
    answers,
    leaving,
    isOver: false,
  };
  if (thread.pending) all.set(thread.pending.id, thread);
  if (packedGroup) thread.group = unpackGroup(packedGroup, thread, all);
  return thread;
};

function unpackGroup(packed: PackedGroup, thread: Thread, all: Run['pending']): Group {
  const { active, waiting = [], has, results, maxConcurrency, ...plain } = packed;
  const unpack = (child: PackedThread): Thread => {
    const scope = thread.state.scopes[child.scope];
    if (!scope) throw new Error(`the snapshot names an unknown branch of '${thread.state.name}'`);
    return unpackThread(child, scope, thread, all);
  };
  return {
    ...plain,
    maxConcurrency: moment(maxConcurrency),
    results: results.map((result, at) => (has[at] ? result : undefined)),
    active: new Set(active.map(unpack)),
    failures: [],
    waiting: waiting.map(unpack),
  };
}

/** Puts a packed state back, into the machine that it is of. */
export const unpackRun = (packed: PackedRun, identity: Identity, machine: Machine): Run => {
  const pending = new Waits();
  return {
    ...packed,
    variableBytes: packed.variableBytes ?? 0,
    identity,
    machine,
    root: unpackThread(packed.root, machine.scope, undefined, pending),
    pending,
    deadlineAtMs: moment(packed.deadlineAtMs),
    outcome: undefined,
  };
};
