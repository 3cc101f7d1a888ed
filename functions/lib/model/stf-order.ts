import type { Stf } from '../schema/stf.ts';
import { stfKey } from './ids.ts';

/** States in which an STF has a place in the index of all runs; the processed ones are found by their run. */
export const stfShelves = ['waiting', 'failed'] as const;
export type StfShelf = (typeof stfShelves)[number];

/** Partition of a shelf. */
export const stfShelfKey = (shelf: StfShelf): string => `stfs-${shelf}`;

/** Place of an STF in the index of all runs: by run, then by sequence; none once it is processed. */
export const stfShelf = ({
  run,
  sequence,
  processing,
}: Pick<Stf, 'run' | 'sequence' | 'processing'>): { readonly i2?: { readonly pk: string; readonly sk: string } } => {
  const shelf = stfShelves.find((one) => one === processing);
  return shelf === undefined ? {} : { i2: { pk: stfShelfKey(shelf), sk: stfKey(run, sequence) } };
};
