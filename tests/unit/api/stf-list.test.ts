import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createIds } from '#lib/ids';
import { replicas, stfRuns, stfs } from '#lib/records';
import type { Store } from '#ports/store';
import type { Replica, Stf } from '#schema/stf';
import { createMemoryStore } from '../../../functions/adapters/store/memory.ts';
import { listStfs, type StfWish } from '../../../functions/api/stf-list.ts';
import { fakeClock } from '../../builders/fake-clock.ts';

const ids = createIds('test', 'bnl', 1);
const at = '2026-01-01T00:00:00.000Z';
const fileName = (run: number, sequence: number): string => `swf.${run}.${String(sequence).padStart(6, '0')}.stf`;

const anStf = (run: number, sequence: number, processing: Stf['processing']): Stf => ({
  ...{ id: ids.stf(run, sequence), runId: ids.run(run), run, sequence, name: fileName(run, sequence) },
  ...{ tfFirst: '0', tfEnd: '1', bxFirst: '0', bxEnd: '1', stampedAt: at, receivedAt: at, messageId: 'm' },
  ...{ processing, pass: 1, jobId: ids.job(`${run}-${sequence}`) },
});
const aReplica = (run: number, sequence: number): Replica => ({
  ...{ stfId: ids.stf(run, sequence), runId: ids.run(run), sequence, name: fileName(run, sequence), objectKey: 'k' },
  ...{ sizeBytes: 1, checksumAdler32: '00000001', checksumCrc32c: '00000001', messageId: 'm' },
  ...{ receivedAt: at, archivedAt: at },
});

type Known = {
  readonly run: number;
  readonly sequence: number;
  readonly processing: Stf['processing'] | 'unknown';
  readonly isArchived: boolean;
};

const planesWith = async (known: readonly Known[]) => {
  const [archive, work] = [createMemoryStore({ clock: fakeClock() }), createMemoryStore({ clock: fakeClock() })];
  let read = 0;
  const counted = (store: Store): Store => ({
    ...store,
    query: async (query) => {
      const page = await store.query(query);
      read += page.items.length;
      return page;
    },
  });
  for (const { run, sequence, processing, isArchived } of known) {
    if (isArchived) await replicas.putMany(archive.store, [[ids.stf(run, sequence), aReplica(run, sequence)]]);
    if (processing === 'unknown') continue;
    const stf = anStf(run, sequence, processing);
    await stfs.putMany(work.store, [[stf.id, stf]]);
    await stfRuns.putMany(work.store, [[stf.runId, { runId: stf.runId, run }]]);
  }
  const planes = {
    archive: { ...archive, store: counted(archive.store) },
    work: { ...work, store: counted(work.store) },
  };
  return { records: async (plane: 'archive' | 'work') => planes[plane], recordsRead: () => read };
};

type Records = Awaited<ReturnType<typeof planesWith>>['records'];

const everyPage = async (records: Records, wish: StfWish): Promise<{ names: string[]; sizes: number[] }> => {
  const [names, sizes]: [string[], number[]] = [[], []];
  for (let cursor: string | undefined, isLast = false; !isLast; ) {
    const page = await listStfs(records, { ...wish, cursor });
    names.push(...page.items.map(({ name }) => name));
    sizes.push(page.items.length);
    [cursor, isLast] = [page.next, page.next === undefined];
  }
  return { names, sizes };
};

const drawn = fc.record({
  run: fc.constantFrom(1, 2, 30, 99_999_999),
  sequence: fc.integer({ min: 0, max: 12 }),
  processing: fc.constantFrom('unknown' as const, 'waiting' as const, 'processed' as const, 'failed' as const),
  isArchived: fc.boolean(),
});
const wishes = fc.record({
  run: fc.constantFrom(1, 30, 77, undefined),
  processing: fc.constantFrom('unknown', 'waiting', 'processed', 'failed', undefined),
  isNewestFirst: fc.boolean(),
  limit: fc.integer({ min: 1, max: 6 }),
});

const keyOf = ({ run, sequence }: Known): number => run * 100 + sequence;

test('lists have each STF that fits once, in order, on full pages, with and without a run', async () => {
  const stfList = fc.uniqueArray(drawn, { selector: keyOf, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(stfList, wishes, async (all, { run, ...wish }) => {
      const { records } = await planesWith(all);
      const catalogued = new Set(all.filter((one) => one.processing !== 'unknown').map((one) => one.run));
      const wanted = all
        .filter((one) => one.processing !== 'unknown' || one.isArchived)
        .filter((one) => (run === undefined ? catalogued.has(one.run) : one.run === run))
        .filter((one) => wish.processing === undefined || one.processing === wish.processing)
        .sort((a, b) => (wish.isNewestFirst ? keyOf(b) - keyOf(a) : keyOf(a) - keyOf(b)))
        .map((one) => fileName(one.run, one.sequence));
      const found = await everyPage(records, { ...wish, ...(run !== undefined && { runId: ids.run(run) }) });
      expect(found.names).toEqual(wanted);
      expect(found.sizes.slice(0, -1).every((size) => size === wish.limit)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('153 waiting STFs behind thousands of processed ones are found without reading those', async () => {
  const all = Array.from({ length: 3_153 }, (_, sequence) => ({
    ...{ run: 1002, sequence, isArchived: true },
    processing: sequence < 3_000 ? ('processed' as const) : ('waiting' as const),
  }));
  const { records, recordsRead } = await planesWith(all);
  for (const runId of [undefined, ids.run(1002)]) {
    const before = recordsRead();
    const page = await listStfs(records, { runId, processing: 'waiting', limit: 100, isNewestFirst: false });
    expect(page.items.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 100 }, (_, at) => 3_000 + at));
    expect(page.items.every(({ isArchived }) => isArchived)).toBe(true);
    expect(page.next).toBeDefined();
    expect(recordsRead() - before).toBe(101);
  }
});

test('failures of an earlier run stay in the list when the next run begins', async () => {
  const { records } = await planesWith([
    { run: 1002, sequence: 4, processing: 'failed', isArchived: false },
    { run: 1003, sequence: 1, processing: 'processed', isArchived: true },
  ]);
  const { names } = await everyPage(records, { processing: 'failed', limit: 10, isNewestFirst: true });
  expect(names).toEqual(['swf.1002.000004.stf']);
});

test('a page that looks for a rare state ends after 5,000 STFs and says where it goes on', async () => {
  const all = Array.from({ length: 5_600 }, (_, sequence) => ({
    ...{ run: 1, sequence, isArchived: true },
    processing: sequence < 5_500 ? ('processed' as const) : ('unknown' as const),
  }));
  const { records } = await planesWith(all);
  const { names, sizes } = await everyPage(records, {
    ...{ runId: ids.run(1), processing: 'unknown', limit: 100, isNewestFirst: false },
  });
  expect(names).toHaveLength(100);
  expect(sizes).toEqual([0, 100]);
});
