/**
 * The TF of a crossing. Its number is that of the TF times the BXs a TF of its run, so it is tried with every value that any run
 * has, and counts where the run has that value. O(values).
 */
import { runPlaceOf } from './tf-range.ts';

const U64_END = 2n ** 64n;

/** Where the BXs a TF of runs are known from. */
export type BxNumbering = {
  /** Every value that any run has. */
  readonly values: () => Promise<readonly number[]>;
  readonly bxPerTfOf: (run: number) => Promise<number>;
};

/** A TF that a crossing may belong to: more than one only where runs differ in BXs a TF. */
export type BxPlace = { readonly tf: bigint; readonly run: number; readonly bxInTf: number };

/** Returns every TF that a BX belongs to by the numbering of its run. */
export async function tfsOfBx(bx: bigint, { values, bxPerTfOf }: BxNumbering): Promise<BxPlace[]> {
  const found = (await values()).map((value) => ({
    value,
    tf: bx / BigInt(value),
    bxInTf: Number(bx % BigInt(value)),
  }));
  const places = await Promise.all(
    found.map(async ({ value, tf, bxInTf }): Promise<BxPlace[]> => {
      if (tf >= U64_END) return [];
      const { run } = runPlaceOf(tf);
      return (await bxPerTfOf(run)) === value ? [{ tf, run, bxInTf }] : [];
    }),
  );
  return places.flat();
}
