import * as z from 'zod';
import { Numbering } from './stf.ts';

/**
 * How TFs and BXs of a run are numbered, as the headers of its archived files state it. Papilio owns it; it changes when a
 * file states another value, or when an earlier file of a known value is archived, in any order.
 */

/** One numbering that files of a run state. */
export const StatedNumbering = Numbering.extend({
  /** Sequences of the first STFs that state it, in order. */
  sequences: z.array(z.int().min(0)).min(1).max(20),
});
export type StatedNumbering = z.infer<typeof StatedNumbering>;

/** All numberings that files of a run state, that of the lowest sequence first: it is the numbering of the run. */
export const RunNumbering = z.object({
  runId: z.string(),
  run: z.int().min(0),
  stated: z.array(StatedNumbering).min(1).max(100),
});
export type RunNumbering = z.infer<typeof RunNumbering>;

/** The BXs a TF that any run states: a BX is looked for with each. */
export const KnownBxPerTf = z.object({ values: z.array(z.int().min(1)).max(1000) });
export type KnownBxPerTf = z.infer<typeof KnownBxPerTf>;

/** The numbering of a run as it is shown. */
export const NumberingView = Numbering.extend({
  /** The STF whose file states it; absent as long as no file of the run is archived and the settings count. */
  sequence: z.int().min(0).optional(),
  /** Other numberings that files of the run state: those files are archived, and their TFs overlap or leave gaps. */
  differing: z.array(StatedNumbering),
});
export type NumberingView = z.infer<typeof NumberingView>;
