import { createHash } from 'node:crypto';
import type { Deps } from './deps.ts';
import type { Store, Write } from './ports/store.ts';
import { progresses, type Stored } from './records.ts';
import type { RunProgress } from './schema/run.ts';

/**
 * Records that the counts of a run are spread over, so that those who settle STFs at once seldom meet at one. May only be
 * raised: a smaller number would leave out what was counted. The first has the run's id and the state of its merge.
 */
const shares = 8;

const shareId = (runId: string, at: number): string => (at === 0 ? runId : `${runId}#${at}`);

/** How a run's progress changes: what is added to each count; every other field is replaced. */
type Step = Partial<Omit<RunProgress, 'runId'>>;

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
  const { catalogued = 0, processed = 0, failed = 0, ...facts } = by;
  const counts = { runId, catalogued: 0, processed: 0, failed: 0, ...before?.doc };
  const after: RunProgress = {
    ...counts,
    catalogued: counts.catalogued + catalogued,
    processed: counts.processed + processed,
    failed: counts.failed + failed,
    ...facts,
  };
  return progresses.put(id, after, before?.version ?? 0);
};

const latest = (a: string | undefined, b: string | undefined): string | undefined =>
  a === undefined || (b !== undefined && b > a) ? b : a;

const sumOf = (a: RunProgress, b: RunProgress): RunProgress => {
  const lastStfAt = latest(a.lastStfAt, b.lastStfAt);
  const lastSettledAt = latest(a.lastSettledAt, b.lastSettledAt);
  return {
    ...b,
    ...a,
    catalogued: a.catalogued + b.catalogued,
    processed: a.processed + b.processed,
    failed: a.failed + b.failed,
    ...(lastStfAt === undefined ? {} : { lastStfAt }),
    ...(lastSettledAt === undefined ? {} : { lastSettledAt }),
  };
};

/** A run's progress from its shares, added up; undefined if nothing was counted. */
export const sumOfShares = (all: readonly ProgressShare[]): RunProgress | undefined => {
  const [first, ...others] = all.flatMap(({ before }) => (before === undefined ? [] : [before.doc]));
  return first === undefined ? undefined : others.reduce(sumOf, first);
};

/** All shares of a run's progress; the first is the one that the merge of the run writes. */
export const progressShares = async (runId: string, store: Store): Promise<readonly ProgressShare[]> => {
  const ids = Array.from({ length: shares }, (_, at) => shareId(runId, at));
  const found = await progresses.getMany(store, ids);
  return ids.map((id, at) => ({ id, runId, before: found[at] }));
};

/** The write that makes a transaction fail if a share changed since it was read. */
export const progressCheck = ({ id, before }: ProgressShare): Write => progresses.check(id, before?.version ?? 0);

/**
 * A run's progress, its shares added up; undefined if nothing was counted. All that was committed before the call is in
 * it, so whoever commits the last step and then looks sees that it was the last. Cost: one read of eight keys.
 */
export const runProgress = async (store: Store, runId: string): Promise<RunProgress | undefined> =>
  sumOfShares(await progressShares(runId, store));
