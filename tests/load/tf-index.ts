import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createIds } from '#lib/ids';
import { coverOf, packedCovers, piecesOf, withPieces } from '#lib/model/tf-index';
import { placeOf } from '#lib/model/tf-range';
import { coverages, tfSegments } from '#lib/records';
import { systemClock } from '#lib/system-clock';
import { coverageId, segmentId, stfsOfTf } from '#lib/tf-places';
import type { Store, Write } from '#ports/store';
import { openSqliteStore } from '../../functions/adapters/store/sqlite.ts';
import { aFolder } from '../builders/a-folder.ts';
import type { BenchmarkOptions, Result, Row } from './benchmark.ts';
import { quantile, rounded } from './figures.ts';
import { aLongRun, type LongRun } from './tf-index-runs.ts';

export const name = 'tf-index';
export const about =
  'finds the STFs of a BX among 10^9 TFs with gaps, overlaps and restarts, against a plain table of ranges';

const runsAll = 10;
const stfsOfRun = 100_000;
const gapsAll = 100_000;
const lookupsAll = 50_000;
/** Writes of one transaction. */
const writesAtOnce = 99;

const ids = createIds('bench', 'bnl', 1);

/** Where an answer comes from: sequences of the STFs that hold the TF of a BX. */
type Catalogue = { readonly name: string; readonly find: (bx: bigint) => Promise<readonly number[]> };

/** Writes a run's records as `index-stfs` leaves them. */
const enterRun = async (store: Store, { run, pieces }: LongRun): Promise<void> => {
  const runId = ids.run(run);
  const cut = pieces.flatMap((piece) => piecesOf(piece, piece.sequence));
  const segments = [...Map.groupBy(cut, ({ segment }) => segment)].map(([segment, more]) => ({
    segment,
    pieces: withPieces([], more),
  }));
  const covers = segments.map((one) => coverOf(one.segment, one.pieces)).toSorted((a, b) => a.segment - b.segment);
  const writes: Write[] = [
    ...segments.map((one) => tfSegments.put(segmentId(run, one.segment, { ids }), { runId, ...one }, 0)),
    coverages.put(coverageId(run, { ids }), { runId, run, ...packedCovers(covers) }, 0),
  ];
  for (let at = 0; at < writes.length; at += writesAtOnce)
    await store.transact({ writes: writes.slice(at, at + writesAtOnce), events: [] });
};

/** One row a range, found by the index of its first TF; it names one STF where there are several. */
const openPlain = (path: string) => {
  const db = new DatabaseSync(path);
  db.exec(
    'PRAGMA journal_mode=WAL; CREATE TABLE ranges (tf_first INTEGER, tf_end INTEGER, run INTEGER, sequence INTEGER)',
  );
  const insert = db.prepare('INSERT INTO ranges VALUES (?, ?, ?, ?)');
  const enter = ({ run, pieces }: LongRun): void => {
    db.exec('BEGIN');
    for (const { tfFirst, tfEnd, sequence } of pieces) insert.run(tfFirst, tfEnd, run, sequence);
    db.exec('COMMIT');
  };
  const finish = () => {
    db.exec('CREATE INDEX byFirst ON ranges (tf_first); PRAGMA wal_checkpoint(TRUNCATE)');
    const select = db.prepare('SELECT tf_end, sequence FROM ranges WHERE tf_first <= ? ORDER BY tf_first DESC LIMIT 1');
    const find = async (bx: bigint): Promise<number[]> => {
      const { tf } = placeOf(bx);
      const row = select.get(tf);
      return row && Number(row.tf_end) > Number(tf) ? [Number(row.sequence)] : [];
    };
    return { name: 'plain table of ranges', find };
  };
  return { enter, finish, close: () => db.close() };
};

/** Spans of look-ups, the two catalogues taking turns; each answer is held against the other's. */
const measure = async (ours: Catalogue, plain: Catalogue, bxs: readonly bigint[]) => {
  const spansUs = new Map<Catalogue, number[]>([
    [ours, []],
    [plain, []],
  ]);
  const timed = async (catalogue: Catalogue, bx: bigint): Promise<readonly number[]> => {
    const startedMs = performance.now();
    const found = await catalogue.find(bx);
    spansUs.get(catalogue)?.push((performance.now() - startedMs) * 1000);
    return found;
  };
  let [gaps, several] = [0, 0];
  for (const [at, bx] of bxs.entries()) {
    const [first, second] = at % 2 === 0 ? [ours, plain] : [plain, ours];
    const answers = new Map([
      [first, await timed(first, bx)],
      [second, await timed(second, bx)],
    ]);
    const [all = [], one = []] = [answers.get(ours), answers.get(plain)];
    if (one.some((sequence) => !all.includes(sequence))) throw new Error(`BX ${bx}: ${all} found, ${one} in the table`);
    if (all.length === 0) gaps += 1;
    if (all.length > 1) several += 1;
  }
  return { spansUs, gaps, several };
};

const rowOf = ({ name }: Catalogue, spansUs: readonly number[], sizeBytes: number, stfs: number): Row => ({
  catalogue: name,
  'p50 µs': rounded(quantile(spansUs, 0.5)),
  'p99 µs': rounded(quantile(spansUs, 0.99)),
  'p99.9 µs': rounded(quantile(spansUs, 0.999)),
  'file MB': rounded(sizeBytes / 1e6),
  'bytes an STF': rounded(sizeBytes / stfs),
});

/** Fills both catalogues with the same runs and looks up crossings. */
export const run = async ({ scale, say }: BenchmarkOptions): Promise<Result> => {
  using folder = aFolder();
  const [storePath, plainPath] = [join(folder.path, 'store.db'), join(folder.path, 'plain.db')];
  const { store } = await openSqliteStore({ path: storePath, clock: systemClock });
  const table = openPlain(plainPath);
  const runs = Math.max(1, Math.round(runsAll * scale));
  const bxs: bigint[] = [];
  let [stfs, pieces] = [0, 0];
  for (let place = 0; place < runs; place++) {
    say(`run ${place + 1} of ${runs}, ${stfsOfRun} STFs of 1000 TFs`);
    const shape = { stfs: stfsOfRun, gaps: gapsAll / runsAll, lookups: lookupsAll / runsAll };
    const longRun = aLongRun(place, shape);
    await enterRun(store, longRun);
    table.enter(longRun);
    bxs.push(...longRun.bxs);
    stfs += longRun.stfs;
    pieces += longRun.pieces.length;
  }
  const ours: Catalogue = {
    name: 'papilio',
    find: async (bx) => (await stfsOfTf(placeOf(bx).tf, { store, ids })).sequences,
  };
  const plain = table.finish();
  await measure(ours, plain, bxs.slice(0, 2000));
  const shuffled = bxs.map((bx) => ({ bx, key: Math.imul(Number(bx & 0xffff_ffffn), 0x9e37_79b1) >>> 0 }));
  const { spansUs, gaps, several } = await measure(
    ours,
    plain,
    shuffled.toSorted((a, b) => a.key - b.key).map(({ bx }) => bx),
  );
  await store.close();
  table.close();
  const spansOf = (catalogue: Catalogue): readonly number[] => spansUs.get(catalogue) ?? [];
  const sizeOf = (path: string): number => statSync(path).size;
  const p99Us = (catalogue: Catalogue): number => quantile(spansOf(catalogue), 0.99);
  return {
    tables: {
      [`${shuffled.length} look-ups by BX among ${rounded((stfs * 1000) / 1e9)} · 10^9 TFs of ${stfs} STFs in ${pieces} pieces`]:
        [rowOf(ours, spansOf(ours), sizeOf(storePath), stfs), rowOf(plain, spansOf(plain), sizeOf(plainPath), stfs)],
    },
    bars: [
      { what: 'a look-up, p99', measured: rounded(p99Us(ours) / 1000), unit: 'ms', atMost: 10 },
      {
        what: 'a look-up, p99 against the plain table',
        measured: rounded(p99Us(ours) / p99Us(plain)),
        unit: '×',
        atMost: 10,
      },
      {
        what: 'size against the plain table',
        measured: rounded(sizeOf(storePath) / sizeOf(plainPath)),
        unit: '×',
        atMost: 1,
      },
    ],
    notes: [
      `${gaps} of them lie in gaps, ${several} in several STFs: the plain table names only one of those`,
      'both files are in the page cache; a look-up ends with the sequences, without the replica and its index entry',
    ],
  };
};
