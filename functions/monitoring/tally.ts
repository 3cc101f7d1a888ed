import * as z from 'zod';
import type { Event } from '#schema/event';
import { FacetName } from '#schema/facet';
import type { Backlogs, FacetView, Figures, Rates, Ribbon, Summary } from '#schema/status';
import { type Evidence, evidenceOf } from './evidence.ts';
import { backlogsOf, type Open, ratesOf, waitingIn } from './flow.ts';
import { fold } from './fold.ts';
import { ribbonOf } from './ribbon.ts';
import { awakeRuns, createRestingRuns, type RestingRuns } from './run-tallies.ts';
import { latenciesOf, type RunFigures } from './run-tally.ts';
import { noCounts, shownCounts } from './stf-marks.ts';
import { restoreLine, saveState } from './tally-save.ts';
import { createTallyState, type TallyState } from './tally-state.ts';

/**
 * The tally: every number that papilio shows, as a fold of the event logs. The events of one log come in their order; the
 * two logs may be interleaved in any way, and a repeated event counts once: the figures are the same. Memory is bounded by
 * what is open and by the runs that changed last.
 */
export type Tally = {
  /** Counts an event; false if it was counted before. */
  readonly apply: (event: Event) => boolean;
  /** Of one run, or of everything. */
  readonly figures: (run?: number) => Figures;
  /** All but the outputs themselves. */
  readonly summary: (run?: number) => Omit<Summary, 'outputs'> & { readonly outputCount: number };
  readonly ribbon: () => Ribbon | undefined;
  /** The latest revision of each facet of which anything was said. */
  readonly facets: () => FacetView[];
  /** Whether a run was mentioned. */
  readonly knows: (run: number) => boolean;
  /** How many STFs wait for processing, and since when the longest of them. */
  readonly waiting: () => Open;
  /** Of the minute before a moment. */
  readonly rates: (nowMs: number) => Rates;
  readonly backlogs: (nowMs: number) => Backlogs;
  readonly evidence: (nowMs: number) => Evidence;
  /** What `restore` takes, line by line; nothing may be applied before the last. */
  readonly save: () => Generator<string>;
  /** Takes a line of what was saved; all of them before the first event. @throws if it is none */
  readonly restore: (line: string) => void;
};

/** The last counted position of each log. */
const Counted = z.array(z.tuple([z.string(), z.int().min(0)]));

const nothing: RunFigures = {
  stfs: shownCounts(noCounts()),
  received: 0,
  repeated: 0,
  outputs: 0,
  latencyMs: { p50: null, p99: null },
  hops: [],
};

const shownOf = (state: TallyState, run: number | undefined): RunFigures => {
  if (run !== undefined) return state.runs.figures(run) ?? nothing;
  const { received, repeated, outputs } = state.total;
  return { stfs: shownCounts(state.stfs), received, repeated, outputs, ...latenciesOf(state.total) };
};

const messagesOf = (state: TallyState, run: number | undefined, shown: RunFigures): Figures['messages'] => ({
  seen: shown.received + shown.repeated,
  duplicate: shown.repeated,
  quarantined: state.held.count(run),
});

const figuresOf = (state: TallyState, run: number | undefined): Figures => {
  const shown = shownOf(state, run);
  const { stfs, latencyMs, hops } = shown;
  return { run: run ?? null, stfs, messages: messagesOf(state, run, shown), latencyMs, hops };
};

const summaryOf = (state: TallyState, run: number | undefined): ReturnType<Tally['summary']> => {
  const shown = shownOf(state, run);
  const { stfs, latencyMs, outputs } = shown;
  return { run: run ?? null, stfs, messages: messagesOf(state, run, shown), latencyMs, outputCount: outputs };
};

/** A tally of no events. The runs that nothing happens to any more lie with `resting`. */
export const createTally = (resting: RestingRuns = createRestingRuns(), mostAwake = awakeRuns): Tally => {
  const state = createTallyState(resting, mostAwake);
  /** Last counted position of each log; a log is read in order, so what lies at or before it was counted. */
  const counted = new Map<string, number>();

  const apply = (event: Event): boolean => {
    if (event.seq <= (counted.get(event.source) ?? 0)) return false;
    counted.set(event.source, event.seq);
    fold[event.type]?.(state, event);
    return true;
  };

  return {
    apply,
    figures: (run) => figuresOf(state, run),
    summary: (run) => summaryOf(state, run),
    ribbon: () => ribbonOf(state),
    facets: () => FacetName.options.flatMap((facet) => state.facets.get(facet) ?? []),
    knows: state.runs.has,
    waiting: () => waitingIn(state),
    rates: (nowMs) => ratesOf(state, nowMs),
    backlogs: (nowMs) => backlogsOf(state, nowMs),
    evidence: (nowMs) => evidenceOf(state, nowMs),
    save: function* () {
      yield JSON.stringify([...counted]);
      yield* saveState(state);
    },
    restore: (line) => {
      const given: unknown = JSON.parse(line);
      if (!Array.isArray(given)) return restoreLine(state, line);
      for (const [source, seq] of Counted.parse(given)) counted.set(source, seq);
    },
  };
};
