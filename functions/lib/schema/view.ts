import * as z from 'zod';
import { Explain } from './assignment.ts';
import { MessageRecord } from './daq-message.ts';
import { TimelineStep } from './detector-state.ts';
import { Event } from './event.ts';
import { FacetRevision } from './facet.ts';
import { Facility } from './facility.ts';
import { Job } from './job.ts';
import { NumberingView } from './numbering.ts';
import { MergeAccount, Output } from './output.ts';
import { Quarantine } from './quarantine.ts';
import { Run } from './run.ts';
import { RunPeriod } from './run-period.ts';
import { Figures, Ribbon } from './status.ts';
import { Replica, Stf } from './stf.ts';

/**
 * What the API shows: the records of both planes, joined. Nothing here is stored; it changes when a record does.
 */

/** One page of a list; `next` is opaque and absent on the last page. */
export const pageOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), next: z.string().optional() });

/** Merge of a run as it is now: the output that is current, or the job of a pass that has left none. */
export const MergeView = MergeAccount.extend({
  id: z.string().optional(),
  jobId: z.string().optional(),
  pass: z.int().min(1),
});
export type MergeView = z.infer<typeof MergeView>;

export const RunView = Run.extend({
  figures: Figures.optional(),
  merged: MergeView.optional(),
  /** How its TFs and BXs are numbered; lists leave it away. */
  numbering: NumberingView.optional(),
});
export type RunView = z.infer<typeof RunView>;
export const RunPage = pageOf(RunView);

/** An STF as both planes know it; one of the two may not know it yet, or be away. */
export const StfView = z.object({
  id: z.string(),
  run: z.int().min(0),
  sequence: z.int().min(0),
  name: z.string(),
  receivedAt: z.iso.datetime(),
  isArchived: z.boolean(),
  /** `unknown`: the work plane has not catalogued it. */
  processing: z.enum(['unknown', 'waiting', 'processed', 'failed']),
  replica: Replica.optional(),
  stf: Stf.optional(),
  /** Why it waits, where a list of waiting STFs was requested. */
  waitsFor: z.string().optional(),
});
export type StfView = z.infer<typeof StfView>;
export const StfPage = pageOf(StfView);

export const JobView = Job.extend({
  explains: z.array(Explain),
  /** What it waits for, now; the ETag does not change with it. */
  waitsFor: z.string().optional(),
});
export type JobView = z.infer<typeof JobView>;
export const JobPage = pageOf(Job);

export const FacilityPage = pageOf(Facility);

/** One plane's finding about a message; lists leave the raw bytes away. */
export const QuarantineLine = Quarantine.omit({ raw: true }).extend({
  plane: z.enum(['archive', 'work']),
  /** File name of the STF that the message is about, where its bytes name one. */
  stf: z.string().optional(),
});
export type QuarantineLine = z.infer<typeof QuarantineLine>;
export const QuarantinePage = pageOf(QuarantineLine);

/** A held message whole, with what each plane found. */
export const QuarantineView = Quarantine.pick({ id: true, messageId: true, raw: true, receivedAt: true }).extend({
  findings: z.array(
    QuarantineLine.pick({ plane: true, problem: true, quarantinedAt: true, state: true, acts: true }).extend({
      version: z.int().min(1),
    }),
  ),
  /** Version of what both planes hold, for `If-Match`. */
  etag: z.string(),
});
export type QuarantineView = z.infer<typeof QuarantineView>;

/** An STF's whole life. */
export const Trace = z.object({
  stf: StfView,
  messages: z.array(MessageRecord),
  quarantine: z.array(QuarantineLine),
  job: JobView.optional(),
  output: Output.optional(),
  /** Events of both logs about it and what it led to, by time; `cause` ties them. */
  events: z.array(Event.omit({ hash: true })),
  /** False if there are more events than are shown. */
  isComplete: z.boolean(),
});
export type Trace = z.infer<typeof Trace>;

/** A run that began while another had not ended. */
const RunOverlap = z.object({ run: z.int().min(0), with: z.int().min(0) });

/** The detector's state now; without a ribbon no run was ever announced. */
export const StateView = z.object({
  ribbon: Ribbon.optional(),
  run: Run.optional(),
  /** The latest revision of each facet of which anything is known. */
  facets: z.array(FacetRevision),
  overlaps: z.array(RunOverlap),
});
export type StateView = z.infer<typeof StateView>;

/** A step of the DAQ's story as it was judged, without the message's bytes. */
export const HistoryStep = TimelineStep.omit({ raw: true });
export type HistoryStep = z.infer<typeof HistoryStep>;

export const StateHistory = z.object({ run: z.int().min(0), items: z.array(HistoryStep) });
export type StateHistory = z.infer<typeof StateHistory>;

/** Every revision of a facet. */
export const FacetPage = pageOf(FacetRevision);

export const PeriodPage = pageOf(RunPeriod);

/** `next` is a position in both logs: asking after it again shows what is new. */
export const EventPage = z.object({ items: z.array(Event), next: z.string() });
export type EventPage = z.infer<typeof EventPage>;
