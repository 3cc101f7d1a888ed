import type * as z from 'zod';
import type { Identity } from '../identity.ts';
import {
  AGAIN,
  END,
  type Group,
  type Machine,
  type Next,
  type Run,
  type Scope,
  type Thread,
  type Work,
} from '../model.ts';
import { Waits } from '../waits.ts';
import {
  moment,
  type PackedGroup,
  type PackedPending,
  type PackedRun,
  type PackedThread,
  type PackedWork,
} from './packed-run.ts';

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

const childAt = (thread: Thread | undefined, index: number): Thread | undefined =>
  [...(thread?.group?.active ?? [])].find((child) => child.index === index);

const nextOf = ({ scope }: Thread, { to, isAgain }: PackedWork): Next | undefined => {
  if (isAgain) return AGAIN;
  return to === undefined ? END : scope.states.get(to);
};

const unpackWork = (packed: PackedWork, root: Thread): Work => {
  const thread = packed.at.reduce(childAt, root);
  const next = thread && nextOf(thread, packed);
  if (!thread || !next) throw new Error(`the snapshot goes on with an unknown state '${packed.to}'`);
  return { thread, next };
};

/** Puts a packed state back, into the machine that it is of. */
export const unpackRun = (packed: PackedRun, identity: Identity, machine: Machine): Run => {
  const pending = new Waits();
  const root = unpackThread(packed.root, machine.scope, undefined, pending);
  return {
    ...packed,
    rest: packed.rest?.map((work) => unpackWork(work, root)),
    variableBytes: packed.variableBytes ?? 0,
    identity,
    machine,
    root,
    pending,
    deadlineAtMs: moment(packed.deadlineAtMs),
    outcome: undefined,
  };
};
