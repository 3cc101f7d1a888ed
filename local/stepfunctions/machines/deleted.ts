import type { Thread } from '../model.ts';
import type { Execution } from '../registry.ts';

const hasMoved = (thread: Thread, events: number): boolean =>
  thread.enteredEventId > events || [...(thread.group?.active ?? [])].some((child) => hasMoved(child, events));

/** True if the machine of an execution is deleted and the execution has gone to another state since it had so many events: AWS ends it then. */
export const isOutlived = ({ entry, run }: Execution, events: number): boolean =>
  entry.isDeleted && run !== undefined && hasMoved(run.root, events);
