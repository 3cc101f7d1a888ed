import * as z from 'zod';
import { readId } from '#lib/model/ids';
import { DetectorState, DetectorSubstate } from '#schema/detector-state';
import type { Event } from '#schema/event';
import { type HopName, OutputLine, type Ribbon } from '#schema/status';
import { createRunTally, createScope, type RunTally, type Scope } from './run-tally.ts';

/** An STF's way through the work plane, kept while it is open: when its last step was. */
type Journey = { readonly run: number; readonly stfId: string; lastMs: number };

/** A quarantine record that is held, with the run and STF that it concerns, if any. */
type Held = { readonly id: string; readonly run: number | undefined; readonly stfId: string | undefined };

/** All that the events told so far. What is kept of single STFs is kept while they are open. */
export type TallyState = {
  readonly total: Scope;
  readonly runs: Map<number, RunTally>;
  readonly held: Map<string, Held>;
  /** Receipt of the STFs that are neither processed nor failed, by STF id, in order of the archive log. */
  readonly waiting: Map<string, number>;
  /** By job id, and the open job of an STF. */
  readonly journeys: Map<string, Journey>;
  readonly jobOfStf: Map<string, string>;
  ribbon: Ribbon | undefined;
};

/** The state before the first event. */
export const createTallyState = (): TallyState => ({
  total: createScope(),
  runs: new Map(),
  held: new Map(),
  waiting: new Map(),
  journeys: new Map(),
  jobOfStf: new Map(),
  ribbon: undefined,
});

const run = z.int().min(0);
const ofStf = { run, sequence: z.int().min(0), receivedAt: z.iso.datetime() };
const settledMarks = ['processed', 'failed'] as const;

/** Run and sequence out of an STF's id: `prod_stf_00102363-00000001`. */
const numbersOf = (stfId: string | undefined): { run: number; sequence: number } | undefined => {
  const [, first, second] = /^(\d{8})-(\d{8})$/.exec(readId(stfId ?? '')?.name ?? '') ?? [];
  return first && second ? { run: Number(first), sequence: Number(second) } : undefined;
};

const tallyOf = (state: TallyState, number: number): RunTally => {
  const found = state.runs.get(number) ?? createRunTally();
  state.runs.set(number, found);
  return found;
};

const scopesOf = (state: TallyState, number: number | undefined): Scope[] =>
  number === undefined ? [state.total] : [state.total, tallyOf(state, number)];

const addHop = (state: TallyState, number: number, name: HopName, durationMs: number): void => {
  for (const scope of scopesOf(state, number)) scope.hops[name].add(durationMs);
};

/** Takes a job's next step; the time since its last one is the hop. */
const step = (state: TallyState, event: Event, name: HopName): void => {
  const journey = state.journeys.get(event.subject);
  if (!journey) return;
  const atMs = Date.parse(event.time);
  addHop(state, journey.run, name, atMs - journey.lastMs);
  journey.lastMs = atMs;
};

/** An STF reached its end: nothing of it is open any more. */
const closeStf = (state: TallyState, stfId: string): Journey | undefined => {
  const jobId = state.jobOfStf.get(stfId);
  const journey = jobId === undefined ? undefined : state.journeys.get(jobId);
  state.waiting.delete(stfId);
  state.jobOfStf.delete(stfId);
  if (jobId !== undefined) state.journeys.delete(jobId);
  return journey;
};

/** One row of the table: the data that a type of event carries, and what it does to the state. */
type Row = (state: TallyState, event: Event) => void;
const row =
  <S extends z.ZodType>(schema: S, fold: (state: TallyState, data: z.output<S>, event: Event) => void): Row =>
  (state, event) => {
    const data = schema.safeParse(event.data);
    // An event of a later papilio may say less or more than is known here; it is not counted rather than guessed.
    if (data.success) fold(state, data.data, event);
  };

/** The ledger's facts of a message, as both of its events carry them. */
const ledger = { run: run.optional(), runId: z.string().optional(), stfId: z.string().optional() };
const runOf = (data: z.output<z.ZodObject<typeof ledger>>): number | undefined => {
  const named = /^\d{8}$/.exec(readId(data.runId ?? '')?.name ?? '');
  return data.run ?? (named ? Number(named[0]) : numbersOf(data.stfId)?.run);
};

const messageReceived = row(z.object({ ...ledger, type: z.string(), receivedAt: z.iso.datetime() }), (state, data) => {
  for (const scope of scopesOf(state, runOf(data))) scope.received += 1;
  const stf = numbersOf(data.stfId);
  if (data.type !== 'stf_gen' || !stf || data.stfId === undefined) return;
  const { marks } = tallyOf(state, stf.run);
  const isSettled = settledMarks.some((name) => marks.has(stf.sequence, name));
  if (!marks.has(stf.sequence, 'seen') && !isSettled) state.waiting.set(data.stfId, Date.parse(data.receivedAt));
  marks.set(stf.sequence, 'seen');
});

const messageRepeated = row(z.object(ledger), (state, data) => {
  for (const scope of scopesOf(state, runOf(data))) scope.repeated += 1;
});

/** Both planes may hold a message, each for its own reason, under the same id. */
const holdKey = (event: Event): string => `${event.source} ${event.subject}`;

const messageQuarantined = row(z.object(ledger), (state, data, event) => {
  const stf = numbersOf(data.stfId);
  state.held.set(holdKey(event), { id: event.subject, run: runOf(data), stfId: data.stfId });
  if (stf) tallyOf(state, stf.run).marks.set(stf.sequence, 'quarantined');
});

const messageReleased: Row = (state, event) => {
  const released = state.held.get(holdKey(event));
  state.held.delete(holdKey(event));
  const stf = numbersOf(released?.stfId);
  if (!stf) return;
  const isHeldStill = [...state.held.values()].some((other) => other.stfId === released?.stfId);
  tallyOf(state, stf.run).marks.set(stf.sequence, 'quarantined', isHeldStill);
};

const stfArchived = row(z.object(ofStf), (state, data, event) => {
  const { marks } = tallyOf(state, data.run);
  if (marks.has(data.sequence, 'archived')) return;
  marks.set(data.sequence, 'archived');
  addHop(state, data.run, 'archived', Date.parse(event.time) - Date.parse(data.receivedAt));
});

const stfCatalogued = row(z.object({ ...ofStf, jobId: z.string() }), (state, data, event) => {
  const lastMs = Date.parse(event.time);
  addHop(state, data.run, 'catalogued', lastMs - Date.parse(data.receivedAt));
  state.journeys.set(data.jobId, { run: data.run, stfId: event.subject, lastMs });
  state.jobOfStf.set(event.subject, data.jobId);
});

const stfProcessed = row(z.object(ofStf), (state, data, event) => {
  const { marks, latency } = tallyOf(state, data.run);
  marks.set(data.sequence, 'failed', false);
  marks.set(data.sequence, 'processed');
  const atMs = Date.parse(event.time);
  const journey = closeStf(state, event.subject);
  if (journey) addHop(state, data.run, 'processed', atMs - journey.lastMs);
  for (const each of [state.total.latency, latency]) each.add(atMs - Date.parse(data.receivedAt));
});

const stfFailed = row(z.object({ run, sequence: z.int().min(0) }), (state, data, event) => {
  const { marks } = tallyOf(state, data.run);
  marks.set(data.sequence, 'processed', false);
  marks.set(data.sequence, 'failed');
  closeStf(state, event.subject);
});

const outputRegistered = row(z.object({ run, ...OutputLine.omit({ id: true }).shape }), (state, data, event) => {
  const { name, sizeBytes, checksumAdler32 } = data;
  tallyOf(state, data.run).outputs.set(event.subject, { id: event.subject, name, sizeBytes, checksumAdler32 });
});

const runChanged = row(
  z.object({
    run,
    phase: z.string(),
    state: DetectorState.optional().catch(undefined),
    substate: DetectorSubstate.optional().catch(undefined),
  }),
  (state, { run: number, phase, state: detector, substate }, event) => {
    tallyOf(state, number);
    state.ribbon = {
      run: number,
      phase,
      ...(detector && { state: detector }),
      ...(substate && { substate }),
      since: event.time,
    };
  },
);

/** What each type of event does to the tally; types that are not here do nothing. */
export const fold: Readonly<Record<string, Row>> = {
  'message.received': messageReceived,
  'message.repeated': messageRepeated,
  'message.quarantined': messageQuarantined,
  'message.released': messageReleased,
  'stf.archived': stfArchived,
  'stf.catalogued': stfCatalogued,
  'job.assigned': (state, event) => step(state, event, 'assigned'),
  'job.submitted': (state, event) => step(state, event, 'submitted'),
  'job.settled': (state, event) => step(state, event, 'settled'),
  'stf.processed': stfProcessed,
  'stf.failed': stfFailed,
  'output.registered': outputRegistered,
  'run.changed': runChanged,
};
