/** What `hits.ts` writes and `merge.ts` reads. The simulated payload owns it. */

import * as z from 'zod';
import { Decimal64, DecimalBx } from '#schema/id';

const Count = z.int().min(0);
/** Half-open, in order. */
const Ranges = z.array(z.object({ tfFirst: Decimal64, tfEnd: Decimal64 })).readonly();

/** The histograms of one STF, or of a part of a run. */
export const HitsFile = z.object({
  run: Count,
  sequence: Count,
  /** The TFs and crossings that it should hold, half-open. */
  tfFirst: Decimal64,
  tfEnd: Decimal64,
  bxFirst: DecimalBx,
  bxEnd: DecimalBx,
  /** TFs that were there and read, which they are, and which were not there. */
  tfCount: Count,
  tfRanges: Ranges,
  tfsMissing: Ranges,
  hits: Count,
  detectors: z.record(z.string(), z.object({ hits: Count, charge: z.array(Count).readonly() })).readonly(),
});
export type HitsFile = z.infer<typeof HitsFile>;
