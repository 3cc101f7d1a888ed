import type { Deps } from './deps.ts';
import { runKey } from './model/ids.ts';
import { blockCovers, blockOfSegment } from './model/run-coverage.ts';
import { coversOf, neighboursOf, type Piece, piecesAt, SEGMENT_TFS, segmentOf, tfOfSegment } from './model/tf-index.ts';
import { coverages, tfSegments } from './records.ts';
import type { RunCoverage } from './schema/tf-index.ts';

type Reading = { readonly ids: Pick<Deps['ids'], 'of'>; readonly store: Deps['store'] };

/** The id of the record of a segment of TFs. */
export const segmentId = (run: number, segment: number, { ids }: Pick<Reading, 'ids'>): string =>
  ids.of('tfs', `${runKey(run)}-${String(segment).padStart(4, '0')}`);

/** The id of the record of what of a block of a run's TFs is there; that of block 0 has the sums of all. */
export const coverageId = (run: number, { ids }: Pick<Reading, 'ids'>, block = 0): string =>
  ids.of('coverage', block === 0 ? runKey(run) : `${runKey(run)}-${String(block).padStart(4, '0')}`);

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

/** What lies around a TF that no STF holds; an edge is absent where the run has nothing on that side. Seven reads at most. */
export const gapAround = async (tf: bigint, deps: Reading): Promise<{ before?: GapEdge; after?: GapEdge }> => {
  const { run, segment, place } = segmentOf(tf);
  const own = neighboursOf(await piecesIn(run, segment, deps), place);
  const main = (await coverages.get(deps.store, coverageId(run, deps)))?.doc;
  const looking = { run, segment, main, deps };
  const before = edgeOf(run, segment, own.before, 'before') ?? (await beside('before', looking));
  const after = edgeOf(run, segment, own.after, 'after') ?? (await beside('after', looking));
  return { ...(before && { before }), ...(after && { after }) };
};

type Side = 'before' | 'after';
type Edge = GapEdge | undefined;
type Looking = {
  readonly run: number;
  readonly segment: number;
  readonly main: RunCoverage | undefined;
  readonly deps: Reading;
};

/** The block of a TF, and the nearest one on one side that holds TFs. */
const blocksToSee = (side: Side, own: number, main: RunCoverage | undefined): number[] => {
  const blocks = main === undefined ? [] : blockCovers(main).map((cover) => cover.segment);
  const near = side === 'before' ? blocks.findLast((one) => one < own) : blocks.find((one) => one > own);
  return near === undefined ? [own] : [own, near];
};

/** The edge in the nearest other segment on one side. */
const beside = async (side: Side, { run, segment, main, deps }: Looking): Promise<Edge> => {
  for (const block of blocksToSee(side, blockOfSegment(segment), main)) {
    const doc = block === 0 ? main : (await coverages.get(deps.store, coverageId(run, deps, block)))?.doc;
    const segments = doc === undefined ? [] : coversOf(doc).map((cover) => cover.segment);
    const other = side === 'before' ? segments.findLast((one) => one < segment) : segments.find((one) => one > segment);
    if (other === undefined) continue;
    const from = side === 'before' ? SEGMENT_TFS : -1;
    return edgeOf(run, other, neighboursOf(await piecesIn(run, other, deps), from)[side], side);
  }
  return undefined;
};

const edgeOf = (run: number, segment: number, piece: Piece | undefined, side: Side): Edge =>
  piece && {
    tf: tfOfSegment(run, segment) + BigInt(side === 'before' ? piece.first + piece.count : piece.first),
    sequence: piece.sequence,
  };
