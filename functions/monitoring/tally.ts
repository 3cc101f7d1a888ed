import type { Event } from '#schema/event';
import { FacetName } from '#schema/facet';
import {
  type Backlogs,
  type FacetView,
  type Figures,
  type Hop,
  HopName,
  type Rates,
  type Ribbon,
  type Summary,
} from '#schema/status';
import { type Evidence, evidenceOf } from './evidence.ts';
import { backlogsOf, type Open, ratesOf, waitingIn } from './flow.ts';
import { fold } from './fold.ts';
import { ribbonOf } from './ribbon.ts';
import type { Scope } from './run-tally.ts';
import { sumOfCounts } from './stf-marks.ts';
import { createTallyState, type TallyState } from './tally-state.ts';

/**
 * The tally: every number that papilio shows, as a fold of the event logs. The events of one log come in their order; the
 * two logs may be interleaved in any way, and a repeated event counts once: the figures are the same.
 */
export type Tally = {
  /** Counts an event; false if it was counted before. */
  readonly apply: (event: Event) => boolean;
  /** Of one run, or of everything. */
  readonly figures: (run?: number) => Figures;
  readonly summary: (run?: number) => Summary;
  readonly ribbon: () => Ribbon | undefined;
  /** The latest revision of each facet of which anything was said. */
  readonly facets: () => FacetView[];
  /** Numbers of the runs that were mentioned, in their order. */
  readonly runs: () => number[];
  /** How many STFs wait for processing, and since when the longest of them. */
  readonly waiting: () => Open;
  /** Of the minute before a moment. */
  readonly rates: (nowMs: number) => Rates;
  readonly backlogs: (nowMs: number) => Backlogs;
  readonly evidence: (nowMs: number) => Evidence;
};

const hopsOf = (scope: Scope): Hop[] =>
  HopName.options.map((name) => {
    const hop = scope.hops[name];
    const { p50, p99 } = hop.percentiles();
    return { name, count: hop.count(), p50Ms: p50, p99Ms: p99 };
  });

const heldIn = (state: TallyState, run: number | undefined): number => {
  const held = [...state.held.values()].filter((one) => run === undefined || one.run === run);
  return new Set(held.map((one) => one.id)).size;
};

const figuresOf = (state: TallyState, run: number | undefined): Figures => {
  const one = run === undefined ? undefined : state.runs.get(run);
  const chosen = run === undefined ? [...state.runs.values()] : one ? [one] : [];
  const scope = run === undefined ? state.total : one;
  return {
    run: run ?? null,
    stfs: sumOfCounts(chosen.map((tally) => tally.marks.counts())),
    messages: {
      seen: (scope?.received ?? 0) + (scope?.repeated ?? 0),
      duplicate: scope?.repeated ?? 0,
      quarantined: heldIn(state, run),
    },
    latencyMs: scope?.latency.percentiles() ?? { p50: null, p99: null },
    hops: scope ? hopsOf(scope) : [],
  };
};

const byId = (a: { readonly id: string }, b: { readonly id: string }): number => (a.id < b.id ? -1 : 1);

const summaryOf = (state: TallyState, run: number | undefined): Summary => {
  const { hops: _, ...figures } = figuresOf(state, run);
  const chosen = run === undefined ? [...state.runs.values()] : [state.runs.get(run)];
  const outputs = chosen.flatMap((tally) => [...(tally?.outputs.values() ?? [])]);
  return { ...figures, outputs: outputs.sort(byId) };
};

/** A tally of no events. */
export const createTally = (): Tally => {
  const state = createTallyState();
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
    runs: () => [...state.runs.keys()].sort((a, b) => a - b),
    waiting: () => waitingIn(state),
    rates: (nowMs) => ratesOf(state, nowMs),
    backlogs: (nowMs) => backlogsOf(state, nowMs),
    evidence: (nowMs) => evidenceOf(state, nowMs),
  };
};
