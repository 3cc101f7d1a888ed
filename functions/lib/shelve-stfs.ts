import { setImmediate } from 'node:timers/promises';
import { PapilioError } from './errors.ts';
import type { Clock } from './ports/clock.ts';
import type { Ids } from './ports/ids.ts';
import type { Store } from './ports/store.ts';
import { newestStf, progresses, type Stored, stfRuns, stfShelvings, stfs } from './records.ts';
import { runProgress } from './run-progress.ts';
import type { Stf } from './schema/stf.ts';

const stfsAtOnce = 200;

type Shelving = {
  readonly store: Store;
  readonly ids: Pick<Ids, 'of'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly isStopped: () => boolean;
};

/**
 * Gives STFs that an earlier version recorded their places in the index of waiting and failed ones, and its runs theirs.
 * Once per store, beside all other work; begins again after a kill. Reads only runs whose counts have an STF that is not
 * processed, and writes only such STFs. Returns how many it wrote.
 */
export const shelveStfs = async (shelving: Shelving): Promise<number> => {
  const { store, ids, clock, isStopped } = shelving;
  const id = ids.of('shelving', 'stfs');
  if (await stfShelvings.get(store, id)) return 0;
  let written = 0;
  for await (const runId of runsOf(store)) {
    if (isStopped()) return written;
    written += await shelveRun(runId, shelving);
  }
  if (!isStopped()) await stfShelvings.putMany(store, [[id, { doneAt: new Date(clock.nowMs()).toISOString() }]]);
  return written;
};

/** Runs that have an STF, each once. Oldest first: one that gets an STF meanwhile moves ahead of the reader, never behind it. */
async function* runsOf(store: Store): AsyncGenerator<string> {
  const seen = new Set<string>();
  for await (const { doc } of progresses.every(store, 'i1', newestStf)) {
    if (!seen.has(doc.runId)) yield doc.runId;
    seen.add(doc.runId);
  }
}

const shelveRun = async (runId: string, { store, isStopped }: Shelving): Promise<number> => {
  const run = Number(runId.slice(runId.lastIndexOf('_') + 1));
  await stfRuns.putMany(store, [[runId, { runId, run }]]);
  const progress = await runProgress(store, runId);
  if (progress === undefined || progress.catalogued <= progress.processed) return 0;
  let written = 0;
  for (let cursor: string | undefined, isLast = false; !isLast && !isStopped(); ) {
    const page = { limit: stfsAtOnce, ...(cursor === undefined ? {} : { cursor }) };
    const { items, next } = await stfs.list(store, 'i1', `${runId}#stfs`, page);
    for (const stf of items) if (stf.doc.processing !== 'processed') written += await rewrite(stf, store);
    [cursor, isLast] = [next, next === undefined];
    await setImmediate();
  }
  return written;
};

/** Writes a record as it is; one that changed meanwhile has its place by that change. */
const rewrite = async ({ doc, version }: Stored<Stf>, store: Store): Promise<number> => {
  try {
    await store.transact({ writes: [stfs.put(doc.id, doc, version)], events: [] });
    return 1;
  } catch (thrown) {
    if (thrown instanceof PapilioError && thrown.code === 'store-conflict') return 0;
    throw thrown;
  }
};
