import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CommandView } from '#schema/command';
import { ExecutionPage } from '#schema/execution';
import { Facility } from '#schema/facility';
import { Output } from '#schema/output';
import { ProblemDetails } from '#schema/problem';
import { Status } from '#schema/status';
import { JobPage, StfView } from '#schema/view';
import { recordsOf } from './records.ts';
import { aSteeredHouse, isAlive, type SteeredHouse, times, typesIn } from './steer/steered-house.ts';

/** People steer work, with the real command and the real processes, through their deaths. */

const stfNow = ({ get }: SteeredHouse, name: string) => get(`/v1/stfs/${name}`, StfView);

test('a drained site gets nothing, what waits says why, and is placed as soon as the site is resumed', async () => {
  const house = await aSteeredHouse();
  const drained = await house.papilio('site', 'drain', 'local', '--why', 'a new switch');
  expect(drained.code, drained.err).toBe(0);
  expect(drained.out).toMatch(/because +a new switch/);
  const name = await house.bring(1);
  const waiting = await house.untilJob(name, ({ explains }) => explains.length > 0);
  expect(waiting.state).toBe('waiting');
  expect((await house.papilio('why', name)).out).toMatch(
    /local\/default: no, drained by \S+ since \S+ because a new switch/,
  );
  expect((await house.papilio('placement', 'list')).out).toContain('a new switch');
  const { broken } = await house.get('/v1/status', Status);
  expect(broken).toContainEqual(
    expect.objectContaining({ kind: 'facility-drained', what: 'facility local is drained' }),
  );

  const key = randomUUID();
  for (const _ of ['first', 'again']) {
    const resumed = await house.post('/v1/facilities/local/resume', key, { why: 'the switch is in' });
    expect(resumed?.status).toBe(200);
    expect(CommandView.parse(resumed?.body)).toMatchObject({ state: 'done', action: 'facility.resume' });
  }
  await house.daq.until(name, (view) => view?.processing === 'processed');
  expect(await house.get('/v1/facilities/local', Facility)).not.toHaveProperty('drain');
  const refused = await house.papilio('site', 'resume', 'local', '--why', 'once more');
  expect(refused.code).toBe(5);
  expect(refused.err).toContain('error[facility-not-drained]');
  await house.daq.house.stop();
  const told = recordsOf(house.daq.folder, 'work').events.map(({ type }) => type);
  expect([times(told, 'facility.drained'), times(told, 'facility.resumed')]).toEqual([1, 1]);
}, 60_000);

test('a job that hangs is cancelled with all its processes, and says by whom and why wherever one looks', async () => {
  const house = await aSteeredHouse({ PAPILIO_PAYLOAD_FAULTS: '{"swf.4001.000001.stf":"hang"}' });
  const name = await house.bring(1);
  const running = await house.untilJob(name, ({ state, attempts }) => state === 'submitted' && !!attempts[0]?.handle);
  expect(isAlive(running)).toBe(true);
  const tried = await house.papilio('job', 'cancel', name, '--dry-run');
  expect(tried).toMatchObject({ code: 0, out: expect.stringContaining('be cancelled') });
  const cancelled = await house.papilio('job', 'cancel', name, '--why', 'a wrong calibration');
  expect(cancelled.code, cancelled.err).toBe(0);
  const ended = await house.untilJob(name, ({ attempts }) => attempts[0]?.state === 'settled');
  expect(ended).toMatchObject({ state: 'cancelled', attempts: [{ end: { outcome: 'cancelled' } }] });
  while (isAlive(ended)) await delay(50);
  expect((await stfNow(house, name)).stf).toMatchObject({ processing: 'failed', failure: { code: 'job-cancelled' } });
  expect((await house.papilio('why', name)).out).toMatch(/was cancelled\n {2}because: .+, a wrong calibration/);
  // Its executions end by themselves, failed, and nothing is broken for it.
  for (;;) {
    const { items } = await house.get('/v1/executions?machine=process-stf', ExecutionPage);
    if (items.some(({ status }) => status === 'FAILED')) break;
    await delay(50);
  }
  const { broken } = await house.get('/v1/status', Status);
  expect(broken.map(({ kind }) => kind)).not.toContain('stfs-failed');

  const late = await house.post(`/v1/jobs/${ended.id}/cancel`, randomUUID());
  expect(late?.status).toBe(409);
  expect(ProblemDetails.parse(late?.body)).toMatchObject({ code: 'job-settled' });
  const listed = await house.get('/v1/jobs?state=cancelled&facility=local', JobPage);
  expect(listed.items.map(({ id }) => id)).toEqual([ended.id]);
}, 60_000);

test('a job that was cancelled while it waited is run again, once, and leaves one output', async () => {
  const house = await aSteeredHouse();
  await house.papilio('site', 'drain', 'local', '--why', 'a new switch');
  const name = await house.bring(1);
  const { id } = await house.untilJob(name, ({ state }) => state === 'waiting');
  expect((await house.post(`/v1/jobs/${id}/cancel`, 'cancel-1'))?.status).toBe(200);
  expect((await stfNow(house, name)).processing).toBe('failed');
  await house.papilio('site', 'resume', 'local', '--why', 'the switch is in');
  for (const _ of ['first', 'again']) {
    const retried = await house.post(`/v1/jobs/${id}/retry`, 'retry-1');
    expect(retried).toMatchObject({ status: 200 });
  }
  await house.daq.until(name, (view) => view?.processing === 'processed');
  const refused = await house.papilio('job', 'retry', name, '--why', 'once more');
  expect(refused).toMatchObject({ code: 5, err: expect.stringContaining('error[job-not-retryable]') });
  await house.daq.house.stop();
  const told = typesIn(house, id);
  expect([times(told, 'job.cancelled'), times(told, 'job.retried'), times(told, 'job.submitted')]).toEqual([1, 1, 1]);
  expect(recordsOf(house.daq.folder, 'work').of('output', Output)).toHaveLength(1);
}, 60_000);
