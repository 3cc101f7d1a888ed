import { change, commit } from '#lib/change';
import type { Deps } from '#lib/deps';
import { type BatchItem, defineBatchFunction, eachItem } from '#lib/function';
import { parseStfName } from '#lib/model/stf-name';
import { coverOf, coversOf, type Piece, packedCovers, piecesOf, totalsOf, withPieces } from '#lib/model/tf-index';
import { startNextPasses } from '#lib/next-pass';
import { coverages, tfSegments } from '#lib/records';
import { coverageId, segmentId } from '#lib/tf-places';
import type { Write } from '#ports/store';
import { ArchivedStf } from '#schema/stf';
import type { SegmentCover } from '#schema/tf-index';

const name = 'index-stfs';
/** Segments of one transaction: the store takes 99 writes. A file whose TFs lie far apart has more. */
const segmentsAtOnce = 90;

/**
 * Enters the TFs of archived STFs into the catalogue. A single writer; in any order and however often they come, the same
 * STFs give the same records. @see 6.1
 */
export const indexStfs = defineBatchFunction({
  name,
  effect: 'named',
  input: ArchivedStf,
  runBatch: async (items, deps) => {
    const runs = Map.groupBy(items, ({ input }) => input.runId);
    const groups = [...runs].map(([itemId, ofRun]) => ({ itemId, ofRun }));
    const failed = new Set(await eachItem(groups, name, deps, ({ ofRun }) => take(ofRun, deps)));
    return items.filter(({ input }) => failed.has(input.runId)).map(({ itemId }) => itemId);
  },
});

/** Enters STFs of one run; those that failed for want of a sound file are processed now that they have one. */
const take = async (items: readonly BatchItem<ArchivedStf>[], deps: Deps): Promise<void> => {
  await enter(items, deps);
  await startNextPasses(
    items.map(({ input }) => input.stfId),
    deps,
  );
};

type RunPiece = Piece & { readonly segment: number };

const enter = async (items: readonly BatchItem<ArchivedStf>[], deps: Deps): Promise<void> => {
  const [first] = items;
  const run = first === undefined ? undefined : parseStfName(first.input.name)?.run;
  if (first === undefined || run === undefined) return;
  const pieces = items.flatMap(({ input }) => piecesOfStf(input));
  const segments = [...Map.groupBy(pieces, (piece) => piece.segment)];
  for (let at = 0; at < segments.length; at += segmentsAtOnce)
    await enterSegments({ runId: first.input.runId, run }, segments.slice(at, at + segmentsAtOnce), deps);
};

type InRun = { readonly runId: string; readonly run: number };

const enterSegments = async (
  inRun: InRun,
  segments: readonly (readonly [number, readonly Piece[]])[],
  deps: Deps,
): Promise<void> => {
  const entering = segments.map(([segment, more]) => enterSegment({ ...inRun, segment }, more, deps));
  const changed = (await Promise.all(entering)).filter((one) => one !== undefined);
  if (changed.length > 0) await save(inRun, changed, deps);
};

const piecesOfStf = ({ content, sequence }: ArchivedStf): RunPiece[] =>
  (content?.tfRanges ?? []).flatMap(({ tfFirst, tfEnd }) =>
    piecesOf({ tfFirst: BigInt(tfFirst), tfEnd: BigInt(tfEnd) }, sequence),
  );

type Entered = { readonly cover: SegmentCover; readonly write: Write };

/** A segment with more pieces; undefined if it has them all. */
const enterSegment = async (
  { runId, run, segment }: InRun & { readonly segment: number },
  more: readonly Piece[],
  deps: Deps,
): Promise<Entered | undefined> => {
  const id = segmentId(run, segment, deps);
  const stored = await tfSegments.get(deps.store, id);
  const pieces = withPieces(stored?.doc.pieces ?? [], more);
  if (pieces.length === stored?.doc.pieces.length) return undefined;
  const write = tfSegments.put(id, { runId, segment, pieces }, stored?.version ?? 0);
  return { cover: coverOf(segment, pieces), write };
};

/** An event tells of a run's coverage when its gaps or overlaps change: not with every STF that comes. */
const save = async ({ runId, run }: InRun, entered: readonly Entered[], deps: Deps): Promise<void> => {
  const id = coverageId(run, deps);
  const stored = await coverages.get(deps.store, id);
  const before = stored === undefined ? [] : coversOf(stored.doc);
  const covers = new Map([...before, ...entered.map(({ cover }) => cover)].map((cover) => [cover.segment, cover]));
  const after = [...covers.values()].toSorted((a, b) => a.segment - b.segment);
  const write = coverages.put(id, { runId, run, ...packedCovers(after) }, stored?.version ?? 0);
  const others = entered.map((one) => one.write);
  const [was, is] = [totalsOf(before), totalsOf(after)];
  if (was.gaps === is.gaps && was.overlapped === is.overlapped) return commit(deps, [], [write, ...others]);
  const data = { run, runId, gaps: is.gaps, tfsHeld: is.held, tfsOverlapped: is.overlapped };
  return commit(deps, [change(deps, id, write, { type: 'run.covered', by: name, data })], others);
};
