import type { Deps } from './deps.ts';
import type { Write } from './ports/store.ts';
import { outputs, progresses, type Stored } from './records.ts';
import type { Output } from './schema/output.ts';
import type { RunProgress } from './schema/run.ts';

/** How a run's progress changes: what is added to each count, who waits from now on, and when an STF came. */
type Step = Partial<Pick<RunProgress, 'catalogued' | 'processed' | 'failed' | 'waiter' | 'lastStfAt'>>;

/** The write that changes a run's progress by a step; a run that has none begins at zero. */
export const progressWrite = (runId: string, before: Stored<RunProgress> | undefined, by: Step): Write => {
  const { waiter, lastStfAt, catalogued = 0, processed = 0, failed = 0 } = by;
  const counts = { runId, catalogued: 0, processed: 0, failed: 0, ...before?.doc };
  const after: RunProgress = {
    ...counts,
    catalogued: counts.catalogued + catalogued,
    processed: counts.processed + processed,
    failed: counts.failed + failed,
    ...(waiter === undefined ? {} : { waiter }),
    ...(lastStfAt === undefined ? {} : { lastStfAt }),
  };
  return progresses.put(runId, after, before?.version ?? 0);
};

/** The outputs that a run's STFs gave, without that of its merge; as far as the index shows them. */
export const stfOutputsOf = async (runId: string, deps: Pick<Deps, 'store'>): Promise<Output[]> => {
  const found: Output[] = [];
  for await (const { doc } of outputs.every(deps.store, 'i1', `${runId}#outputs`)) {
    if (doc.stfId !== undefined) found.push(doc);
  }
  return found;
};
