/** Hit counts and charge histograms by detector: what the payload finds, and what the generator says is there. */
import type { StfDetector } from '#lib/model/stf-container';
import type { Section } from '#lib/model/stf-container-tf';

/** Charge is a 12-bit ADC value, below this. */
export const CHARGE_END = 4096;
// A bin is 64 ADC values wide; what is above the scale counts in the last.
const CHARGE_BINS = 64;
const BIN_SHIFT = 6;

/** What one detector saw. */
export type DetectorSpectrum = { readonly hits: number; readonly charge: readonly number[] };

/** Histograms by detector name, in the order of the file's header. */
export type Spectra = Readonly<Record<string, DetectorSpectrum>>;

/** Fills histograms with the hits of one file. */
export type Tally = { readonly add: (sections: readonly Section[]) => void; readonly spectra: () => Spectra };

/** Begins empty histograms for these detectors; hits of others are not counted. */
export function createTally(detectors: readonly StfDetector[]): Tally {
  const bins = new Map(detectors.map(({ id }) => [id, new Float64Array(CHARGE_BINS)]));
  return {
    add: (sections) => {
      for (const { detectorId, words } of sections) {
        const charge = bins.get(detectorId);
        if (charge !== undefined) count(words, charge);
      }
    },
    spectra: () =>
      Object.fromEntries(
        detectors.map(({ id, name }) => {
          const charge = [...(bins.get(id) ?? [])];
          return [name, { hits: charge.reduce((sum, n) => sum + n, 0), charge }];
        }),
      ),
  };
}

/** Adds up histograms of several files. */
export function addSpectra(parts: readonly Spectra[]): Spectra {
  const sums = new Map<string, DetectorSpectrum>();
  for (const part of parts) {
    for (const [name, { hits, charge }] of Object.entries(part)) {
      const sum = sums.get(name) ?? { hits: 0, charge: [] };
      const added = charge.map((n, bin) => n + (sum.charge[bin] ?? 0));
      sums.set(name, { hits: sum.hits + hits, charge: added });
    }
  }
  return Object.fromEntries(sums);
}

function count(words: Uint32Array, charge: Float64Array): void {
  for (let at = 1; at < words.length; at += 2) {
    const bin = Math.min((words[at] ?? 0) >>> (16 + BIN_SHIFT), CHARGE_BINS - 1);
    charge[bin] = (charge[bin] ?? 0) + 1;
  }
}
