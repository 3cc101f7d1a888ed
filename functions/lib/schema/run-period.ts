import * as z from 'zod';
import { RunNumber } from './id.ts';

/**
 * A run period: a named part of the stream that was taken under one configuration. People own it, by command; named once,
 * closed once. Periods may overlap, so a run, a moment or a TF may be in many.
 * @see 6.4
 */

/** How a period is called: what people type, and part of its id. */
export const PeriodName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,39}$/, 'letters, digits and -, at most 40');

const runEnd = z.int().min(1).max(100_000_000);
/** UTC. The year is one that this century's clocks know. */
const moment = z.iso.datetime().refine((text) => /^20/.test(text), 'a moment of this century, UTC');

/** Its event has at most 4 kB. */
const bytesOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length;

/** Told by their numbers: readers of the document in other languages know no classes of characters. */
const control = '\\u0000-\\u001f\\u007f-\\u009f';
const oneLine = new RegExp(`^[^${control}]+$`);

/** What holds in a period: detector configuration, beam energy, trigger menu. */
const Configuration = z
  .record(z.string().regex(/^[A-Za-z0-9][\w.-]{0,59}$/), z.string().min(1).max(120).regex(oneLine, 'one line of text'))
  .refine((configuration) => Object.keys(configuration).length <= 16, 'at most 16 names')
  .refine((configuration) => bytesOf(configuration) <= 2000, 'at most 2,000 bytes as JSON');

/** Half-open, by run numbers or by time; without an end it is open until it is closed. */
const extent = {
  runFirst: RunNumber.optional().describe('First run of it'),
  runEnd: runEnd.optional().describe('The run after its last one'),
  startsAt: moment.optional().describe('Its first moment, UTC'),
  endsAt: moment.optional().describe('The moment at which it is over, UTC'),
};

/** What naming a period takes. */
export const PeriodDraft = z.object({
  ...extent,
  configuration: Configuration.default({}).describe('Names and values that hold in it'),
  note: z.string().max(200).optional(),
});
export type PeriodDraft = z.infer<typeof PeriodDraft>;

/** What closing a period takes: its end, in the words in which it began. A period of time without ends with the command. */
export const PeriodEnd = z.object({ runEnd: extent.runEnd, endsAt: extent.endsAt });
export type PeriodEnd = z.infer<typeof PeriodEnd>;

export const RunPeriod = z.object({
  id: z.string(),
  name: PeriodName,
  ...extent,
  configuration: Configuration,
  note: z.string().optional(),
  namedBy: z.string(),
  namedAt: z.iso.datetime(),
  closedBy: z.string().optional(),
  closedAt: z.iso.datetime().optional(),
});
export type RunPeriod = z.infer<typeof RunPeriod>;

/** Periods that one node of the tree of runs, of the tree of time, or one value of the configuration names. */
export const PeriodNode = z.object({ periodIds: z.array(z.string()) });
export type PeriodNode = z.infer<typeof PeriodNode>;
