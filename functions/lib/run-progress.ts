import { createHash } from 'node:crypto';
import type { Deps } from './deps.ts';
import type { Store, Write } from './ports/store.ts';
import { outputs, progresses, type Stored } from './records.ts';
import type { Output } from './schema/output.ts';
import type { RunProgress } from './schema/run.ts';

/**
 * Records that the counts of a run are spread over, so that those who settle STFs at once seldom meet at one. May only be
 * raised: a smaller number would leave out what was counted. The first has the run's id, and whoever waits for it.
 */
const shares = 8;

const shareId = (runId: string, at: number): string => (at === 0 ? runId : `${runId}#${at}`);

/** How a run's progress changes: what is added to each count, who waits from now on, and when an STF came. */
type Step = Partial<Pick<RunProgress, 'catalogued' | 'processed' | 'failed' | 'waiter' | 'lastStfAt'>>;

/** One of the records of a run's progress, as it was read. */
export type ProgressShare = {
  readonly id: string;
  readonly runId: string;
  readonly before: Stored<RunProgress> | undefined;
};

/** The share in which an STF is counted, always the same one; without an STF that which says who waits. */
export const progressShareOf = async (
  runId: string,
  stfId: string | undefined,
  { store }: Pick<Deps, 'store'>,
): Promise<ProgressShare> => {
  const at = stfId === undefined ? 0 : createHash('sha256').update(stfId).digest().readUInt32BE() % shares;
  const id = shareId(runId, at);
  return { id, runId, before: await progresses.get(store, id) };
};

/** The write that changes a run's progress by a step, in one of its shares; a share that is not there begins at zero. */
export const progressWrite = ({ id, runId, before }: ProgressShare, by: Step): Write => {
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
  return progresses.put(id, after, before?.version ?? 0);
};

const latest = (a: string | undefined, b: string | undefined): string | undefined =>
  a === undefined || (b !== undefined && b > a) ? b : a;

const sumOf = (a: RunProgress, b: RunProgress): RunProgress => {
  const lastStfAt = latest(a.lastStfAt, b.lastStfAt);
  const waiter = a.waiter ?? b.waiter;
  return {
    runId: a.runId,
    catalogued: a.catalogued + b.catalogued,
    processed: a.processed + b.processed,
    failed: a.failed + b.failed,
    ...(lastStfAt === undefined ? {} : { lastStfAt }),
    ...(waiter === undefined ? {} : { waiter }),
  };
};

/**
 * A run's progress, its shares added up; undefined if nothing was counted. All that was committed before the call is in
 * it, so whoever commits the last step and then looks sees that it was the last. Cost: one read of eight keys.
 */
export const runProgress = async (store: Store, runId: string): Promise<RunProgress | undefined> => {
  const ids = Array.from({ length: shares }, (_, at) => shareId(runId, at));
  const found = await progresses.getMany(store, ids);
  const [first, ...others] = found.flatMap((share) => (share === undefined ? [] : [share.doc]));
  return first === undefined ? undefined : others.reduce(sumOf, first);
};

/** The outputs that a run's STFs gave, without that of its merge; as far as the index shows them. */
export const stfOutputsOf = async (runId: string, deps: Pick<Deps, 'store'>): Promise<Output[]> => {
  const found: Output[] = [];
  for await (const { doc } of outputs.every(deps.store, 'i1', `${runId}#outputs`)) {
    if (doc.stfId !== undefined) found.push(doc);
  }
  return found;
};
