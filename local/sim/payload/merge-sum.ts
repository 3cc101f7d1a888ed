/** The sum of the histograms of many STFs, which holds no more of them than that sum. */
import { coverageOf } from '#lib/model/tf-range';
import type { TfRange } from '#schema/tf';
import { addSpectra, type Spectra } from '../daq/spectrum.ts';
import type { HitsFile } from './hits-file.ts';
import { EXIT, PayloadError } from './job-file.ts';

type DecimalRange = { readonly tfFirst: string; readonly tfEnd: string };

/** What the files of a run add up to. */
export type Merged = {
  readonly run: number;
  readonly tfFirst: string;
  readonly tfEnd: string;
  readonly tfCount: number;
  readonly hits: number;
  readonly ranges: readonly DecimalRange[];
  readonly gaps: readonly DecimalRange[];
  readonly detectors: Spectra;
};

/** Takes the files of a run, in any order. */
export type MergeSum = {
  /** @throws PayloadError 65 for a file of another run, or with TFs that an earlier one has. */
  readonly add: (name: string, part: HitsFile) => void;
  readonly merged: () => Merged;
};

// Ranges that touch are joined whenever this many have come since; until then they cost less than joining them.
const JOIN_AT = 1000;

/** Begins an empty sum. */
export function createMergeSum(): MergeSum {
  let run: number | undefined;
  let tfCount = 0;
  let hits = 0;
  let detectors: Spectra = {};
  let joined: readonly TfRange[] = [];
  let fresh: TfRange[] = [];
  const join = (): void => {
    const { ranges, overlaps } = coverageOf([...joined, ...fresh]);
    if (overlaps.length > 0) throw corrupt(`TFs are in two inputs: ${JSON.stringify(overlaps.map(decimals))}`);
    joined = ranges;
    fresh = [];
  };
  return {
    add: (name, part) => {
      run ??= part.run;
      if (part.run !== run) throw corrupt(`${name} is of run ${part.run}, not ${run}`);
      tfCount += part.tfCount;
      hits += part.hits;
      detectors = addSpectra([detectors, part.detectors]);
      fresh.push(...part.tfRanges.map(rangeOf));
      if (fresh.length >= JOIN_AT) join();
    },
    merged: () => {
      join();
      const { ranges, gaps } = coverageOf(joined);
      return {
        run: run ?? 0,
        tfFirst: String(ranges[0]?.tfFirst ?? 0n),
        tfEnd: String(ranges.at(-1)?.tfEnd ?? 0n),
        tfCount,
        hits,
        ranges: ranges.map(decimals),
        gaps: gaps.map(decimals),
        detectors,
      };
    },
  };
}

function rangeOf({ tfFirst, tfEnd }: DecimalRange): TfRange {
  return { tfFirst: BigInt(tfFirst), tfEnd: BigInt(tfEnd) };
}

function decimals({ tfFirst, tfEnd }: TfRange): DecimalRange {
  return { tfFirst: String(tfFirst), tfEnd: String(tfEnd) };
}

function corrupt(problem: string): PayloadError {
  return new PayloadError(EXIT.corruptInput, problem);
}
