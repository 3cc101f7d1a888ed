import { PapilioError } from '#lib/errors';
import { segmentOf } from '#lib/model/tf-index';
import type { RecordedAct, TfHolding } from '#ports/e1-data';
import type { Objects } from '#ports/objects';
import type { TfRange } from '#schema/tf';
import { actOn, addTo, cutOut, liveIn, type Piece } from './live.ts';
import type { Part } from './part.ts';
import { ledgerOf, loadRun } from './run-parts.ts';

/** An act for people. */
export const actInWords = ({ number, by, at, why }: RecordedAct): string => `act ${number} of ${by}, ${at}: ${why}`;

/** What of each run is given out, found out when a run is first asked for. `acts` grows under it. */
export const createHoldings = (objects: Objects, acts: RecordedAct[]) => {
  const runs = new Map<number, Promise<Piece[]>>();

  const ofRun = (run: number): Promise<Piece[]> => {
    const loading = runs.get(run) ?? loadRun(objects, run, acts);
    runs.set(run, loading);
    loading.catch(() => runs.delete(run));
    return loading;
  };
  const piecesIn = async (range: TfRange): Promise<Piece[]> => liveIn(await ofRun(segmentOf(range.tfFirst).run), range);

  const pieceOf = async (tf: bigint): Promise<Piece | undefined> =>
    (await piecesIn({ tfFirst: tf, tfEnd: tf + 1n }))[0];

  /** @throws tf-missing */
  const needPiece = async (tf: bigint): Promise<Piece> => {
    const piece = await pieceOf(tf);
    if (piece) return piece;
    const act = actOn(tf, acts);
    throw new PapilioError(
      'tf-missing',
      act ? `TF ${tf}: taken away by ${actInWords(act)}` : `TF ${tf} was not written`,
    );
  };

  const add = async (part: Part): Promise<void> => addTo(await ofRun(part.run), part);

  /** Applies an act that is recorded. */
  const apply = async (act: RecordedAct): Promise<void> => {
    acts.push(act);
    const { run } = segmentOf(act.tfFirst);
    runs.set(run, Promise.resolve(cutOut(await ofRun(run), act)));
  };

  const shown = async ({ part, tfFirst, tfEnd }: Piece): Promise<TfHolding> => {
    const { run, name } = part;
    return { run, name, tfFirst, tfEnd, ...(await ledgerOf(objects, part)) };
  };

  return { acts, piecesIn, pieceOf, needPiece, add, apply, shown };
};

/** What of each run is given out. */
export type Holdings = ReturnType<typeof createHoldings>;
