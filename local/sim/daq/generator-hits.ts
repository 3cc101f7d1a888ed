/** Draws the hits of one detector in one TF, sorted by time: three random words a hit, integers only, about 10 ns a hit. */

import { TICKS_PER_BX } from '#lib/model/stf-container';
import type { Section } from '#lib/model/stf-container-tf';
import { DETECTORS, PULSE_HEIGHTS, SIGNAL_SHARE, type SimDetector } from './generator-detectors.ts';
import type { StfPlan } from './generator-plan.ts';
import { draw, type Random, randomOf } from './generator-random.ts';
import { CHARGE_END } from './spectrum.ts';

// The mean of a sum of four random bytes; its width is 148.
const FOUR_BYTES_MEAN = 510;

/** Fills the sections of a planned TF. */
export function drawHits(plan: StfPlan, index: number, sections: readonly Section[]): void {
  const spanTicks = plan.header.bxPerTf * TICKS_PER_BX;
  const charge = plan.regime === 'pulser' ? pulseOf : signalOf(SIGNAL_SHARE[plan.regime]);
  sections.forEach((section, at) => {
    const detector = DETECTORS[at];
    if (detector !== undefined)
      fill(section.words, detector, randomOf(...plan.keys, index, section.detectorId), { spanTicks, charge });
  });
}

// Hit i lies somewhere in the i-th of equal parts of the TF, so hits come sorted and near a Poisson stream's density.
function fill(
  words: Uint32Array,
  detector: SimDetector,
  random: Random,
  { spanTicks, charge }: { readonly spanTicks: number; readonly charge: Charge },
): void {
  const partTicks = Math.floor(spanTicks / Math.max(1, words.length / 2));
  let partFirst = 0;
  for (let at = 0; at < words.length; at += 2) {
    const where = draw(random);
    words[at] = partFirst + Math.floor(((where & 0xffff) * partTicks) / 65_536);
    const channel = ((where >>> 16) * detector.channels) >>> 16;
    words[at + 1] = (charge(detector, draw(random), draw(random)) << 16) | channel;
    partFirst += partTicks;
  }
}

/** The charge of a hit, from two random words. */
type Charge = (detector: SimDetector, first: number, second: number) => number;

// Near a Gaussian around the pedestal.
function baseOf({ pedestal, noise }: SimDetector, random: number): number {
  const four = (random & 255) + ((random >>> 8) & 255) + ((random >>> 16) & 255) + (random >>> 24);
  return pedestal + (((four - FOUR_BYTES_MEAN) * noise) >> 7);
}

// With a signal, plus its least value and a tail that falls by half every `gain`.
const signalOf =
  (share: number): Charge =>
  (detector, first, second) => {
    const base = baseOf(detector, first);
    if ((second & 255) >= share) return Math.max(base, 0);
    const halvings = Math.clz32(second | 256);
    const fraction = 255 - (((second << halvings) >>> 23) & 255);
    const charge = base + detector.signal + ((detector.gain * (halvings * 256 + fraction)) >> 8);
    return Math.min(Math.max(charge, 0), CHARGE_END - 1);
  };

// A test pulse of a known height, so that pedestal and gain can be found again.
const pulseOf: Charge = (detector, first, second) => {
  const charge = baseOf(detector, first) + detector.gain * (second % PULSE_HEIGHTS);
  return Math.min(Math.max(charge, 0), CHARGE_END - 1);
};
