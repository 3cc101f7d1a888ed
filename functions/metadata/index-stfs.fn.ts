import { change, commit } from '#lib/change';
import type { Deps } from '#lib/deps';
import { type BatchItem, defineBatchFunction, eachItem } from '#lib/function';
import type { Statement } from '#lib/model/numbering';
import { blockOfSegment, runTotals, withBlock, withCovers } from '#lib/model/run-coverage';
import { parseStfName } from '#lib/model/stf-name';
import { coverOf, coversOf, type Piece, packedCovers, piecesOf, withPieces } from '#lib/model/tf-index';
import { startNextPasses } from '#lib/next-pass';
import { coverages, placements, type Stored, stfs, tfSegments, unarchived } from '#lib/records';
import { recordNumbering } from '#lib/run-numbering';
import { numberStfs } from '#lib/stf-numbers';
import { coverageId, segmentId } from '#lib/tf-places';
import type { Write } from '#ports/store';
import { ArchivedStf } from '#schema/stf';
import type { RunCoverage, SegmentCover } from '#schema/tf-index';
import type { Unarchived } from '#schema/unarchived';

const name = 'index-stfs';
/** Segments of one transaction: the store takes 99 writes, and each may be in a block of its own. A file whose TFs lie far apart has more. */
const segmentsAtOnce = 45;

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

/**
 * Enters STFs of one run. Jobs that wait for a copy are called once their STF has its numbers, which provenance keeps, and
 * before the catalogue of TFs is written. STFs that failed for want of a sound file are processed now that they have one.
 */
const take = async (items: readonly BatchItem<ArchivedStf>[], deps: Deps): Promise<void> => {
  const reports = items.map(({ input }) => input);
  const archived = reports.filter(({ problem }) => problem === undefined);
  const failed = reports.filter(({ problem }) => problem !== undefined);
  const inRun = runOf(archived);
  if (inRun !== undefined) await number(inRun, archived, deps);
  await callForPlaces(archived, deps);
  if (inRun !== undefined) await enter(inRun, archived, deps);
  await settleFiles(reports, deps);
  await callForPlaces(failed, deps);
  await startNextPasses(
    archived.map(({ stfId }) => stfId),
    deps,
  );
};

/** Has the broker look at the jobs that wait for one of these files. */
const callForPlaces = async (reports: readonly ArchivedStf[], deps: Deps): Promise<void> => {
  if (reports.length === 0) return;
  const entries = await stfs.getMany(
    deps.store,
    reports.map(({ stfId }) => stfId),
  );
  const jobIds = entries.flatMap((stf) => (stf?.doc.processing === 'waiting' ? [stf.doc.jobId] : []));
  const asked = await placements.getMany(deps.store, jobIds);
  const waiting = new Set(asked.flatMap((request) => request?.doc.jobId ?? []));
  await deps.queues.send(
    'broker',
    [...waiting].map((jobId) => ({ kind: 'file', jobId })),
  );
};

/** Records which files could not be archived. */
const settleFiles = async (reports: readonly ArchivedStf[], deps: Deps): Promise<void> => {
  const failures = await unarchived.getMany(
    deps.store,
    reports.map(({ stfId }) => stfId),
  );
  for (const [at, report] of reports.entries()) await settleFile(report, failures[at], deps);
};

const settleFile = async (
  { stfId, runId, objectKey, problem }: ArchivedStf,
  known: Stored<Unarchived> | undefined,
  deps: Deps,
): Promise<void> => {
  if (problem === undefined) {
    if (known !== undefined) await commit(deps, [], [unarchived.delete(stfId, known.version)]);
    return;
  }
  // Of several messages about one STF another may have brought a sound file.
  if ((await deps.archive.stat(objectKey)) !== undefined) return;
  await commit(deps, [], [unarchived.put(stfId, { stfId, runId, problem }, known?.version ?? 0)]);
};

type RunPiece = Piece & { readonly segment: number };

type InRun = { readonly runId: string; readonly run: number };

const runOf = ([first]: readonly ArchivedStf[]): InRun | undefined => {
  const run = first === undefined ? undefined : parseStfName(first.name)?.run;
  return first === undefined || run === undefined ? undefined : { runId: first.runId, run };
};

/** Records the numbering that the files of a run state, and gives it to their entries. */
const number = async (inRun: InRun, archived: readonly ArchivedStf[], deps: Deps): Promise<void> => {
  await recordNumbering(inRun, archived.flatMap(statementOf), name, deps);
  await numberStfs(archived, name, deps);
};

/** Enters the TFs of STFs into the catalogue. */
const enter = async (inRun: InRun, archived: readonly ArchivedStf[], deps: Deps): Promise<void> => {
  const segments = [...Map.groupBy(archived.flatMap(piecesOfStf), (piece) => piece.segment)];
  for (let at = 0; at < segments.length; at += segmentsAtOnce)
    await enterSegments(inRun, segments.slice(at, at + segmentsAtOnce), deps);
};

/** What a file states of the numbering of its run; nothing where it was archived by an earlier version. */
const statementOf = ({ sequence, content }: ArchivedStf): Statement[] => {
  const { tfsPerStf, bxPerTf } = content ?? {};
  return tfsPerStf === undefined || bxPerTf === undefined ? [] : [{ sequence, tfsPerStf, bxPerTf }];
};

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

/**
 * Saves segments, and what of their blocks is there. An event has a run's coverage when its gaps or overlaps change: not with
 * every STF that is archived.
 */
const save = async ({ runId, run }: InRun, entered: readonly Entered[], deps: Deps): Promise<void> => {
  const id = coverageId(run, deps);
  const stored = await coverages.get(deps.store, id);
  let main: RunCoverage = stored?.doc ?? { runId, run, whole: [], others: [] };
  const writes = entered.map((one) => one.write);
  for (const [block, ofBlock] of Map.groupBy(entered, ({ cover }) => blockOfSegment(cover.segment))) {
    const blockId = coverageId(run, deps, block);
    const known = block === 0 ? stored : await coverages.get(deps.store, blockId);
    const covers = withCovers(
      known === undefined ? [] : coversOf(known.doc),
      ofBlock.map(({ cover }) => cover),
    );
    main = withBlock(main, block, covers);
    if (block > 0) writes.push(coverages.put(blockId, { runId, run, ...packedCovers(covers) }, known?.version ?? 0));
  }
  const write = coverages.put(id, main, stored?.version ?? 0);
  const [was, is] = [runTotals(stored?.doc), runTotals(main)];
  if (was.gaps === is.gaps && was.overlapped === is.overlapped) return commit(deps, [], [write, ...writes]);
  const data = { run, runId, gaps: is.gaps, tfsHeld: is.held, tfsOverlapped: is.overlapped };
  return commit(deps, [change(deps, id, write, { type: 'run.covered', by: name, data })], writes);
};
