import * as z from 'zod';
import { ownNameOf, readId } from '#lib/model/ids';
import type { Event } from '#schema/event';
import { wholeNumber } from './lists.ts';

/** Which events are asked for; several types come with commas between them. */
export const eventFilter = {
  type: z
    .string()
    .max(400)
    .optional()
    .describe('Types such as `stf.archived`, or nouns such as `stf`, with commas between several'),
  run: wholeNumber(z.number().min(0).max(99_999_999)).optional().describe('Number of a run'),
  facility: z.string().min(1).max(80).optional().describe('Name of a facility'),
  owner: z.string().min(1).max(160).optional().describe('Who owns the thing, or who asked for it'),
  subject: z.string().min(1).max(160).optional().describe('Id of the thing that it happened to'),
} as const;

const EventFilter = z.object(eventFilter);
export type EventFilter = z.infer<typeof EventFilter>;

/** What an event can be chosen by. */
export type EventFacets = {
  readonly type: string;
  readonly subject: string;
  readonly run: number | undefined;
  readonly facility: string | undefined;
  readonly owner: string | undefined;
};

/** Things whose names begin with their run's number. */
const nounsOfRuns: ReadonlySet<string> = new Set(['run', 'stf', 'job', 'attempt', 'bundle', 'output', 'coverage']);

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const runIn = (id: unknown): number | undefined => {
  const text = textOf(id);
  if (text === undefined || !nounsOfRuns.has(readId(text)?.noun ?? '')) return undefined;
  const [, digits] = /^(\d{8})(?:-|$)/.exec(ownNameOf(text)) ?? [];
  return digits === undefined ? undefined : Number(digits);
};

const runOf = ({ data, subject }: Event): number | undefined =>
  typeof data.run === 'number'
    ? data.run
    : (runIn(data.runId) ?? runIn(data.stfId) ?? runIn(subject) ?? runIn(data.subject));

const facilityOf = ({ type, data }: Event): string | undefined =>
  textOf(data.facility) ?? (type.startsWith('facility.') ? textOf(data.name) : undefined);

/** What an event can be chosen by: what its data say, and the run also out of the ids that it names. */
export const facetsOf = (event: Event): EventFacets => ({
  type: event.type,
  subject: event.subject,
  run: runOf(event),
  facility: facilityOf(event),
  owner: textOf(event.data.owner) ?? textOf(event.data.who) ?? textOf(event.data.namedBy),
});

/** `job.settled` asks for one type, `job.` or `job` for all of a noun. */
const isOfType = (type: string, wanted: string): boolean =>
  type === wanted || type.startsWith(wanted.endsWith('.') ? wanted : `${wanted}.`);

/** A test of what events are chosen by, and a name that filters which choose the same have in common. */
export type EventTest = { readonly key: string; readonly fits: (facets: EventFacets) => boolean };

/** Makes the test of a filter; one that asks for nothing lets everything pass. */
export const testOf = ({ type, ...exact }: EventFilter): EventTest => {
  const types = [...new Set((type ?? '').split(',').flatMap((each) => each.trim() || []))].sort();
  const { run, facility, owner, subject } = exact;
  const wanted = { run, facility, owner, subject };
  const names = (['run', 'facility', 'owner', 'subject'] as const).filter((name) => wanted[name] !== undefined);
  return {
    key: JSON.stringify([types, run, facility, owner, subject]),
    fits: (facets) =>
      (types.length === 0 || types.some((each) => isOfType(facets.type, each))) &&
      names.every((name) => facets[name] === wanted[name]),
  };
};
