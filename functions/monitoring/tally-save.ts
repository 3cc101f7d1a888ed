import * as z from 'zod';
import { FacetView, Ribbon } from '#schema/status';
import { Held } from './held.ts';
import { hourRing, minuteRing, SavedRing, tenMinuteRing } from './ring.ts';
import { createScope, SavedRun, SavedScope, savedRun, savedScope } from './run-tally.ts';
import { SavedCounts } from './stf-marks.ts';
import { Begun, Journey, type TallyState } from './tally-state.ts';

/** What a tally is made of again: lines of bounded size, the small facts first, then runs, then what is open. */

const run = z.int().min(0);
const Drain = z.object({ sinceMs: z.number(), who: z.string(), why: z.string() });
const Facility = z.object({ name: z.string(), settled: SavedRing, failed: SavedRing, drain: Drain.optional() });

const Facts = z.object({
  kind: z.literal('facts'),
  total: SavedScope,
  stfs: SavedCounts,
  flow: z.object({ announced: SavedRing, archived: SavedRing, processed: SavedRing, failed: SavedRing }),
  failures: SavedRing,
  incomplete: SavedRing,
  facilities: z.array(Facility),
  facets: z.array(FacetView),
  begun: z.object({ failing: Begun.optional(), notStored: Begun.optional() }).default({}),
  lastFailure: z.string().optional(),
  lastIncomplete: z.string().optional(),
  lastStfMs: z.number().optional(),
  ribbon: Ribbon.optional(),
});
type Facts = z.infer<typeof Facts>;

const Line = z.discriminatedUnion('kind', [
  Facts,
  z.object({ kind: z.literal('run'), run, tally: SavedRun }),
  z.object({
    kind: z.literal('gaps'),
    entries: z.array(z.tuple([run, z.object({ count: run, sinceMs: z.number() })])),
  }),
  z.object({ kind: z.literal('held'), entries: z.array(z.tuple([z.string(), Held])) }),
  z.object({ kind: z.literal('waiting'), entries: z.array(z.tuple([z.string(), z.number()])) }),
  z.object({ kind: z.literal('unarchived'), entries: z.array(z.tuple([z.string(), z.number()])) }),
  z.object({ kind: z.literal('journeys'), entries: z.array(z.tuple([z.string(), Journey])) }),
  z.object({ kind: z.literal('jobs'), entries: z.array(z.tuple([z.string(), z.string()])) }),
]);
type Line = z.infer<typeof Line>;

/** So many entries stand in a line: some 50 kB. */
const entriesInLine = 500;

function* inLines<K, V>(entries: Iterable<[K, V]>): Generator<[K, V][]> {
  let some: [K, V][] = [];
  for (const entry of entries) {
    some.push(entry);
    if (some.length < entriesInLine) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}

const factsOf = (state: TallyState): Facts => {
  const { flow, lastFailure, lastIncomplete, lastStfMs, ribbon } = state;
  return {
    kind: 'facts',
    total: savedScope(state.total),
    stfs: { ...state.stfs },
    flow: {
      announced: flow.announced.save(),
      archived: flow.archived.save(),
      processed: flow.processed.save(),
      failed: flow.failed.save(),
    },
    failures: state.failures.save(),
    incomplete: state.incomplete.save(),
    facilities: [...state.facilities].map(([name, { settled, failed, drain }]) => ({
      name,
      settled: settled.save(),
      failed: failed.save(),
      ...(drain && { drain }),
    })),
    facets: [...state.facets.values()],
    begun: state.begun,
    ...(lastFailure === undefined ? {} : { lastFailure }),
    ...(lastIncomplete === undefined ? {} : { lastIncomplete }),
    ...(lastStfMs === undefined ? {} : { lastStfMs }),
    ...(ribbon && { ribbon }),
  };
};

function* linesOf(state: TallyState): Generator<Line> {
  yield factsOf(state);
  for (const [number, tally] of state.runs.awake()) yield { kind: 'run', run: number, tally: savedRun(tally) };
  for (const entries of inLines(state.gaps)) yield { kind: 'gaps', entries };
  for (const entries of inLines(state.held.entries())) yield { kind: 'held', entries };
  for (const entries of inLines(state.waiting)) yield { kind: 'waiting', entries };
  for (const entries of inLines(state.unarchived)) yield { kind: 'unarchived', entries };
  for (const entries of inLines(state.journeys)) yield { kind: 'journeys', entries };
  for (const entries of inLines(state.jobOfStf)) yield { kind: 'jobs', entries };
}

/** The lines of a state, one at a time; nothing may be folded before the last. */
export function* saveState(state: TallyState): Generator<string> {
  for (const line of linesOf(state)) yield JSON.stringify(line);
}

const restoreFacts = (state: TallyState, facts: Facts): void => {
  state.total = createScope(facts.total);
  Object.assign(state.stfs, facts.stfs);
  state.flow = {
    announced: minuteRing(facts.flow.announced),
    archived: minuteRing(facts.flow.archived),
    processed: minuteRing(facts.flow.processed),
    failed: minuteRing(facts.flow.failed),
  };
  state.failures = hourRing(facts.failures);
  state.incomplete = hourRing(facts.incomplete);
  for (const { name, settled, failed, drain } of facts.facilities)
    state.facilities.set(name, { settled: tenMinuteRing(settled), failed: tenMinuteRing(failed), drain });
  for (const facet of facts.facets) state.facets.set(facet.facet, facet);
  state.begun = facts.begun;
  state.lastFailure = facts.lastFailure;
  state.lastIncomplete = facts.lastIncomplete;
  state.lastStfMs = facts.lastStfMs;
  state.ribbon = facts.ribbon;
};

const putAll = <K, V>(into: { readonly set: (key: K, value: V) => unknown }, entries: readonly [K, V][]): void => {
  for (const [key, value] of entries) into.set(key, value);
};

/** Takes one line that `saveState` gave into a state that nothing was folded into. @throws if it is none */
export const restoreLine = (state: TallyState, text: string): void => {
  const line = Line.parse(JSON.parse(text));
  if (line.kind === 'facts') restoreFacts(state, line);
  else if (line.kind === 'run') state.runs.restore(line.run, line.tally);
  else if (line.kind === 'gaps') putAll(state.gaps, line.entries);
  else if (line.kind === 'held') putAll(state.held, line.entries);
  else if (line.kind === 'waiting') putAll(state.waiting, line.entries);
  else if (line.kind === 'unarchived') putAll(state.unarchived, line.entries);
  else if (line.kind === 'journeys') putAll(state.journeys, line.entries);
  else putAll(state.jobOfStf, line.entries);
};
