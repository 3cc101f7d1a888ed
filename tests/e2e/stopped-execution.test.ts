import { expect, test } from 'vitest';
import { ExecutionPage } from '#schema/execution';
import { Status } from '#schema/status';
import { StfView } from '#schema/view';
import { aSteeredHouse } from './steer/steered-house.ts';

/** A person stops the execution of a job that waits for a place, with the real command and the real processes. */

test('a stopped execution takes no slot: at a site with one the next job runs, and the stopped one says why and runs again', async () => {
  const house = await aSteeredHouse({ PAPILIO_LOCAL_SLOTS: '1' });
  const { papilio } = house;
  expect((await papilio('site', 'drain', 'local', '--why', 'a new switch')).code).toBe(0);
  const stopped = await house.bring(1);
  const { id } = await house.untilJob(stopped, ({ explains }) => explains.length > 0);
  const { items } = await house.get('/v1/executions?machine=run-job&status=RUNNING', ExecutionPage);
  const said = await papilio('exec', 'stop', items[0]?.id ?? '', '--why', 'wrong calibration');
  expect(said.code, said.err).toBe(0);
  expect(said.err).toContain('execution-stopped');
  const other = await house.bring(2);
  await house.untilJob(other, ({ explains }) => explains.length > 0);

  expect((await papilio('site', 'resume', 'local', '--why', 'the switch is in')).code).toBe(0);
  await house.daq.until(other, (view) => view?.processing === 'processed');
  await house.daq.until(stopped, (view) => view?.processing === 'failed');
  expect((await house.get(`/v1/stfs/${stopped}`, StfView)).stf?.failure).toMatchObject({
    code: 'execution-stopped',
    reason: expect.stringMatching(/^run-job:\S+ ended as ABORTED .+: wrong calibration$/),
  });
  const { broken } = await house.get('/v1/status', Status);
  expect(broken.map(({ kind }) => kind)).toContain('stfs-failed');
  expect((await papilio('why', stopped)).out).toMatch(
    /failed\n {2}because: execution-stopped\n {2}try: papilio stf show \S+, then papilio job retry /,
  );
  expect((await papilio('stf', 'show', stopped)).out).toContain('wrong calibration');
  const listed = await papilio('job', 'list', '--state', 'failed', '-o', 'name');
  expect(listed.out.trim()).toBe(id);

  expect((await papilio('job', 'retry', id, '--why', 'it was right')).code).toBe(0);
  await house.daq.until(stopped, (view) => view?.processing === 'processed');
  expect(await house.untilJob(stopped, () => true)).toMatchObject({ state: 'succeeded', attempts: [{ number: 2 }] });
}, 60_000);
