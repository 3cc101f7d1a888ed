import type { Deps } from './deps.ts';
import { runKey } from './model/ids.ts';
import { coversOf, neighboursOf, type Piece, piecesAt, SEGMENT_TFS, segmentOf, tfOfSegment } from './model/tf-index.ts';
import { coverages, tfSegments } from './records.ts';

type Reading = { readonly ids: Pick<Deps['ids'], 'of'>; readonly store: Deps['store'] };

/** The id of the record of a segment of TFs. */
export const segmentId = (run: number, segment: number, { ids }: Pick<Reading, 'ids'>): string =>
  ids.of('tfs', `${runKey(run)}-${String(segment).padStart(4, '0')}`);

/** The id of the record of what of a run's TFs is there. */
export const coverageId = (run: number, { ids }: Pick<Reading, 'ids'>): string => ids.of('coverage', runKey(run));

const piecesIn = async (run: number, segment: number, deps: Reading): Promise<readonly number[]> =>
  (await tfSegments.get(deps.store, segmentId(run, segment, deps)))?.doc.pieces ?? [];

/** Run and sequences of the STFs that hold a TF: several where STFs overlap, none where there is a gap. One read. @see 6.1 */
export const stfsOfTf = async (tf: bigint, deps: Reading): Promise<{ run: number; sequences: number[] }> => {
  const { run, segment, place } = segmentOf(tf);
  const pieces = piecesAt(await piecesIn(run, segment, deps), place);
  return { run, sequences: pieces.map((piece) => piece.sequence) };
};

/** An STF's end of a gap: the last TF's end before it, or the first TF behind it. */
type GapEdge = { readonly tf: bigint; readonly sequence: number };

/** What lies around a TF that no STF holds; an edge is absent where the run has nothing on that side. Five reads at most. */
export const gapAround = async (tf: bigint, deps: Reading): Promise<{ before?: GapEdge; after?: GapEdge }> => {
  const { run, segment, place } = segmentOf(tf);
  const coverage = await coverages.get(deps.store, coverageId(run, deps));
  const segments = coverage === undefined ? [] : coversOf(coverage.doc).map((cover) => cover.segment);
  const own = neighboursOf(await piecesIn(run, segment, deps), place);
  const beside = async (other: number | undefined, from: number, side: 'before' | 'after'): Promise<Edge> =>
    other === undefined
      ? undefined
      : edgeOf(run, other, neighboursOf(await piecesIn(run, other, deps), from)[side], side);
  const before =
    edgeOf(run, segment, own.before, 'before') ??
    (await beside(
      segments.findLast((other) => other < segment),
      SEGMENT_TFS,
      'before',
    ));
  const after =
    edgeOf(run, segment, own.after, 'after') ??
    (await beside(
      segments.find((other) => other > segment),
      -1,
      'after',
    ));
  return { ...(before && { before }), ...(after && { after }) };
};

type Edge = GapEdge | undefined;

const edgeOf = (run: number, segment: number, piece: Piece | undefined, side: 'before' | 'after'): Edge =>
  piece && {
    tf: tfOfSegment(run, segment) + BigInt(side === 'before' ? piece.first + piece.count : piece.first),
    sequence: piece.sequence,
  };
