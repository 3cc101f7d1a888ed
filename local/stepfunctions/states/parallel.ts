import { compileDataFlow, type DataFlow } from '../data-flow.ts';
import type { Json } from '../json.ts';
import { exitBy, leave } from '../leave.ts';
import { type Link, type Next, type Scope, type Thread, type Turn, WAITING } from '../model.ts';
import { compileRecovery } from '../recovery.ts';
import { countEvent, newThread } from '../turn.ts';
import { abortChildren, countSuccess, newGroup, resumeChild, startChild, takeFailure, takeResult } from './group.ts';
import type { Behaviour, StateType } from './state-type.ts';

const start = (turn: Turn, thread: Thread, branches: readonly Scope[], data: Json): Next => {
  const { boundBytes } = turn;
  const startedId = countEvent(turn, thread);
  turn.record?.({ type: 'ParallelStateStarted' });
  const group = newGroup(startedId, [], Number.POSITIVE_INFINITY, 0);
  thread.group = group;
  for (const [index, scope] of branches.entries()) {
    startChild(turn, group, newThread(scope, { parent: thread, index, item: undefined, data, boundBytes }, startedId));
  }
  return WAITING;
};

const finish = (turn: Turn, thread: Thread, flow: DataFlow, link: Link): Next => {
  const results = (thread.group?.results ?? []).map((result) => result ?? null);
  turn.boundBytes = thread.group?.boundBytes ?? 2;
  thread.group = undefined;
  countSuccess(turn, thread);
  flow.output(turn, thread, results);
  return leave(turn, thread, link);
};

const behaviour = (branches: readonly Scope[], flow: DataFlow, link: Link): Behaviour => ({
  scopes: branches,
  exit: exitBy(flow, link),
  enter: (turn, thread) => start(turn, thread, branches, flow.input(turn, thread)),
  redrive: (turn, thread) => {
    const { group } = thread;
    if (!group) return undefined;
    for (const child of group.waiting.splice(0)) {
      group.active.add(child);
      resumeChild(turn, child);
    }
    return WAITING;
  },
  childEnded: (turn, thread, child) => {
    if (!thread.group) return WAITING;
    takeResult(thread.group, child);
    if (thread.group.ended < branches.length) return WAITING;
    thread.lastEventId = child.lastEventId;
    return finish(turn, thread, flow, link);
  },
  childFailed: (turn, thread, child, failure) => {
    if (thread.group) takeFailure(thread.group, child);
    abortChildren(turn, thread, child.lastEventId);
    thread.lastEventId = child.lastEventId;
    countEvent(turn, thread);
    turn.record?.({ type: 'ParallelStateFailed' });
    throw failure;
  },
});

/** Parallel: runs its branches side by side on the same input; its result is the array of theirs. */
export const parallel: StateType = {
  fields: [
    ...['InputPath', 'OutputPath', 'Parameters', 'ResultSelector', 'ResultPath'],
    ...['Arguments', 'Output', 'Assign'],
    ...['Branches', 'Retry', 'Catch', 'Next', 'End'],
  ],
  compile: (definition, context) => {
    const branches = definition.objects('Branches').flatMap((each) => context.scope(each) ?? []);
    if (branches.length === 0) definition.problem('Branches', 'A non-empty array of branches is required');
    return {
      ...behaviour(branches, compileDataFlow(definition), context.next()),
      recover: compileRecovery(definition, context),
    };
  },
};
