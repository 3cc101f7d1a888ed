import type { Deps } from './deps.ts';
import { runKey } from './model/ids.ts';
import { piecesAt, segmentOf } from './model/tf-index.ts';
import { tfSegments } from './records.ts';

type Reading = { readonly ids: Pick<Deps['ids'], 'of'>; readonly store: Deps['store'] };

/** The id of the record of a segment of TFs. */
export const segmentId = (run: number, segment: number, { ids }: Pick<Reading, 'ids'>): string =>
  ids.of('tfs', `${runKey(run)}-${String(segment).padStart(4, '0')}`);

/** The id of the record of what of a run's TFs is there. */
export const coverageId = (run: number, { ids }: Pick<Reading, 'ids'>): string => ids.of('coverage', runKey(run));

/** Run and sequences of the STFs that hold a TF: several where STFs overlap, none where there is a gap. One read. @see 6.1 */
export const stfsOfTf = async (tf: bigint, deps: Reading): Promise<{ run: number; sequences: number[] }> => {
  const { run, segment, place } = segmentOf(tf);
  const found = await tfSegments.get(deps.store, segmentId(run, segment, deps));
  return { run, sequences: piecesAt(found?.doc.pieces ?? [], place).map((piece) => piece.sequence) };
};
