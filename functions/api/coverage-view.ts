import { PapilioError } from '#lib/errors';
import { blockCovers, blockOfSegment, runTotals } from '#lib/model/run-coverage';
import { parseStfName } from '#lib/model/stf-name';
import { type Line, linesOver, type Span, shownLine } from '#lib/model/tf-cover';
import { SEGMENT_TFS, spansIn } from '#lib/model/tf-index';
import { hullOf, runPlaceOf, TFS_PER_BLOCK, tfAt } from '#lib/model/tf-range';
import { coverages, quarantines, tfSegments } from '#lib/records';
import { coverageId, segmentId } from '#lib/tf-places';
import type { Store } from '#ports/store';
import type { CoverageView, RunCoverage } from '#schema/tf-index';
import { fromBoth } from './stf-view.ts';
import type { Surroundings } from './surroundings.ts';
import { idsOf } from './tf-view.ts';

type Ids = ReturnType<typeof idsOf>;
type Reading = { readonly store: Store; readonly ids: Ids; readonly run: number };
/** Segments that are whole together, or one that is not. */
type Entry = { readonly first: number; readonly end: number };

/** So many entries are read at once: what they hold is in memory, nothing else. */
const entriesAtOnce = 16;
const quarantineLooked = 1000;

const entriesIn = ({ whole, others }: RunCoverage, from: number): Entry[] =>
  [...whole.map(([first, end]) => ({ first, end })), ...others.map(([first]) => ({ first, end: first + 1 }))]
    .filter(({ end }) => end > from)
    .toSorted((a, b) => a.first - b.first);

/** Entries of a run from a segment on, block after block: a block is read when its entries are asked for. */
async function* entriesFrom(main: RunCoverage, from: number, { store, ids, run }: Reading): AsyncGenerator<Entry[]> {
  for (const { segment: block } of blockCovers(main)) {
    if (block < blockOfSegment(from)) continue;
    const coverage = block === 0 ? main : (await coverages.need(store, coverageId(run, { ids }, block))).doc;
    const entries = entriesIn(coverage, from);
    for (let at = 0; at < entries.length; at += entriesAtOnce) yield entries.slice(at, at + entriesAtOnce);
  }
}

/** What entries hold: of segments that are whole only the first and the last are read. */
const spansOf = async (entries: readonly Entry[], { store, ids, run }: Reading): Promise<Span[]> => {
  const edges = entries.flatMap(({ first, end }) => [first, end - 1]);
  const found = await tfSegments.getMany(
    store,
    edges.map((segment) => segmentId(run, segment, { ids })),
  );
  return entries.flatMap(({ first, end }, at) => {
    const [left, right] = [at * 2, at * 2 + 1].map((index) => found[index]?.doc.pieces ?? []);
    const spans = spansIn(first, left ?? []);
    if (end - first === 1) return spans;
    const sequenceFirst = spans[0]?.sequenceFirst ?? 0;
    const sequenceLast = spansIn(end - 1, right ?? []).at(-1)?.sequenceLast ?? sequenceFirst;
    return [{ first: first * SEGMENT_TFS, end: end * SEGMENT_TFS, sequenceFirst, sequenceLast }];
  });
};

/** Lines from a place in the run on, one more than asked for if there is one: the last of more may go on behind what was read. */
const linesFrom = async (
  coverage: RunCoverage,
  placeFrom: number | undefined,
  limit: number,
  reading: Reading,
): Promise<Line[]> => {
  // What ends where the page begins is read too: a gap names it.
  const from = placeFrom === undefined ? 0 : Math.floor((placeFrom - 1) / SEGMENT_TFS);
  const spans: Span[] = [];
  let lines: Line[] = [];
  for await (const entries of entriesFrom(coverage, from, reading)) {
    spans.push(...(await spansOf(entries, reading)));
    lines = linesOver(spans).flatMap((line) => clipped(line, placeFrom));
    if (lines.length > limit) break;
  }
  return lines.slice(0, limit + 1);
};

const clipped = (line: Line, placeFrom: number | undefined): Line[] => {
  if (placeFrom === undefined || line.first >= placeFrom) return [line];
  return line.end <= placeFrom ? [] : [{ ...line, first: placeFrom }];
};

/** STFs of a run that came again with other content than is archived. */
const repeatedIn = async (run: number, store: Store): Promise<CoverageView['repeated']> => {
  const { items } = await quarantines.list(store, 'i1', 'quarantine', { newestFirst: true, limit: quarantineLooked });
  return items.flatMap(({ doc }) => {
    if (doc.problem.code !== 'stf-content-differs') return [];
    const [name = ''] = /swf\.\d+\.\d+\.stf/.exec(doc.problem.reason) ?? [];
    const stf = parseStfName(name);
    return stf?.run === run ? [{ sequence: stf.sequence, name, quarantineId: doc.id }] : [];
  });
};

export type CoverageQuery = {
  readonly run: number;
  readonly limit: number;
  /** Where the page begins: the TF after the last line before it. */
  readonly tfFrom: bigint | undefined;
};

/** A page of what of a run's TFs is there. @throws record-missing when nothing is */
export const coverageOf = async (
  { run, limit, tfFrom }: CoverageQuery,
  around: Pick<Surroundings, 'records' | 'config'>,
): Promise<Omit<CoverageView, 'next'> & { readonly tfNext: bigint | undefined }> => {
  const ids = idsOf(around);
  const placeFrom = tfFrom === undefined ? undefined : placeIn(run, tfFrom);
  const { archive: repeated = [], work } = await fromBoth(around.records, {
    archive: ({ store }) => (tfFrom === undefined ? repeatedIn(run, store) : Promise.resolve([])),
    work: async ({ store }) => {
      const coverage = await coverages.get(store, coverageId(run, { ids }));
      if (!coverage) throw new PapilioError('record-missing', `no TF of run ${run} is in the catalogue`);
      return { coverage: coverage.doc, lines: await linesFrom(coverage.doc, placeFrom, limit, { store, ids, run }) };
    },
  });
  if (!work) throw new PapilioError('plane-unavailable', 'work plane: it has the catalogue of TFs');
  const { held, overlapped, gaps } = runTotals(work.coverage);
  const blocks = blockCovers(work.coverage);
  const [first, last] = [blocks[0], blocks.at(-1)];
  const placeOfBlock = (block = 0, place = 0) => block * TFS_PER_BLOCK + place;
  const hull = hullOf({
    run,
    first: placeOfBlock(first?.segment, first?.first),
    end: placeOfBlock(last?.segment, last?.end),
  });
  const page = work.lines.slice(0, limit);
  const next = work.lines.length > limit ? page.at(-1)?.end : undefined;
  return {
    run,
    runId: ids.run(run),
    tfFirst: String(hull.tfFirst),
    tfEnd: String(hull.tfEnd),
    tfsHeld: held,
    tfsOverlapped: overlapped,
    gaps,
    repeated,
    items: page.map((line) => shownLine(run, line)),
    tfNext: next === undefined ? undefined : tfAt(run, next),
  };
};

/** The place of a TF in its run. @throws cursor-unknown when it is of another run */
const placeIn = (run: number, tf: bigint): number => {
  const place = runPlaceOf(tf);
  if (place.run === run && place.index > 0) return place.index;
  throw new PapilioError('cursor-unknown', `TF ${tf} begins no line of run ${run}`);
};
