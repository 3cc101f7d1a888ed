import { PapilioError } from '#lib/errors';
import { parseStfName } from '#lib/model/stf-name';
import { type Line, linesOver, type Span, shownLine } from '#lib/model/tf-cover';
import { coversOf, rangesOf, segmentOf, tfOfSegment, totalsOf } from '#lib/model/tf-index';
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

const entriesOf = ({ whole, others }: RunCoverage, from: number): Entry[] =>
  [...whole.map(([first, end]) => ({ first, end })), ...others.map(([first]) => ({ first, end: first + 1 }))]
    .filter(({ end }) => end > from)
    .toSorted((a, b) => a.first - b.first);

/** What entries hold: of segments that are whole only the first and the last are read. */
const spansOf = async (entries: readonly Entry[], { store, ids, run }: Reading): Promise<Span[]> => {
  const edges = entries.flatMap(({ first, end }) => [first, end - 1]);
  const found = await tfSegments.getMany(
    store,
    edges.map((segment) => segmentId(run, segment, { ids })),
  );
  return entries.flatMap(({ first, end }, at) => {
    const [left, right] = [at * 2, at * 2 + 1].map((index) => found[index]?.doc.pieces ?? []);
    const ranges = rangesOf(run, first, left ?? []);
    if (end - first === 1)
      return ranges.map(({ sequence, ...range }) => ({ ...range, sequenceFirst: sequence, sequenceLast: sequence }));
    const sequenceFirst = ranges[0]?.sequence ?? 0;
    const sequenceLast = rangesOf(run, end - 1, right ?? []).at(-1)?.sequence ?? sequenceFirst;
    return [{ tfFirst: tfOfSegment(run, first), tfEnd: tfOfSegment(run, end), sequenceFirst, sequenceLast }];
  });
};

/** Lines from a TF on, one more than asked for if there is one: the last of more may go on behind what was read. */
const linesFrom = async (
  coverage: RunCoverage,
  tfFrom: bigint | undefined,
  limit: number,
  reading: Reading,
): Promise<Line[]> => {
  // What ends where the page begins is read too: a gap names it.
  const entries = entriesOf(coverage, tfFrom === undefined ? 0 : segmentOf(tfFrom - 1n).segment);
  const spans: Span[] = [];
  let lines: Line[] = [];
  for (let at = 0; at < entries.length && lines.length <= limit; at += entriesAtOnce) {
    spans.push(...(await spansOf(entries.slice(at, at + entriesAtOnce), reading)));
    lines = linesOver(spans).flatMap((line) => clipped(line, tfFrom));
  }
  return lines.slice(0, limit + 1);
};

const clipped = (line: Line, tfFrom: bigint | undefined): Line[] => {
  if (tfFrom === undefined || line.tfFirst >= tfFrom) return [line];
  return line.tfEnd <= tfFrom ? [] : [{ ...line, tfFirst: tfFrom }];
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
  /** Where the page begins: the end of the last line before it. */
  readonly tfFrom: bigint | undefined;
};

/** A page of what of a run's TFs is there. @throws record-missing when nothing is */
export const coverageOf = async (
  { run, limit, tfFrom }: CoverageQuery,
  around: Pick<Surroundings, 'records' | 'config'>,
): Promise<Omit<CoverageView, 'next'> & { readonly tfNext: bigint | undefined }> => {
  const ids = idsOf(around);
  const { archive: repeated = [], work } = await fromBoth(around.records, {
    archive: ({ store }) => (tfFrom === undefined ? repeatedIn(run, store) : Promise.resolve([])),
    work: async ({ store }) => {
      const coverage = await coverages.get(store, coverageId(run, { ids }));
      if (!coverage) throw new PapilioError('record-missing', `no TF of run ${run} is in the catalogue`);
      return { coverage: coverage.doc, lines: await linesFrom(coverage.doc, tfFrom, limit, { store, ids, run }) };
    },
  });
  if (!work) throw new PapilioError('plane-unavailable', 'work plane: it has the catalogue of TFs');
  const covers = coversOf(work.coverage);
  const { held, overlapped, gaps } = totalsOf(covers);
  const [first, last] = [covers[0], covers.at(-1)];
  const tfAt = (segment = 0, place = 0) => String(tfOfSegment(run, segment) + BigInt(place));
  const page = work.lines.slice(0, limit);
  return {
    run,
    runId: ids.run(run),
    tfFirst: tfAt(first?.segment, first?.first),
    tfEnd: tfAt(last?.segment, last?.end),
    tfsHeld: held,
    tfsOverlapped: overlapped,
    gaps,
    repeated,
    items: page.map(shownLine),
    tfNext: work.lines.length > limit ? page.at(-1)?.tfEnd : undefined,
  };
};
