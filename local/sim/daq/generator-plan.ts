/**
 * The plan of a simulated STF: how many hits each detector has in each TF, before any is drawn. The file's size decides the
 * total; neighbouring TFs give and take some, so no two are alike; the regime decides how detectors share a TF.
 */

import {
  bxFieldOf,
  HIT_BYTES,
  headerBytesOf,
  INDEX_ENTRY_BYTES,
  type StfHeader,
  TF_MAX_BYTES,
  TRAILER_BYTES,
} from '#lib/model/stf-container';
import { type TfHead, tfBytesOf } from '#lib/model/stf-container-tf';
import { BX_PER_TF, bxRangeOf, hullOf, spanOf, TFS_PER_STF, type TfSpan, tfAt } from '#lib/model/tf-range';
import type { BxRange, TfRange } from '#schema/tf';
import { DETECTORS, type Regime, regimeOf } from './generator-detectors.ts';
import { draw, type Random, randomOf } from './generator-random.ts';

/** What is asked of the generator. The same spec always gives the same bytes. */
export type StfSpec = {
  readonly run: number;
  readonly sequence: number;
  /** A whole number below 2^53. */
  readonly seed: number;
  /** The file has this size, rounded down to a multiple of 8. */
  readonly sizeBytes: number;
  /** Share of the hits that the size has room for, above 0 to 1; the file is that much smaller. */
  readonly fill?: number;
  readonly tfCount?: number;
  /** Places of TFs, from 0, that the file shall not hold: it stays sound, and that much smaller. */
  readonly missing?: readonly number[];
  readonly tfsPerStf?: number;
  readonly bxPerTf?: number;
  readonly state: string;
  readonly substate: string;
};

/** A spec with all that follows from it. */
export type StfPlan = {
  readonly header: StfHeader;
  readonly regime: Regime;
  readonly span: TfSpan;
  /** From the first TF of `span` to the one after its last. */
  readonly tfs: TfRange;
  readonly bxs: BxRange;
  readonly sizeBytes: number;
  readonly hits: number;
  /** Places of the TFs that the file holds. */
  readonly places: readonly number[];
  /** Keys of the random numbers of this file. */
  readonly keys: readonly number[];
};

// A TF has up to this share of the mean more or fewer hits than the mean, in 1/256.
const SWING = 64;
const MAX_BX_PER_TF = 2 ** 24;

/** Plans an STF. @throws RangeError when the size or a number cannot be. */
export function planOf(spec: StfSpec): StfPlan {
  const { run, sequence, seed, tfsPerStf = TFS_PER_STF, tfCount = tfsPerStf, bxPerTf = BX_PER_TF, missing = [] } = spec;
  const span = spanOf({ run, sequence, tfCount, tfsPerStf });
  const tfs = hullOf(span);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`seed ${seed} is not a whole number below 2^53`);
  if (!(bxPerTf <= MAX_BX_PER_TF)) throw new RangeError(`bxPerTf ${bxPerTf} is above ${MAX_BX_PER_TF}`);
  const emptyBytes =
    headerBytesOf(DETECTORS.length) + tfCount * (tfBytesOf(DETECTORS.length, 0) + INDEX_ENTRY_BYTES) + TRAILER_BYTES;
  const hits = Math.floor(((spec.sizeBytes - emptyBytes) / HIT_BYTES) * (spec.fill ?? 1));
  if (!(hits >= 0))
    throw new RangeError(`${tfCount} TFs do not fit in ${spec.sizeBytes} bytes: ${emptyBytes} at least`);
  if (tfBytesOf(DETECTORS.length, Math.ceil(hits / tfCount) * 2) > TF_MAX_BYTES) {
    throw new RangeError(`${spec.sizeBytes} bytes in ${tfCount} TFs makes TFs of more than ${TF_MAX_BYTES / 2} bytes`);
  }
  return {
    header: {
      run,
      sequence,
      tfCount,
      tfsPerStf,
      bxPerTf,
      seed: BigInt(seed),
      state: spec.state,
      substate: spec.substate,
      detectors: DETECTORS.map(({ id, channels, name }) => ({ id, channels, name })),
    },
    regime: regimeOf(spec.state, spec.substate),
    span,
    tfs,
    bxs: bxRangeOf(tfs, bxPerTf),
    sizeBytes: emptyBytes + hits * HIT_BYTES,
    hits,
    places: Array.from({ length: tfCount }, (_, place) => place).filter((place) => !missing.includes(place)),
    keys: [seed % 2 ** 32, Math.floor(seed / 2 ** 32), run, sequence],
  };
}

/** What one TF of a planned STF holds. */
export function headOfTf(plan: StfPlan, index: number): TfHead {
  const tf = tfAt(plan.span.run, plan.span.first + index);
  const bxCount = BigInt(plan.header.bxPerTf);
  const hits = hitsOfTf(plan, index);
  return { tf, bxFirst: bxFieldOf(tf, bxCount), bxCount, hits, counts: countsOfTf(plan, index, hits) };
}

function countsOfTf(plan: StfPlan, index: number, hits: number): TfHead['counts'] {
  const random = randomOf(...plan.keys, index);
  const weights = DETECTORS.map(({ rates }) => rates[plan.regime] * (224 + (draw(random) >>> 26)));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const counts = weights.map((weight) => Math.floor((hits * weight) / sum));
  const rest = hits - counts.reduce((total, count) => total + count, 0);
  return DETECTORS.map(({ id }, at) => ({ detectorId: id, hits: (counts[at] ?? 0) + (at < rest ? 1 : 0) }));
}

// TFs go in pairs, and what one has above the mean the other has below, so the file's total stays exact.
function hitsOfTf(plan: StfPlan, index: number): number {
  const { tfCount } = plan.header;
  const mean = Math.floor(plan.hits / tfCount);
  const rest = index < plan.hits % tfCount ? 1 : 0;
  const isAlone = index === tfCount - 1 && index % 2 === 0;
  if (isAlone) return mean + rest;
  const swing = swingOf(randomOf(...plan.keys, index >>> 1, SWING), mean);
  return mean + rest + (index % 2 === 0 ? swing : -swing);
}

function swingOf(random: Random, mean: number): number {
  const share = (draw(random) % (2 * SWING + 1)) - SWING;
  return Math.trunc((mean * share) / 256);
}
