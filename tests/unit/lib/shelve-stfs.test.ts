import { expect, test } from 'vitest';
import { stfKey } from '#lib/model/ids';
import { progresses, stfRuns, stfShelvings, stfs } from '#lib/records';
import { shelveStfs } from '#lib/shelve-stfs';
import type { Store } from '#ports/store';
import type { Stf } from '#schema/stf';
import { aDeps, type TestDeps } from '../../builders/a-deps.ts';

const at = '2026-01-01T00:00:00.000Z';

/** An STF as a version without the index of states recorded it. */
const addOldStf = async ({ store, ids }: TestDeps, run: number, sequence: number, processing: Stf['processing']) => {
  const runId = ids.run(run);
  const doc: Stf = {
    ...{ id: ids.stf(run, sequence), runId, run, sequence, name: `swf.${run}.${sequence}.stf` },
    ...{ tfFirst: '0', tfEnd: '1', bxFirst: '0', bxEnd: '1', stampedAt: at, receivedAt: at, messageId: 'm' },
    ...{ processing, pass: 1, jobId: 'j' },
  };
  const indexes = { i1: { pk: `${runId}#stfs`, sk: stfKey(0, sequence).slice(9) } };
  await store.putMany([{ pk: doc.id, sk: 'stf', doc, indexes }]);
};

const addProgress = ({ store, ids }: TestDeps, run: number, counts: { catalogued: number; processed: number }) =>
  progresses.putMany(store, [[ids.run(run), { runId: ids.run(run), failed: 0, lastStfAt: at, ...counts }]]);

const shelves = async (store: Store) => {
  const names = async (shelf: string) =>
    (await stfs.list(store, 'i2', shelf)).items.map(({ doc }) => `${doc.run}/${doc.sequence}`);
  return { waiting: await names('stfs-waiting'), failed: await names('stfs-failed') };
};

const shelvingOf = ({ store, ids, clock }: TestDeps, isStopped = () => false) => ({ store, ids, clock, isStopped });

test('STFs of an earlier version get into the lists of waiting and failed ones, once', async () => {
  const deps = aDeps();
  await addOldStf(deps, 1, 1, 'processed');
  await addOldStf(deps, 2, 1, 'failed');
  await addOldStf(deps, 2, 2, 'waiting');
  await addProgress(deps, 1, { catalogued: 1, processed: 1 });
  await addProgress(deps, 2, { catalogued: 2, processed: 0 });
  expect(await shelves(deps.store)).toEqual({ waiting: [], failed: [] });
  expect(await shelveStfs(shelvingOf(deps))).toBe(2);
  expect(await shelves(deps.store)).toEqual({ waiting: ['2/2'], failed: ['2/1'] });
  const runs = await stfRuns.list(deps.store, 'i1', 'stf-runs');
  expect(runs.items.map(({ doc }) => doc.run)).toEqual([1, 2]);
  expect(await shelveStfs(shelvingOf(deps))).toBe(0);
});

test('indexing that was stopped or killed begins again at the next start and changes no document', async () => {
  const deps = aDeps();
  for (const sequence of [1, 2, 3]) await addOldStf(deps, 7, sequence, 'failed');
  await addProgress(deps, 7, { catalogued: 3, processed: 0 });
  let writes = 0;
  const dying: Store = {
    ...deps.store,
    transact: (transaction) => {
      writes += 1;
      if (writes === 2) throw new Error('killed');
      return deps.store.transact(transaction);
    },
  };
  await expect(shelveStfs({ ...shelvingOf(deps), store: dying })).rejects.toThrow('killed');
  expect((await shelves(deps.store)).failed).toEqual(['7/1']);
  expect(await stfShelvings.get(deps.store, deps.ids.of('shelving', 'stfs'))).toBeUndefined();
  const before = await stfs.need(deps.store, deps.ids.stf(7, 2));
  await shelveStfs(shelvingOf(deps));
  expect((await shelves(deps.store)).failed).toEqual(['7/1', '7/2', '7/3']);
  expect((await stfs.need(deps.store, deps.ids.stf(7, 2))).doc).toEqual(before.doc);
  expect(await deps.events()).toEqual([]);
});

test('a run of which every STF is processed is not read', async () => {
  const deps = aDeps();
  await addProgress(deps, 5, { catalogued: 4, processed: 4 });
  const read: string[] = [];
  const noting: Store = {
    ...deps.store,
    query: (query) => {
      read.push(query.pk);
      return deps.store.query(query);
    },
  };
  await shelveStfs({ ...shelvingOf(deps), store: noting });
  expect(read).toEqual(['newest-stf']);
});
