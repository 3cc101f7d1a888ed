import * as z from 'zod';
import { ACTIVITY_RECORDS } from './activities/records.ts';
import { MapLimits } from './distributed/map-request.ts';
import { MACHINE_RECORDS } from './machines/records.ts';
import { PackedRun } from './packing/packed-run.ts';
import { Stimulus } from './stimulus.ts';

/** The execution that started this one, and what it waits for. */
export const Parent = z.object({ serial: z.number(), pending: z.number(), awaits: z.enum(['start', 'end', 'token']) });

/** The execution that started this one. */
export type Parent = z.infer<typeof Parent>;

/** Which items of a map run a child works on. */
export const ShareRecord = z.object({ run: z.string(), index: z.number(), itemCount: z.number() });

/** How much the turn does at once; absent, it does all that it has to. */
const work = z.number().optional();

/** An execution's first turn. Its serial number follows from its place among the starts. */
export const StartedRecord = z.object({
  kind: z.literal('started'),
  machine: z.string(),
  name: z.string(),
  input: z.string(),
  atMs: z.number(),
  work,
  parent: Parent.optional(),
  traceHeader: z.string().optional(),
  share: ShareRecord.optional(),
  /** The version it was started by, and the alias that led to it. */
  version: z.number().optional(),
  alias: z.string().optional(),
  /** Of an express machine's: what tells it from others of its name. Its later turns are not in the journal. */
  express: z.string().optional(),
});

/** An execution's later turn. */
export const TurnRecord = z.object({
  kind: z.literal('turn'),
  serial: z.number(),
  atMs: z.number(),
  work,
  /** Events before this turn: a replay that counts differently has diverged. */
  events: z.number(),
  stimulus: Stimulus,
});

/** The turn by which an execution that had ended goes on. */
export const RedrivenRecord = z.object({
  kind: z.literal('redriven'),
  serial: z.number(),
  atMs: z.number(),
  work,
  /** What it goes on with. */
  run: PackedRun,
  /** The execution's input, if it was too large to be remembered. */
  input: z.string().optional(),
  clientToken: z.string().optional(),
});

/** What this part writes into the journal. */
export const JournalRecord = z.discriminatedUnion('kind', [
  StartedRecord,
  TurnRecord,
  RedrivenRecord,
  z.object({ kind: z.literal('secret'), secret: z.string() }),
  ...MACHINE_RECORDS,
  ...ACTIVITY_RECORDS,
  /** An execution of an express machine has ended later than in its first turn. */
  z.object({ kind: z.literal('expressEnded'), serial: z.number() }),
  z.object({ kind: z.literal('mapRunUpdated'), id: z.string(), limits: MapLimits }),
]);

/** What this part writes into the journal. */
export type JournalRecord = z.infer<typeof JournalRecord>;
export type StartedRecord = z.infer<typeof StartedRecord>;
export type TurnRecord = z.infer<typeof TurnRecord>;
export type RedrivenRecord = z.infer<typeof RedrivenRecord>;
/** A record that concerns no execution. */
export type PlainRecord = Exclude<JournalRecord, StartedRecord | TurnRecord | RedrivenRecord>;
