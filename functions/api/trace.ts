import { createIds } from '#lib/ids';
import { jobs, messages, outputs } from '#lib/records';
import type { MessageRecord } from '#schema/daq-message';
import type { Event } from '#schema/event';
import type { Output } from '#schema/output';
import type { JobView, StfView, Trace } from '#schema/view';
import { mergeEvents } from './event-search.ts';
import { explainJob } from './job-view.ts';
import { findQuarantine } from './quarantine-view.ts';
import { fromBoth, needStf } from './stf-view.ts';
import type { PlaneRecords, Surroundings } from './surroundings.ts';

/** Events of one thing that a trace shows of a log. */
const mostOfSubject = 1_000;

type Found = { readonly events: Event[]; readonly isComplete: boolean };
const nothing: Found = { events: [], isComplete: true };

/** The events of some subjects in one log, in its order, by its index. */
const eventsOf = async ({ log }: PlaneRecords, subjects: readonly string[]): Promise<Found> => {
  const pages = await Promise.all(subjects.map((subject) => log.ofSubject({ subject, limit: mostOfSubject })));
  return {
    events: pages.flat().sort((a, b) => a.seq - b.seq),
    isComplete: pages.every((page) => page.length < mostOfSubject),
  };
};

/** The events of subjects in both logs, and of `ofWork`, which only the work plane writes. */
const bothOf = async (
  records: Surroundings['records'],
  subjects: readonly string[],
  ofWork: readonly string[] = [],
) => {
  const { archive = nothing, work = nothing } = await fromBoth(records, {
    archive: (of) => eventsOf(of, subjects),
    work: (of) => eventsOf(of, unique([...subjects, ...ofWork])),
  });
  return { archive, work };
};

/** Ids of a kind that an STF's own events name: those of every pass. */
const namedIn = (events: readonly Event[], key: 'jobId' | 'outputId'): string[] =>
  events.flatMap(({ data }) => {
    const id = data[key];
    return typeof id === 'string' ? [id] : [];
  });

const readWork = async ({ store }: PlaneRecords, view: StfView): Promise<{ job?: JobView; output?: Output }> => {
  if (!view.stf) return {};
  const job = await jobs.get(store, view.stf.jobId);
  const output = view.stf.outputId === undefined ? undefined : await outputs.get(store, view.stf.outputId);
  return { ...(job && { job: await explainJob(store, job.doc) }), ...(output && { output: output.doc }) };
};

const readMessages = async ({ store }: PlaneRecords, ids: readonly string[]): Promise<MessageRecord[]> =>
  (await messages.getMany(store, ids)).flatMap((message) => (message ? [message.doc] : []));

const unique = (ids: readonly (string | undefined)[]): string[] => [...new Set(ids.filter((id) => id !== undefined))];

/** The attempts of jobs. */
const attemptsOf = async ({ store }: PlaneRecords, jobIds: readonly string[]): Promise<string[]> =>
  (await jobs.getMany(store, jobIds)).flatMap((job) => job?.doc.attempts.map(({ id }) => id) ?? []);

/** The events of an STF, and of its messages, jobs, attempts and outputs in every pass. */
const storyOf = async (records: Surroundings['records'], view: StfView, causes: readonly string[]) => {
  const own = await bothOf(records, [view.id]);
  const ownEvents = [...own.archive.events, ...own.work.events];
  const jobIds = unique([view.stf?.jobId, ...namedIn(ownEvents, 'jobId')]);
  const { work: attempts = [] } = await fromBoth(records, {
    archive: async () => [],
    work: (of) => attemptsOf(of, jobIds),
  });
  const outputIds = unique([view.stf?.outputId, ...namedIn(ownEvents, 'outputId')]);
  const rest = await bothOf(records, causes, [...jobIds, ...attempts, ...outputIds]);
  const inOrder = (a: Found, b: Found): Event[] => [...a.events, ...b.events].sort((x, y) => x.seq - y.seq);
  return {
    events: mergeEvents(inOrder(own.archive, rest.archive), inOrder(own.work, rest.work)),
    isComplete: [own.archive, own.work, rest.archive, rest.work].every((found) => found.isComplete),
  };
};

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
  const story = await storyOf(records, view, [...messageIds, ...held]);
  return {
    stf: view,
    messages: archive ?? [],
    quarantine: await findQuarantine(records, held),
    ...(work?.job && { job: work.job }),
    ...(work?.output && { output: work.output }),
    ...story,
  };
};
