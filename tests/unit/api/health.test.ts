import { describe, expect, it } from 'vitest';
import type { Conditions } from '../../../functions/api/surroundings.ts';
import { ProblemDetails } from '../../../functions/lib/schema/problem.ts';
import { Health, Readiness, Status } from '../../../functions/lib/schema/status.ts';
import { anApi, aReport, type TestApi } from '../../builders/an-api.ts';
import { tellRun } from '../../builders/an-stf-story.ts';

const ask = async (api: TestApi, url: string) => {
  const response = await api.app.inject({ url, headers: { host: 'localhost' } });
  return { status: response.statusCode, body: response.json() };
};
const since = '2025-12-31T23:59:00.000Z';
const broker = { name: 'e1-bnl', url: 'stomp://secret-host:61613', since };
const disk = { state: 'read-only', since, error: 'EROFS: /secret/path', fileSystem: '/data (ext4)' } as const;

/** An instance in which one thing does not work, and how its first problem reads. */
const outages: readonly [string, (api: TestApi, conditions: { now: Conditions }) => void, string][] = [
  [
    'a broker is away',
    (_, conditions) => {
      conditions.now = { brokers: [{ ...broker, state: 'away', reason: 'connect ECONNREFUSED', tries: 3 }] };
    },
    'no connection to broker e1-bnl',
  ],
  [
    'a passcode is missing',
    (_, conditions) => {
      conditions.now = { brokers: [{ ...broker, state: 'away', reason: 'env:PASSCODE is not set', tries: 1 }] };
    },
    'no connection to broker e1-bnl',
  ],
  [
    'the bridge is blocked',
    (_, conditions) => {
      conditions.now = { brokers: [{ ...broker, state: 'unknown' }] };
    },
    'the bridge does not respond',
  ],
  [
    'a disk is read-only',
    ({ reports }) => Object.assign(reports, { archive: aReport('archive', { disk }), work: aReport('work', { disk }) }),
    'the disk of the archive and work planes is read-only',
  ],
  [
    'a disk is full',
    ({ reports }) =>
      Object.assign(reports, { archive: aReport('archive', { disk: { ...disk, state: 'full', error: 'ENOSPC' } }) }),
    'the disk of the archive plane is full',
  ],
  [
    'a store refuses writes',
    ({ reports }) => Object.assign(reports, { work: aReport('work', { store: { since, reason: 'disk I/O error' } }) }),
    'the store of the work plane cannot write',
  ],
  [
    'a plane was killed and is starting',
    ({ reports }, conditions) => {
      reports.archive = undefined;
      const lastExit = { at: since, cause: 'SIGKILL' };
      conditions.now = {
        processes: [{ name: 'archive', state: 'starting', starts: 2, restarts: 1, since, lastExit }],
      };
    },
    'the archive plane is starting',
  ],
];

describe('an instance in which something does not work', () => {
  it.each(outages)('names it first in its status, is not healthy and not ready: %s', async (_, disturb, what) => {
    const conditions: { now: Conditions } = { now: {} };
    await using api = await anApi({ around: { conditions: async () => conditions.now } });
    await tellRun(api.planes.work, 102363);
    await api.caughtUp();
    await api.clock.advance(12 * 3_600_000 + 60_000);
    expect(Health.parse((await ask(api, '/v1/health')).body)).toMatchObject({ isHealthy: true, problems: [] });
    expect((await ask(api, '/v1/ready')).status).toBe(200);
    disturb(api, conditions);
    const { broken } = Status.parse((await ask(api, '/v1/status')).body);
    expect(broken[0]).toMatchObject({ what, severity: 'error', isOutage: true });
    const health = await ask(api, '/v1/health');
    expect(Health.parse(health.body)).toMatchObject({ isHealthy: false, problems: [{ what }] });
    expect(JSON.stringify(health.body), 'everybody may read it').not.toMatch(/secret/);
    const ready = await ask(api, '/v1/ready');
    expect(ready.status).toBe(503);
    expect(ProblemDetails.parse(ready.body)).toMatchObject({ code: 'not-ready' });
    expect(JSON.stringify(ready.body)).not.toMatch(/secret/);
  });

  it('says under the cause that no STFs come, and alone once the cause is gone', async () => {
    const conditions: { now: Conditions } = { now: {} };
    await using api = await anApi({ around: { conditions: async () => conditions.now } });
    await tellRun(api.planes.work, 102363);
    await api.caughtUp();
    await api.clock.advance(12 * 3_600_000 + 60_000);
    const kinds = async () => {
      const { broken } = Status.parse((await ask(api, '/v1/status')).body);
      return broken.map(({ kind, consequences = [] }) => [kind, ...consequences.map((one) => one.kind)]);
    };
    conditions.now = { brokers: [{ ...broker, state: 'away' }] };
    expect(await kinds()).toEqual([['broker-away', 'stream-silent']]);
    conditions.now = { brokers: [{ ...broker, state: 'connected' }] };
    expect(await kinds()).toEqual([['stream-silent']]);
  });

  it('is ready with its checks when nothing is wrong, brokers and restarts in its status', async () => {
    const processes = [{ name: 'archive', state: 'up', starts: 1, restarts: 0, since }] as const;
    const brokers = [{ ...broker, state: 'connected' }] as const;
    await using api = await anApi({ around: { conditions: async () => ({ processes, brokers }) } });
    await api.caughtUp();
    expect(Readiness.parse((await ask(api, '/v1/ready')).body).checks.every(({ isOk }) => isOk)).toBe(true);
    expect(Status.parse((await ask(api, '/v1/status')).body)).toMatchObject({ processes, brokers, broken: [] });
  });
});
