import type { Group, Run, Thread } from '../model.ts';

/** True if children of a Parallel or Map are left that did not succeed; else the state itself has failed. */
const isUnfinished = ({ waiting, started, items }: Group): boolean => waiting.length > 0 || started < items.length;

const prepareGroup = (run: Run, group: Group): Group | undefined => {
  const again = [...group.failures, ...group.active, ...group.waiting].sort((a, b) => a.index - b.index);
  for (const child of again) {
    prepareThread(run, child);
    if (child.enteredEventId === 0) child.lastEventId = group.startedEventId;
  }
  const ended = group.started - again.length;
  const prepared = { ...group, active: new Set<Thread>(), failures: [], waiting: again, ended, failed: 0 };
  return isUnfinished(prepared) ? prepared : undefined;
};

function prepareThread(run: Run, thread: Thread): void {
  thread.isOver = false;
  thread.pending = undefined;
  thread.retries = undefined;
  thread.answers = undefined;
  thread.leaving = undefined;
  thread.group = thread.group && prepareGroup(run, thread.group);
  // As on AWS: what is done again follows the event that entered the state; only the Fail that ended all follows the redrive.
  const isEnd = !thread.parent && thread.state.type === 'Fail';
  thread.lastEventId = isEnd ? run.eventCount + 1 : thread.enteredEventId;
  for (const { sizeBytes } of thread.variables?.values() ?? []) run.variableBytes += sizeBytes;
}

/**
 * Makes of an execution that has ended without success the one that a redrive goes on with, in place: all threads that
 * did not succeed stand before their states, with no event of it yet.
 */
export const prepareRedrive = (run: Run): void => {
  const { root, outcome } = run;
  // What was too large comes out the same from the same branches: AWS runs them all again.
  if (outcome?.error === 'States.DataLimitExceeded') root.group = undefined;
  run.variableBytes = 0;
  prepareThread(run, root);
  run.outcome = undefined;
};
