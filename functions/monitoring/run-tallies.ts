import { createRunTally, RunFigures, type RunTally, runFigures, SavedRun, savedRun } from './run-tally.ts';
import type { Counts } from './stf-marks.ts';

/** Where the tallies of runs lie that nothing happened to for a while; each is one text. */
export type RestingRuns = {
  readonly has: (run: number) => boolean;
  readonly get: (run: number) => string | undefined;
  readonly put: (run: number, text: string) => void;
};

/** Resting runs in memory. */
export const createRestingRuns = (): RestingRuns => {
  const texts = new Map<number, string>();
  return {
    has: (run) => texts.has(run),
    get: (run) => texts.get(run),
    put: (run, text) => void texts.set(run, text),
  };
};

/** The tallies of all runs, of which only those that something happened to lately are in memory. */
export type RunTallies = {
  /** A run's tally to change; begins with the first mention. */
  readonly of: (run: number) => RunTally;
  readonly has: (run: number) => boolean;
  /** What a run shows, without waking it; undefined if nothing was said of it. */
  readonly figures: (run: number) => RunFigures | undefined;
  /** Those in memory, the one that changed last at the end. */
  readonly awake: () => Iterable<[number, RunTally]>;
  readonly restore: (run: number, saved: SavedRun) => void;
};

/** So many runs are in memory: those that are on, and those with late STFs. */
export const awakeRuns = 50;

/** Before the first tab what is shown, behind it what the tally is made of again: a list of runs reads the former only. */
const textOf = (run: RunTally): string => `${JSON.stringify(runFigures(run))}\t${JSON.stringify(savedRun(run))}`;
const figuresIn = (text: string): RunFigures => RunFigures.parse(JSON.parse(text.slice(0, text.indexOf('\t'))));
const savedIn = (text: string): SavedRun => SavedRun.parse(JSON.parse(text.slice(text.indexOf('\t') + 1)));

/**
 * Keeps the tallies of the runs that changed last in memory and lays the others to rest, whole: a late STF wakes its run and
 * is counted as if it had never rested. Memory is bounded by the runs awake, whatever the number of all runs.
 */
export const createRunTallies = (total: Counts, resting: RestingRuns, mostAwake = awakeRuns): RunTallies => {
  const awake = new Map<number, RunTally>();
  let latest: number | undefined;

  const put = (run: number, tally: RunTally): RunTally => {
    awake.delete(run);
    awake.set(run, tally);
    latest = run;
    const [oldest] = awake.size > mostAwake ? awake : [];
    if (oldest !== undefined) {
      resting.put(oldest[0], textOf(oldest[1]));
      awake.delete(oldest[0]);
    }
    return tally;
  };
  const wake = (run: number): RunTally => {
    const text = resting.get(run);
    return createRunTally(total, text === undefined ? undefined : savedIn(text));
  };

  return {
    of: (run) => {
      const known = awake.get(run);
      if (known !== undefined && latest === run) return known;
      return put(run, known ?? wake(run));
    },
    has: (run) => awake.has(run) || resting.has(run),
    figures: (run) => {
      const known = awake.get(run);
      if (known !== undefined) return runFigures(known);
      const text = resting.get(run);
      return text === undefined ? undefined : figuresIn(text);
    },
    awake: () => awake.entries(),
    restore: (run, saved) => void put(run, createRunTally(total, saved)),
  };
};
