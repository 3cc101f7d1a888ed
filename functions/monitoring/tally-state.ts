import type * as z from 'zod';
import type { Event } from '#schema/event';
import type { FacetName } from '#schema/facet';
import type { FacetView, Ribbon } from '#schema/status';
import { hourRing, minuteRing, type Ring, tenMinuteRing } from './ring.ts';
import { createRunTally, createScope, type RunTally, type Scope } from './run-tally.ts';

/** An STF's way through the work plane, kept while it is open: when its last step was, and at which facility. */
export type Journey = { readonly run: number; readonly stfId: string; lastMs: number; facility?: string };

/** A quarantine record that is held, since when and why, with the run and STF that it concerns, if any. */
export type Held = {
  readonly id: string;
  readonly run: number | undefined;
  readonly stfId: string | undefined;
  readonly atMs: number;
  readonly code: string;
};

/** Attempts at one facility that came to an end, and those that did not end well; who drained it, if somebody did. */
export type FacilityTally = {
  readonly settled: Ring;
  readonly failed: Ring;
  drain: { readonly sinceMs: number; readonly who: string; readonly why: string } | undefined;
};

/** All that the events told so far. What is kept of single STFs is kept while they are open. */
export type TallyState = {
  readonly total: Scope;
  readonly runs: Map<number, RunTally>;
  readonly held: Map<string, Held>;
  /** Receipt of the STFs that are neither processed nor failed, by STF id, in order of the archive log. */
  readonly waiting: Map<string, number>;
  /** Receipt of the STFs that are announced and not archived, likewise. */
  readonly unarchived: Map<string, number>;
  /** By job id, and the open job of an STF. */
  readonly journeys: Map<string, Journey>;
  readonly jobOfStf: Map<string, string>;
  readonly flow: Readonly<Record<'announced' | 'archived' | 'processed' | 'failed', Ring>>;
  readonly failures: Ring;
  /** STFs that were archived without all of their TFs. */
  readonly incomplete: Ring;
  readonly facilities: Map<string, FacilityTally>;
  readonly facets: Map<FacetName, FacetView>;
  /** Error code of the last of the failures, and file name of the last incomplete STF. */
  lastFailure: string | undefined;
  lastIncomplete: string | undefined;
  /** Receipt of the latest announcement of an STF. */
  lastStfMs: number | undefined;
  ribbon: Ribbon | undefined;
};

/** The state before the first event. */
export const createTallyState = (): TallyState => ({
  total: createScope(),
  runs: new Map(),
  held: new Map(),
  waiting: new Map(),
  unarchived: new Map(),
  journeys: new Map(),
  jobOfStf: new Map(),
  flow: { announced: minuteRing(), archived: minuteRing(), processed: minuteRing(), failed: minuteRing() },
  failures: hourRing(),
  incomplete: hourRing(),
  facilities: new Map(),
  facets: new Map(),
  lastFailure: undefined,
  lastIncomplete: undefined,
  lastStfMs: undefined,
  ribbon: undefined,
});

/** What is counted of a run; begins with the first mention. */
export const tallyOf = (state: TallyState, number: number): RunTally => {
  const found = state.runs.get(number) ?? createRunTally();
  state.runs.set(number, found);
  return found;
};

/** What is counted of a facility. */
export const facilityOf = (state: TallyState, name: string): FacilityTally => {
  const found = state.facilities.get(name) ?? { settled: tenMinuteRing(), failed: tenMinuteRing(), drain: undefined };
  state.facilities.set(name, found);
  return found;
};

/** One row of a folding table: what an event of one type does to the state. */
export type Row = (state: TallyState, event: Event) => void;

/** A row with the data that it reads. */
export const row =
  <S extends z.ZodType>(schema: S, fold: (state: TallyState, data: z.output<S>, event: Event) => void): Row =>
  (state, event) => {
    const data = schema.safeParse(event.data);
    // An event of a later papilio may say less or more than is known here; it is not counted rather than guessed.
    if (data.success) fold(state, data.data, event);
  };
