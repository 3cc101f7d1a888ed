import type { Json } from '../json.ts';
import { LEVEL_BYTES } from '../limits.ts';
import { AGAIN, type Group, type Thread, type Turn } from '../model.ts';
import { abandon, countEvent } from '../turn.ts';

/** A group of children, none started. */
export const newGroup = (
  startedEventId: number,
  items: readonly Json[],
  maxConcurrency: number,
  toleratedFailures: number,
): Group => ({
  startedEventId,
  active: new Set(),
  failures: [],
  waiting: [],
  results: [],
  boundBytes: LEVEL_BYTES,
  started: 0,
  ended: 0,
  failed: 0,
  items,
  maxConcurrency,
  toleratedFailures,
});

/** Adds a child that cannot begin yet. */
export const addChild = (group: Group, child: Thread): void => {
  group.active.add(child);
  group.started += 1;
};

/** Adds a child, to be driven later in this turn. */
export const startChild = (turn: Turn, group: Group, child: Thread): void => {
  addChild(group, child);
  turn.ready.push({ thread: child, next: child.state });
};

/** Lets a redriven child go on, later in this turn. */
export const resumeChild = (turn: Turn, child: Thread): void => {
  turn.ready.push({ thread: child, next: child.enteredEventId > 0 ? AGAIN : child.state });
};

/** Takes a child that has failed. */
export const takeFailure = (group: Group, child: Thread): void => {
  group.active.delete(child);
  group.failures.push(child);
};

/** Takes the output of a child that reached its end. */
export const takeResult = (group: Group, child: Thread): void => {
  group.active.delete(child);
  group.ended += 1;
  group.results[child.index] = child.data;
  group.boundBytes += child.boundBytes + 1;
};

const ABORTABLE = new Set(['Task', 'Wait', 'Parallel', 'Map']);

/** Tells the history that the state has succeeded; what comes next does not follow this event, but the one before it. */
export const countSuccess = (turn: Turn, thread: Thread): void => {
  const { lastEventId } = thread;
  countEvent(turn, thread);
  turn.record?.({ type: `${thread.state.type}StateSucceeded` });
  thread.lastEventId = lastEventId;
};

/** Aborts the children that are still at work, telling the history of each; all that follows the event `cause`. */
export const abortChildren = (turn: Turn, thread: Thread, cause: number, aborted?: (child: Thread) => void): void => {
  for (const child of thread.group?.active ?? []) {
    if (child.group) abortChildren(turn, child, cause);
    const hasMapRun = child.pending?.request?.type === 'mapRun';
    abandon(turn, child);
    child.lastEventId = cause;
    if (hasMapRun) {
      countEvent(turn, child);
      turn.record?.({ type: 'MapRunAborted' });
      child.lastEventId = cause;
    }
    if (child.enteredEventId > 0 && ABORTABLE.has(child.state.type)) {
      countEvent(turn, child);
      turn.record?.({ type: `${child.state.type}StateAborted` });
      child.lastEventId = cause;
    }
    aborted?.(child);
  }
};
