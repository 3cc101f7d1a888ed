import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Health, Status } from '../../../functions/lib/schema/status.ts';
import { anApi, aReport, type TestApi } from '../../builders/an-api.ts';
import { archiveStf, processStf, tellRun } from '../../builders/an-stf-story.ts';

const story = { run: 102363, sequence: 1, receivedMs: 0 };
let api: TestApi;
beforeEach(async () => {
  api = await anApi();
});
afterEach(() => api[Symbol.asyncDispose]());

const status = async (query = '') =>
  Status.parse((await api.app.inject({ url: `/v1/status${query}`, headers: { host: 'localhost' } })).json());

describe('status', () => {
  it('is quiet when both planes are at rest and every event is counted', async () => {
    await archiveStf(api.planes.archive, story);
    await api.caughtUp();
    expect(await status()).toMatchObject({ isQuiet: true, position: 'a2-w0' });
  });

  it.each<[string, (disturbed: TestApi) => unknown]>([
    ['a recording is still played', (it) => Object.assign(it, { isReplaying: true })],
    ['a plane is away', ({ reports }) => Object.assign(reports, { work: undefined })],
    [
      'a message waits in a queue',
      ({ reports }) => {
        reports.work = aReport('work', { queues: { settle: { visible: 0, inFlight: 1, delayed: 0 } } });
      },
    ],
    [
      'an execution runs',
      ({ reports }) => {
        reports.work = aReport('work', { runningExecutions: 1 });
      },
    ],
    [
      'the inboxes are not made yet',
      ({ reports }) => {
        reports.archive = aReport('archive', { queues: {} });
      },
    ],
  ])('is not quiet while %s', async (_, disturb) => {
    disturb(api);
    expect((await status()).isQuiet).toBe(false);
  });

  it('is quiet in spite of dead letters, which nobody works on, and shows them', async () => {
    api.reports.work = aReport('work', { queues: { 'settle-dlq': { visible: 3, inFlight: 0, delayed: 0 } } });
    const { isQuiet, planes } = await status();
    expect(isQuiet).toBe(true);
    expect(planes[1]).toMatchObject({ queued: 0, deadLetters: 3 });
  });

  it('holds the answer back until the next event', async () => {
    await api.feed.wait({ archive: 0, work: 0 }, 0);
    const answer = status('?after=a0-w0&waitMs=30000');
    await tellRun(api.planes.work, story.run);
    expect((await answer).ribbon).toMatchObject({ run: 102363, phase: 'physics', state: 'run' });
  });

  it('answers after the time asked for when nothing happens', async () => {
    await status();
    const before = api.clock.timers();
    const answer = status('?after=a0-w0&waitMs=1000');
    await api.clock.whenTimers(before + 1);
    await api.clock.advance(1000);
    expect((await answer).position).toBe('a0-w0');
  });

  it('names how long the longest waiting STF waits', async () => {
    await archiveStf(api.planes.archive, story);
    await api.caughtUp();
    expect(await status()).toMatchObject({ waiting: 1, total: { stfs: { seen: 1, archived: 1, processed: 0 } } });
    await processStf(api.planes.work, story);
    await api.caughtUp();
    expect(await status()).toMatchObject({
      waiting: 0,
      lagMs: 0,
      total: { stfs: { processed: 1 }, latencyMs: { p50: 130 } },
    });
  });

  it('tells rates and backlogs of the minute before now', async () => {
    await archiveStf(api.planes.archive, story);
    await api.caughtUp();
    await api.clock.advance(12 * 3_600_000 + 30_000);
    expect(await status()).toMatchObject({
      lagLimitMs: 10_000,
      rates: { windowS: 60, announcedHz: 0.02, archivedHz: 0.02, processedHz: 0 },
      backlogs: { archiving: { count: 0 }, processing: { count: 1, trend: 'steady', perMinute: 0 } },
      broken: [{ kind: 'processing-late', severity: 'error', since: '2026-01-01T12:00:10.000Z' }],
    });
    await api.clock.advance(60_000);
    expect((await status()).rates).toMatchObject({ announcedHz: 0, archivedHz: 0 });
  });

  it('names what is broken, since it was seen first where a plane does not say since when', async () => {
    const parked = [{ key: 'x', parkedAt: '2025-12-31T23:00:00.000Z' }];
    api.reports.work = aReport('work', {
      parked,
      queues: { 'settle-dlq': { visible: 3, inFlight: 0, delayed: 0 } },
    });
    const broken = [
      { kind: 'dead-letters', since: '2026-01-01T00:00:00.000Z' },
      { kind: 'parked', since: '2025-12-31T23:00:00.000Z' },
    ];
    expect((await status()).broken).toMatchObject(broken);
    await api.clock.advance(5_000);
    expect((await status()).broken).toMatchObject(broken);
    api.reports.work = aReport('work');
    expect((await status()).broken).toEqual([]);
  });

  it('says of a plane whose services do not answer that it lives, and nothing of what waits or runs there', async () => {
    const away = { what: 'queues and state machines', reason: 'http://127.0.0.1:4566: connect ECONNREFUSED' };
    const servicesAway = [away];
    api.reports.work = { ...aReport('work', { queues: undefined, servicesAway }), runningExecutions: undefined };
    const { planes, broken, isQuiet } = await status();
    expect(planes[1]).toMatchObject({ isAlive: true, servicesAway });
    for (const fact of ['queued', 'runningExecutions', 'deadLetters', 'queues'])
      expect(planes[1]).not.toHaveProperty(fact);
    expect(broken).toMatchObject([{ kind: 'services-away', evidence: away.reason }]);
    expect(isQuiet).toBe(false);
    const health = Health.parse((await api.app.inject({ url: '/v1/health', headers: { host: 'localhost' } })).json());
    expect(health).toMatchObject({ isHealthy: false, planes: [{}, { isAlive: true, servicesAway }] });
  });

  it('goes on without a plane, says since when, and finds it again', async () => {
    await archiveStf(api.planes.archive, story);
    await api.caughtUp();
    api.reports.work = undefined;
    const away = (await status()).planes[1];
    expect(away).toMatchObject({ name: 'work', isAlive: false, lastNewsAt: expect.any(String) });
    api.reports.work = aReport('work');
    expect((await status()).planes[1]).toMatchObject({ isAlive: true });
  });
});
