import type { PlanePeer, PlaneRecords } from '../../functions/api/surroundings.ts';
import type { Plane } from '../../functions/catalog.ts';
import type { Event } from '../../functions/lib/schema/event.ts';
import { createTally } from '../../functions/monitoring/tally.ts';
import { anEvent } from './an-event.ts';
import { fakeClock } from './fake-clock.ts';

/** STFs of a run in these logs. */
const stfsInRun = 20;
const startMs = Date.UTC(2026, 0, 1);
const pad = (value: number): string => String(value).padStart(8, '0');
const iso = (ms: number): string => new Date(startMs + ms).toISOString();

const stfOf = (index: number) => {
  const [run, sequence] = [1 + Math.floor(index / stfsInRun), 1 + (index % stfsInRun)];
  return { run, sequence, stfId: `prod_stf_${pad(run)}-${pad(sequence)}`, receivedAt: iso(index * 100) };
};

type Step = {
  readonly type: string;
  readonly subject: (index: number) => string;
  readonly data: object;
  readonly ms: number;
};
const ofStf = (index: number): string => stfOf(index).stfId;
const ofJob = (index: number): string => `prod_job_${index}`;

/** What each log has of an STF, one after the other. */
const steps: Readonly<Record<Plane, readonly Step[]>> = {
  archive: [
    { type: 'message.received', subject: (index) => `prod_message_${index}`, data: { type: 'stf_gen' }, ms: 1 },
    { type: 'stf.archived', subject: ofStf, data: {}, ms: 20 },
  ],
  work: [
    { type: 'stf.catalogued', subject: ofStf, data: {}, ms: 25 },
    { type: 'job.assigned', subject: ofJob, data: { facility: 'local' }, ms: 30 },
    { type: 'output.registered', subject: (index) => `prod_output_${index}`, data: {}, ms: 90 },
    { type: 'stf.processed', subject: ofStf, data: {}, ms: 91 },
  ],
};

/** The event at a place of a log; `salt` makes the hashes those of another log. */
const eventAt = (plane: Plane, seq: number, salt: string): Event => {
  const own = steps[plane];
  const index = Math.floor((seq - 1) / own.length);
  const step = own[(seq - 1) % own.length] ?? { type: 'stf.archived', subject: ofStf, data: {}, ms: 0 };
  return {
    ...anEvent({
      type: step.type,
      subject: step.subject(index),
      source: `/prod/bnl/${plane}`,
      time: iso(index * 100 + step.ms),
      data: { ...stfOf(index), jobId: ofJob(index), ...step.data },
    }),
    seq,
    hash: `${salt}${seq.toString(16)}`.padStart(64, '0'),
  };
};

/** Both logs of some STFs, made as they are read: what a log of millions costs is reading it, not having it. */
export const logsOf = (stfs: number, { salt = '', onRead = (_: number) => {} } = {}) => {
  const headOf = (plane: Plane): number => stfs * steps[plane].length;
  const read = async (plane: Plane, after: number, limit: number): Promise<Event[]> => {
    const count = Math.max(0, Math.min(limit, headOf(plane) - after));
    onRead(count);
    return Array.from({ length: count }, (_, at) => eventAt(plane, after + at + 1, salt));
  };
  const recordsOf = (plane: Plane): PlaneRecords => ({
    store: { get: never, getMany: never, query: never, transact: never, putMany: never, scan: never, close: never },
    log: {
      read: (after, limit = 1_000) => read(plane, after, limit),
      ofSubject: never,
      head: async () => headOf(plane),
      wait: never,
      verify: never,
    },
  });
  const peerOf = (plane: Plane): PlanePeer => ({
    log: async (after, { limit, waitMs }, signal) => {
      const events = await read(plane, after, limit);
      if (events.length === 0 && waitMs > 0)
        await new Promise((resolve) => signal?.addEventListener('abort', resolve, { once: true }));
      signal?.throwIfAborted();
      return { events, head: headOf(plane) };
    },
    report: never,
  });
  const records: Readonly<Record<Plane, PlaneRecords>> = { archive: recordsOf('archive'), work: recordsOf('work') };
  return {
    clock: fakeClock(),
    records: async (plane: Plane) => records[plane],
    peers: { archive: peerOf('archive'), work: peerOf('work') },
    read,
    end: { archive: headOf('archive'), work: headOf('work') },
  };
};

const never = async (): Promise<never> => {
  throw new Error('not asked of this log');
};

/** What a tally shows of everything and of each run. */
export const shownBy = (tally: ReturnType<typeof createTally>, stfs: number) => ({
  all: tally.summary(),
  hops: tally.figures().hops,
  waiting: tally.waiting(),
  runs: Array.from({ length: Math.ceil(stfs / stfsInRun) }, (_, at) => [
    tally.figures(at + 1),
    tally.summary(at + 1).outputCount,
  ]),
});

/** What a tally shows that counted both logs up to a place from the first event. */
export const countedTo = async (logs: ReturnType<typeof logsOf>, to: Readonly<Record<Plane, number>>) => {
  const tally = createTally();
  for (const plane of ['archive', 'work'] as const)
    for (const event of await logs.read(plane, 0, to[plane])) tally.apply(event);
  return tally;
};
