import { PapilioError } from '#lib/errors';
import { type BxPlace, tfsOfBx } from '#lib/model/bx-places';
import { readBxPerTfs, readNumbering } from '#lib/run-numbering';
import type { TfView } from '#schema/tf-index';
import type { Surroundings } from './surroundings.ts';
import { findTf, idsOf } from './tf-view.ts';

type Reading = Pick<Surroundings, 'records' | 'archive' | 'config'>;

/**
 * Finds the TF of a crossing by the numbering of its run. A read for each value of BXs a TF that runs have, then as for a TF.
 * @throws tf-missing bx-ambiguous when several runs have a TF with that crossing
 */
export const findBx = async (bx: bigint, wanted: number | undefined, around: Reading): Promise<TfView> => {
  const { store } = await around.records('work');
  const reading = { store, ids: idsOf(around), config: around.config };
  const places = await tfsOfBx(bx, {
    values: () => readBxPerTfs(reading),
    bxPerTfOf: async (run) => (await readNumbering(run, reading)).bxPerTf,
  });
  const candidates = wanted === undefined ? places : places.filter(({ run }) => run === wanted);
  if (candidates.length === 0) {
    const where = wanted === undefined ? 'the numbering of any run' : `the numbering of run ${wanted}`;
    throw new PapilioError('tf-missing', `BX ${bx} is in no TF by ${where}`);
  }
  const [found, ...others] = await heldOf(candidates, around);
  if (others.length > 0 && found !== undefined) {
    const runs = [found, ...others].map(({ view }) => view.run).join(', ');
    throw new PapilioError('bx-ambiguous', `BX ${bx} is in a TF of each of the runs ${runs}`);
  }
  // None is held: the first says where its gap is.
  const { view, bxInTf } = found ?? (await viewOf(candidates[0], around));
  return { ...view, bx: String(bx), bxInTf };
};

type Found = { readonly view: TfView; readonly bxInTf: number };

const viewOf = async (place: BxPlace | undefined, around: Reading): Promise<Found> => {
  if (place === undefined) throw new PapilioError('tf-missing', 'no TF');
  return { view: await findTf(place.tf, around), bxInTf: place.bxInTf };
};

/** Those of several TFs that are archived; a single one is looked for by its finder. */
const heldOf = async (places: readonly BxPlace[], around: Reading): Promise<Found[]> => {
  if (places.length === 1) return [];
  const looked = await Promise.all(
    places.map((place) =>
      viewOf(place, around).catch((thrown: unknown) => {
        if (thrown instanceof PapilioError && thrown.code === 'tf-missing') return undefined;
        throw thrown;
      }),
    ),
  );
  return looked.flatMap((found) => found ?? []);
};
