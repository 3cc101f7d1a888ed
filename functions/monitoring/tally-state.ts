import * as z from 'zod';
import type { Event } from '#schema/event';
import type { FacetName } from '#schema/facet';
import type { FacetView, Ribbon } from '#schema/status';
import { createHeld, type HeldRecords } from './held.ts';
import { hourRing, minuteRing, type Ring, tenMinuteRing } from './ring.ts';
import { createRunTallies, type RestingRuns, type RunTallies } from './run-tallies.ts';
import { createScope, type RunTally, type Scope } from './run-tally.ts';
import { type Counts, noCounts } from './stf-marks.ts';

/** An STF's way through the work plane, kept while it is open: when its last step was, and at which facility. */
export const Journey = z.object({
  run: z.int().min(0),
  stfId: z.string(),
  lastMs: z.number(),
  facility: z.string().optional(),
});
export type Journey = z.infer<typeof Journey>;

/** When there was the first of the STFs of a kind that nothing has settled since, and its error code. */
export const Begun = z.object({ sinceMs: z.number(), code: z.string() });
export type Begun = z.infer<typeof Begun>;

/** Gaps between a run's archived TFs, and since when there are any. */
export type Gaps = { readonly count: number; readonly sinceMs: number };

/** Attempts at one facility that came to an end, and those that did not end well; who drained it, if somebody did. */
export type FacilityTally = {
  readonly settled: Ring;
  readonly failed: Ring;
  drain: { readonly sinceMs: number; readonly who: string; readonly why: string } | undefined;
};

/** All that the events told so far. What is kept of single STFs is kept while they are open. */
export type TallyState = {
  total: Scope;
  /** Of all runs, changed with each of them. */
  readonly stfs: Counts;
  readonly runs: RunTallies;
  /** Runs that have any. */
  readonly gaps: Map<number, Gaps>;
  readonly held: HeldRecords;
  /** Receipt of the STFs that are neither processed nor failed, by STF id, in order of the archive log. */
  readonly waiting: Map<string, number>;
  /** Receipt of the STFs that are announced and not archived, likewise. */
  readonly unarchived: Map<string, number>;
  /** By job id, and the open job of an STF. */
  readonly journeys: Map<string, Journey>;
  readonly jobOfStf: Map<string, string>;
  flow: Readonly<Record<'announced' | 'archived' | 'processed' | 'failed', Ring>>;
  failures: Ring;
  /** Of STFs that are failed, or not stored; absent where there are none. */
  begun: { readonly failing?: Begun | undefined; readonly notStored?: Begun | undefined };
  /** STFs that were archived without all of their TFs. */
  incomplete: Ring;
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
export const createTallyState = (resting: RestingRuns, mostAwake: number): TallyState => {
  const stfs = noCounts();
  return { ...emptyState(), stfs, runs: createRunTallies(stfs, resting, mostAwake) };
};

const emptyState = (): Omit<TallyState, 'stfs' | 'runs'> => ({
  total: createScope(),
  gaps: new Map(),
  held: createHeld(),
  waiting: new Map(),
  unarchived: new Map(),
  journeys: new Map(),
  jobOfStf: new Map(),
  flow: { announced: minuteRing(), archived: minuteRing(), processed: minuteRing(), failed: minuteRing() },
  failures: hourRing(),
  begun: {},
  incomplete: hourRing(),
  facilities: new Map(),
  facets: new Map(),
  lastFailure: undefined,
  lastIncomplete: undefined,
  lastStfMs: undefined,
  ribbon: undefined,
});

/** STFs that are failed now; one that a person cancelled is settled as they want it. */
export const failingIn = ({ stfs }: TallyState): number => stfs.failed - stfs.cancelled;

/** What is counted of a run; begins with the first mention. */
export const tallyOf = (state: TallyState, number: number): RunTally => state.runs.of(number);

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
