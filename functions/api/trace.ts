import { createIds } from '#lib/ids';
import { jobs, messages, outputs } from '#lib/records';
import type { MessageRecord } from '#schema/daq-message';
import type { Event } from '#schema/event';
import type { Output } from '#schema/output';
import type { JobView, StfView, Trace } from '#schema/view';
import { mergeEvents, searchEvents } from './event-search.ts';
import { explainJob } from './job-view.ts';
import { findQuarantine } from './quarantine-view.ts';
import { fromBoth, needStf } from './stf-view.ts';
import type { PlaneRecords, Surroundings } from './surroundings.ts';

const maxScanned = 20_000;

type Found = { readonly events: Event[]; readonly isComplete: boolean };
const nothing: Found = { events: [], isComplete: true };

/** When the story of an STF may have ended: not before its last record was written, and open as long as one is missing. */
const endOf = ({ replica, stf }: StfView, jobView: JobView | undefined): string | undefined => {
  const ends = [replica?.archivedAt, stf?.settledAt, stf === undefined ? undefined : jobView?.settledAt];
  return ends.every((end) => end !== undefined) ? ends.sort().at(-1) : undefined;
};

/** Ids of everything that belongs to the STF's story: what led to it and what it led to. */
const subjectsOf = (view: StfView, job: JobView | undefined, causes: readonly string[]): Set<string> =>
  new Set([
    view.id,
    ...causes,
    ...(view.stf ? [view.stf.jobId, ...(view.stf.outputId ? [view.stf.outputId] : [])] : []),
    ...(job?.attempts.map((attempt) => attempt.id) ?? []),
  ]);

const readWork = async ({ store }: PlaneRecords, view: StfView): Promise<{ job?: JobView; output?: Output }> => {
  if (!view.stf) return {};
  const job = await jobs.get(store, view.stf.jobId);
  const output = view.stf.outputId === undefined ? undefined : await outputs.get(store, view.stf.outputId);
  return { ...(job && { job: await explainJob(store, job.doc) }), ...(output && { output: output.doc }) };
};

const readMessages = async ({ store }: PlaneRecords, ids: readonly string[]): Promise<MessageRecord[]> =>
  (await messages.getMany(store, ids)).flatMap((message) => (message ? [message.doc] : []));

const unique = (ids: readonly (string | undefined)[]): string[] => [...new Set(ids.filter((id) => id !== undefined))];

/** The whole life of an STF, joined from both planes. @throws record-missing */
export const traceStf = async (surroundings: Surroundings, stfId: string): Promise<Trace> => {
  const { records, config } = surroundings;
  const { view } = await needStf(records, stfId);
  const messageIds = unique([view.stf?.messageId, view.replica?.messageId]);
  // A quarantine record is named after the message that it holds.
  const ids = createIds(config.PAPILIO_INSTANCE, config.PAPILIO_WING, config.PAPILIO_EPOCH);
  const held = messageIds.map((id) => ids.of('quarantine', id.split('_').at(-1) ?? id));
  const { archive, work } = await fromBoth(records, {
    archive: (of) => readMessages(of, messageIds),
    work: (of) => readWork(of, view),
  });
  const search = {
    subjects: subjectsOf(view, work?.job, [...messageIds, ...held]),
    from: view.receivedAt,
    until: endOf(view, work?.job),
    maxScanned,
  };
  const told = await fromBoth(records, {
    archive: ({ log }) => searchEvents(log, search),
    work: ({ log }) => searchEvents(log, search),
  });
  const { archive: inArchive = nothing, work: inWork = nothing } = told;
  return {
    stf: view,
    messages: archive ?? [],
    quarantine: await findQuarantine(records, held),
    ...(work?.job && { job: work.job }),
    ...(work?.output && { output: work.output }),
    events: mergeEvents(inArchive.events, inWork.events),
    isComplete: inArchive.isComplete && inWork.isComplete,
  };
};
