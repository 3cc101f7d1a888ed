import type { Figures, Status } from '../../functions/lib/schema/status.ts';

const figures = (processed: number, quarantined: number): Figures => ({
  run: 102363,
  stfs: { seen: 1253, archived: 1252, processed, failed: 0, quarantined },
  messages: { seen: 1258, duplicate: 3, quarantined },
  latencyMs: { p50: 231, p99: 744 },
  hops: [
    { name: 'archived', count: 1252, p50Ms: 28.1, p99Ms: 64 },
    { name: 'catalogued', count: 1252, p50Ms: 21, p99Ms: 58 },
    { name: 'assigned', count: 1251, p50Ms: 9, p99Ms: 31 },
    { name: 'submitted', count: 1250, p50Ms: 14, p99Ms: 40 },
    { name: 'settled', count: 1250, p50Ms: 162, p99Ms: 521 },
    { name: 'processed', count: 1250, p50Ms: 12, p99Ms: 37 },
  ],
});

/** Physics is taken and all is well, but for what the test says. */
export const aStatus = (changes: Partial<Status> = {}): Status => ({
  instance: 'prod',
  wing: 'bnl',
  build: 'test',
  at: '2026-11-25T12:00:54.000Z',
  position: 'a2505-w9000',
  ribbon: { run: 102363, phase: 'physics', state: 'run', substate: 'physics', since: '2026-11-25T11:57:34.000Z' },
  facets: [],
  total: { ...figures(1250, 0), run: null },
  current: figures(1250, 0),
  lagMs: 210,
  lagLimitMs: 10_000,
  waiting: 3,
  rates: { windowS: 60, announcedHz: 6.25, archivedHz: 6.25, processedHz: 6.23 },
  backlogs: {
    archiving: { count: 1, oldestAt: '2026-11-25T12:00:53.980Z', trend: 'steady', perMinute: 0 },
    processing: { count: 2, oldestAt: '2026-11-25T12:00:53.790Z', trend: 'steady', perMinute: 1 },
  },
  broken: [],
  planes: [
    { name: 'archive', isAlive: true, queued: 1, runningExecutions: 1 },
    { name: 'work', isAlive: true, queued: 2, runningExecutions: 2 },
  ],
  isQuiet: false,
  ...changes,
});

/** The same run, where more comes than is processed and one file was damaged. */
export const aTroubledStatus = (): Status =>
  aStatus({
    current: figures(1018, 1),
    facets: [
      {
        facet: 'stream',
        revision: 1,
        value: 'flowing',
        reason: 'STFs come',
        eventAt: '2026-11-25T11:57:34.000Z',
        receivedAt: '2026-11-25T11:57:34.000Z',
      },
      {
        facet: 'processing',
        revision: 1,
        value: 'running',
        reason: 'run/physics',
        eventAt: '2026-11-25T11:57:34.000Z',
        receivedAt: '2026-11-25T11:57:34.000Z',
      },
    ],
    lagMs: 37_500,
    waiting: 234,
    rates: { windowS: 60, announcedHz: 6.25, archivedHz: 6.25, processedHz: 4.02 },
    backlogs: {
      archiving: { count: 1, oldestAt: '2026-11-25T12:00:53.980Z', trend: 'steady', perMinute: 0 },
      processing: { count: 233, oldestAt: '2026-11-25T12:00:16.500Z', trend: 'growing', perMinute: 134 },
    },
    broken: [
      {
        kind: 'processing-late',
        severity: 'error',
        what: 'STFs wait longer than 10 s for their processing',
        since: '2026-11-25T12:00:26.500Z',
        evidence: '233, the oldest for 38 s, growing by 134 a minute',
        todo: 'docs/operators/runbooks/falls-behind.md',
      },
      {
        kind: 'quarantined',
        severity: 'warning',
        what: 'messages are held in quarantine',
        since: '2026-11-25T11:58:51.000Z',
        evidence: '1 in the last hour, the last for stf-corrupt',
        todo: 'papilio quarantine list --state held',
      },
    ],
    planes: [
      { name: 'archive', isAlive: true, queued: 1, runningExecutions: 1 },
      { name: 'work', isAlive: true, queued: 9, runningExecutions: 233 },
    ],
  });
