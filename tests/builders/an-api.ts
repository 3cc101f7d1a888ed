import { readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { createMemoryObjects } from '../../functions/adapters/objects/memory.ts';
import { createMemoryStore } from '../../functions/adapters/store/memory.ts';
import { createApp } from '../../functions/api/app.ts';
import { createFeed, type Feed } from '../../functions/api/feed.ts';
import type { Limits } from '../../functions/api/limits.ts';
import type { LivePolicy } from '../../functions/api/live/policy.ts';
import type { App, JobLogs, PlanePeer, PlaneRecords, Surroundings } from '../../functions/api/surroundings.ts';
import type { Plane } from '../../functions/catalog.ts';
import { PapilioError } from '../../functions/lib/errors.ts';
import { silentLog } from '../../functions/lib/log.ts';
import type { Identity } from '../../functions/lib/ports/identity.ts';
import type { Objects } from '../../functions/lib/ports/objects.ts';
import type { Command } from '../../functions/lib/schema/command.ts';
import type { PlaneReport } from '../../functions/lib/schema/status.ts';
import { type FakeClock, fakeClock } from './fake-clock.ts';
import { enginesInMemory, type MemoryEngine } from './memory-engine.ts';

/** A plane at rest, as its socket tells it. */
export const aReport = (plane: Plane, changes: Partial<PlaneReport> = {}): PlaneReport => ({
  plane,
  startedAt: '2026-01-01T00:00:00.000Z',
  runningExecutions: 0,
  queues:
    plane === 'archive'
      ? {
          'archive-inbox': { visible: 0, inFlight: 0, delayed: 0 },
          'archived-stfs': { visible: 0, inFlight: 0, delayed: 0 },
          'work-inbox': { visible: 0, inFlight: 0, delayed: 0 },
        }
      : { broker: { visible: 0, inFlight: 0, delayed: 0 } },
  parked: [],
  ...changes,
});

/** The administrator's token of the API in memory. */
export const adminToken = 'the-token-of-this-test';

/** The API over records in memory, with planes that the test can take away. */
export type TestApi = AsyncDisposable & {
  readonly app: App;
  readonly feed: Feed;
  readonly clock: FakeClock;
  readonly planes: Readonly<Record<Plane, PlaneRecords>>;
  /** Each plane's engine, without a machine until the test makes one. */
  readonly engines: Readonly<Record<Plane, MemoryEngine>>;
  /** Archived STFs. */
  readonly archive: Objects;
  /** Registered outputs. */
  readonly outputs: Objects;
  /** What each plane says of itself; undefined: it does not answer. */
  readonly reports: Record<Plane, PlaneReport | undefined>;
  isReplaying: boolean;
  /** Commands that were sent, each to its plane and queue. */
  readonly sent: { readonly plane: Plane; readonly queue: string; readonly command: Command }[];
  /** Facts about requests that were sent to functions of the work plane. */
  readonly noted: { readonly queue: string; readonly facts: object }[];
  /** Resolves when every event is counted. */
  readonly caughtUp: () => Promise<void>;
};

type Options = {
  readonly jobLogs?: JobLogs;
  readonly withoutRecords?: readonly Plane[];
  /** What differs from the limits by default. */
  readonly limits?: Partial<Limits>;
  /** What differs from the policy of live events by default. */
  readonly live?: Partial<LivePolicy>;
  /** Issuers whose tokens are taken; none by default. */
  readonly identity?: (clock: FakeClock) => Identity;
  /** What the planes do with a command that was sent to them; nothing by default. */
  readonly onCommand?: (command: Command, plane: Plane) => Promise<void>;
  /** What the work plane does with facts about requests; nothing by default. */
  readonly onNote?: (queue: string, facts: object) => Promise<void>;
  /** What of the surroundings is to be another. */
  readonly around?: Partial<Surroundings>;
};

/** Makes the API; dispose of it at the end. */
export const anApi = async ({
  jobLogs,
  withoutRecords = [],
  onCommand,
  identity,
  limits,
  live,
  onNote,
  around,
}: Options = {}): Promise<TestApi> => {
  const clock = fakeClock();
  const planes = { archive: createMemoryStore({ clock }), work: createMemoryStore({ clock }) };
  const reports: Record<Plane, PlaneReport | undefined> = { archive: aReport('archive'), work: aReport('work') };
  const away = (plane: Plane) => new PapilioError('plane-unavailable', `${plane} plane: stopped by the test`);
  const peerOf = (plane: Plane): PlanePeer => ({
    log: async (after, { limit, waitMs }, signal) => {
      if (!reports[plane]) throw away(plane);
      const head = await planes[plane].log.wait(after, waitMs, signal);
      signal?.throwIfAborted();
      return { events: await planes[plane].log.read(after, limit), head };
    },
    report: async () => {
      const report = reports[plane];
      if (!report) throw away(plane);
      return report;
    },
  });
  const peers = { archive: peerOf('archive'), work: peerOf('work') };
  const records = async (plane: Plane): Promise<PlaneRecords> => {
    if (withoutRecords.includes(plane))
      throw new PapilioError('store-unavailable', `${plane}/store.db is not there yet`);
    return planes[plane];
  };
  const archive = createMemoryObjects({ disk: { readFile } });
  const outputs = createMemoryObjects({ disk: { readFile } });
  const feed = createFeed({ clock, log: silentLog, peers, records });
  const config = {
    PAPILIO_INSTANCE: 'prod',
    PAPILIO_WING: 'bnl',
    PAPILIO_EPOCH: 1,
    PAPILIO_BUILD: 'test',
    PAPILIO_REGION: 'us-east-1',
    PAPILIO_KEEP_SUCCEEDED_DAYS: 7,
    PAPILIO_KEEP_FAILED_DAYS: 30,
    PAPILIO_TFS_PER_STF: 1000,
    PAPILIO_BX_PER_TF: 65_536,
  } as const;
  const engines = enginesInMemory(clock);
  const askedOf = async (plane: Plane, operation: string, input: object) => {
    if (!reports[plane]) throw away(plane);
    return engines[plane].ask(operation, input);
  };
  const none: JobLogs = {
    read: async (id) => {
      throw new PapilioError('record-missing', `nothing is kept of attempt ${id}`);
    },
  };
  const surroundings: Surroundings = {
    config,
    clock,
    log: silentLog,
    feed,
    peers,
    engines: {
      archive: (operation, input) => askedOf('archive', operation, input),
      work: (operation, input) => askedOf('work', operation, input),
    },
    records,
    jobLogs: jobLogs ?? none,
    archive,
    outputs,
    send: async (plane, queue, command) => {
      if (!reports[plane]) throw away(plane);
      api.sent.push({ plane, queue, command });
      await onCommand?.(command, plane);
    },
    note: async (queue, facts) => {
      if (!reports.work) throw away('work');
      api.noted.push({ queue, facts });
      await onNote?.(queue, facts);
    },
    pending: new Map(),
    isAdmin: async (token) => token === adminToken,
    isLoopbackOnly: true,
    ...(identity ? { identity: identity(clock) } : {}),
    isReplaying: async () => api.isReplaying,
    ...around,
    ...(limits && { limits }),
    ...(live && { live }),
  };
  const app = await createApp(surroundings);
  while (!(feed.news('archive').isFollowed && feed.news('work').isFollowed)) await setImmediate();
  const api: TestApi = {
    app,
    feed,
    clock,
    planes,
    engines,
    archive,
    outputs,
    reports,
    isReplaying: false,
    sent: [],
    noted: [],
    caughtUp: async () => {
      for (const plane of ['archive', 'work'] as const) {
        const head = await planes[plane].log.head();
        while (feed.position()[plane] < head) await feed.wait(feed.position(), 60_000);
      }
    },
    [Symbol.asyncDispose]: async () => {
      await feed.stop();
      await app.close();
    },
  };
  return api;
};
