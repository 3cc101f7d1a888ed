import * as z from 'zod';
import { readId } from '#lib/model/ids';
import type { Event } from '#schema/event';
import type { HopName } from '#schema/status';
import { foldDetector } from './fold-detector.ts';
import { foldFacility } from './fold-facility.ts';
import type { Scope } from './run-tally.ts';
import {
  type Begun,
  facilityOf,
  failingIn,
  type Journey,
  type Row,
  row,
  type TallyState,
  tallyOf,
} from './tally-state.ts';

const run = z.int().min(0);
const ofStf = { run, sequence: z.int().min(0), receivedAt: z.iso.datetime() };
const settledMarks = ['processed', 'failed'] as const;

/** Run and sequence out of an STF's id: `prod_stf_00102363-00000001`. */
const numbersOf = (stfId: string | undefined): { run: number; sequence: number } | undefined => {
  const [, first, second] = /^(\d{8})-(\d{8})$/.exec(readId(stfId ?? '')?.name ?? '') ?? [];
  return first && second ? { run: Number(first), sequence: Number(second) } : undefined;
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
  const receivedMs = Date.parse(data.receivedAt);
  state.lastStfMs = Math.max(state.lastStfMs ?? receivedMs, receivedMs);
  if (!marks.has(stf.sequence, 'seen')) state.flow.announced.add(receivedMs);
  marks.set(stf.sequence, 'seen');
  const isSettled = settledMarks.some((name) => marks.has(stf.sequence, name));
  if (!isSettled && !state.waiting.has(data.stfId)) state.waiting.set(data.stfId, receivedMs);
  const isKept = marks.has(stf.sequence, 'archived') || state.unarchived.has(data.stfId);
  if (!isKept) state.unarchived.set(data.stfId, receivedMs);
});

const messageRepeated = row(z.object(ledger), (state, data) => {
  for (const scope of scopesOf(state, runOf(data))) scope.repeated += 1;
});

/** Both planes may hold a message, each for its own reason, under the same id. */
const holdKey = (event: Event): string => `${event.source} ${event.subject}`;

const isOfArchive = (event: Event): boolean => event.source.endsWith('/archive');

/** Notes since when there are STFs of a kind; `count` of them are left. */
const noteBegun = (state: TallyState, kind: keyof TallyState['begun'], count: number, begun: Begun): void => {
  state.begun = { ...state.begun, [kind]: count === 0 ? undefined : (state.begun[kind] ?? begun) };
};

/** Counts an STF as announced and not stored, or not any more. */
const markStored = (state: TallyState, stf: { run: number; sequence: number }, isStored: boolean, at: Begun): void => {
  tallyOf(state, stf.run).marks.set(stf.sequence, 'notStored', !isStored);
  noteBegun(state, 'notStored', state.stfs.notStored, at);
};

const messageQuarantined = row(z.object({ ...ledger, code: z.string().default('') }), (state, data, event) => {
  const stf = numbersOf(data.stfId);
  const { code, stfId } = data;
  const atMs = Date.parse(event.time);
  state.held.set(holdKey(event), { id: event.subject, run: runOf(data), stfId, atMs, code });
  if (!stf) return;
  const { marks } = tallyOf(state, stf.run);
  marks.set(stf.sequence, 'quarantined');
  if (isOfArchive(event) && !marks.has(stf.sequence, 'archived'))
    markStored(state, stf, false, { sinceMs: atMs, code });
});

const messageReleased: Row = (state, event) => {
  const { stfId, code = '' } = state.held.get(holdKey(event)) ?? {};
  state.held.delete(holdKey(event));
  const stf = numbersOf(stfId);
  if (!stf || stfId === undefined) return;
  tallyOf(state, stf.run).marks.set(stf.sequence, 'quarantined', state.held.isStfHeld(stfId));
  if (!isOfArchive(event) || state.held.isStfHeldBy(stfId, event.source)) return;
  markStored(state, stf, true, { sinceMs: Date.parse(event.time), code });
};

/** Whoever sends it again lets it go only if it can be read now. */
const messageReplayed = row(z.object({ state: z.string() }), (state, data, event) => {
  if (data.state !== 'held') messageReleased(state, event);
});

/** A person settled it. What the archive plane held of an STF is not waited for any more, unless another message brings it. */
const messageSettled: Row = (state, event) => {
  const stfId = state.held.get(holdKey(event))?.stfId;
  messageReleased(state, event);
  if (stfId === undefined || !isOfArchive(event)) return;
  state.waiting.delete(stfId);
  state.unarchived.delete(stfId);
};

const ofArchived = z.object({ ...ofStf, name: z.string().optional(), tfsMissing: z.array(z.unknown()).optional() });
const stfArchived = row(ofArchived, (state, data, event) => {
  const { marks } = tallyOf(state, data.run);
  if (marks.has(data.sequence, 'archived')) return;
  marks.set(data.sequence, 'archived');
  state.unarchived.delete(event.subject);
  const atMs = Date.parse(event.time);
  markStored(state, data, true, { sinceMs: atMs, code: '' });
  state.flow.archived.add(atMs);
  addHop(state, data.run, 'archived', atMs - Date.parse(data.receivedAt));
  if (!data.tfsMissing?.length) return;
  state.incomplete.add(atMs);
  state.lastIncomplete = data.name;
});

const stfCatalogued = row(z.object({ ...ofStf, jobId: z.string() }), (state, data, event) => {
  const lastMs = Date.parse(event.time);
  addHop(state, data.run, 'catalogued', lastMs - Date.parse(data.receivedAt));
  state.journeys.set(data.jobId, { run: data.run, stfId: event.subject, lastMs });
  state.jobOfStf.set(event.subject, data.jobId);
});

const stfProcessed = row(z.object(ofStf), (state, data, event) => {
  const { marks, latency } = tallyOf(state, data.run);
  const atMs = Date.parse(event.time);
  if (!settledMarks.some((name) => marks.has(data.sequence, name))) state.flow.processed.add(atMs);
  marks.set(data.sequence, 'failed', false);
  marks.set(data.sequence, 'cancelled', false);
  marks.set(data.sequence, 'processed');
  noteBegun(state, 'failing', failingIn(state), { sinceMs: atMs, code: '' });
  const journey = closeStf(state, event.subject);
  if (journey) addHop(state, data.run, 'processed', atMs - journey.lastMs);
  for (const each of [state.total.latency, latency]) each.add(atMs - Date.parse(data.receivedAt));
});

const ofFailure = z.object({ run, sequence: z.int().min(0), code: z.string().default('') });
const stfFailed = row(ofFailure, (state, data, event) => {
  const { marks } = tallyOf(state, data.run);
  const atMs = Date.parse(event.time);
  if (!settledMarks.some((name) => marks.has(data.sequence, name))) state.flow.failed.add(atMs);
  const wasFailing = marks.has(data.sequence, 'failed') && !marks.has(data.sequence, 'cancelled');
  // What a person cancelled is settled as they want it: nothing is broken.
  const isCancelled = data.code === 'job-cancelled';
  marks.set(data.sequence, 'processed', false);
  marks.set(data.sequence, 'failed');
  marks.set(data.sequence, 'cancelled', isCancelled);
  noteBegun(state, 'failing', failingIn(state), { sinceMs: atMs, code: data.code });
  // A retry that fails again is the same STF.
  if (!wasFailing && !isCancelled) state.failures.add(atMs);
  if (!isCancelled) state.lastFailure = data.code;
  closeStf(state, event.subject);
});

const ofOutput = z.object({ run, supersededBy: z.string().optional() });
/** A later version of an output's record is the same output; one that another has replaced does not count. */
const outputRegistered = row(ofOutput, (state, data, event) => {
  if (event.version > 1 || data.supersededBy !== undefined) return;
  for (const scope of scopesOf(state, data.run)) scope.outputs += 1;
});

const outputSuperseded = row(z.object({ run }), (state, data) => {
  for (const scope of scopesOf(state, data.run)) scope.outputs -= 1;
});

const jobAssigned = row(z.object({ facility: z.string().optional() }), (state, { facility }, event) => {
  step(state, event, 'assigned');
  const journey = state.journeys.get(event.subject);
  if (journey && facility !== undefined) journey.facility = facility;
});

/** Codes of attempts that failed because of their input: at any other facility they fail too. */
const inputFaults: ReadonlySet<string> = new Set(['stf-corrupt', 'stf-file-missing']);
const Settled = z.object({ outcome: z.string().optional(), code: z.string().optional() });

const jobSettled = row(Settled, (state, { outcome, code = '' }, event) => {
  step(state, event, 'settled');
  const facility = state.journeys.get(event.subject)?.facility;
  if (facility === undefined || outcome === undefined) return;
  const atMs = Date.parse(event.time);
  const { settled, failed } = facilityOf(state, facility);
  settled.add(atMs);
  // Neither a person's decision nor a damaged input is a fault of the facility.
  if (outcome !== 'succeeded' && outcome !== 'cancelled' && !inputFaults.has(code)) failed.add(atMs);
});

/** What each type of event does to the tally; types that are not here do nothing. */
export const fold: Readonly<Record<string, Row>> = {
  'message.received': messageReceived,
  'message.repeated': messageRepeated,
  'message.quarantined': messageQuarantined,
  'message.released': messageReleased,
  'message.replayed': messageReplayed,
  'message.mended': messageSettled,
  'message.discarded': messageSettled,
  'stf.archived': stfArchived,
  'stf.catalogued': stfCatalogued,
  'job.assigned': jobAssigned,
  'job.submitted': (state, event) => step(state, event, 'submitted'),
  'job.settled': jobSettled,
  'stf.processed': stfProcessed,
  'stf.failed': stfFailed,
  'output.registered': outputRegistered,
  'output.superseded': outputSuperseded,
  ...foldDetector,
  ...foldFacility,
};
