/** Draws the hits of one detector in one TF, sorted by time: three random words a hit, integers only, about 10 ns a hit. */

import { TICKS_PER_BX } from '#lib/model/stf-container';
import type { Section } from '#lib/model/stf-container-tf';
import { DETECTORS, SIGNAL_SHARE, type SimDetector } from './generator-detectors.ts';
import type { StfPlan } from './generator-plan.ts';
import { draw, type Random, randomOf } from './generator-random.ts';
import { CHARGE_END } from './spectrum.ts';

// The mean of a sum of four random bytes; its width is 148.
const FOUR_BYTES_MEAN = 510;

/** Fills the sections of a planned TF. */
export function drawHits(plan: StfPlan, index: number, sections: readonly Section[]): void {
  const spanTicks = plan.header.bxPerTf * TICKS_PER_BX;
  const share = SIGNAL_SHARE[plan.regime];
  sections.forEach((section, at) => {
    const detector = DETECTORS[at];
    if (detector !== undefined)
      fill(section.words, detector, randomOf(...plan.keys, index, section.detectorId), { spanTicks, share });
  });
}

// Hit i lies somewhere in the i-th of equal parts of the TF, so hits come sorted and near a Poisson stream's density.
function fill(
  words: Uint32Array,
  detector: SimDetector,
  random: Random,
  { spanTicks, share }: { readonly spanTicks: number; readonly share: number },
): void {
  const partTicks = Math.floor(spanTicks / Math.max(1, words.length / 2));
  let partFirst = 0;
  for (let at = 0; at < words.length; at += 2) {
    const where = draw(random);
    words[at] = partFirst + Math.floor(((where & 0xffff) * partTicks) / 65_536);
    const channel = ((where >>> 16) * detector.channels) >>> 16;
    words[at + 1] = (chargeOf(detector, draw(random), draw(random), share) << 16) | channel;
    partFirst += partTicks;
  }
}

// Near a Gaussian around the pedestal; with a signal, plus its least value and a tail that falls by half every `gain`.
function chargeOf(
  { pedestal, noise, signal, gain }: SimDetector,
  first: number,
  second: number,
  share: number,
): number {
  const four = (first & 255) + ((first >>> 8) & 255) + ((first >>> 16) & 255) + (first >>> 24);
  const base = pedestal + (((four - FOUR_BYTES_MEAN) * noise) >> 7);
  if ((second & 255) >= share) return Math.max(base, 0);
  const halvings = Math.clz32(second | 256);
  const fraction = 255 - (((second << halvings) >>> 23) & 255);
  return Math.min(Math.max(base + signal + ((gain * (halvings * 256 + fraction)) >> 8), 0), CHARGE_END - 1);
}
