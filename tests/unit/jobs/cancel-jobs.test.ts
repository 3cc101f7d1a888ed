import { describe, expect, test } from 'vitest';
import { bundles, jobs, placements } from '#lib/records';
import { pollBundles } from '../../../functions/facilities/poll-bundles.fn.ts';
import { submitBundle } from '../../../functions/facilities/submit-bundle.fn.ts';
import { failJob } from '../../../functions/jobs/fail-job.fn.ts';
import { aDeps, type TestDeps } from '../../builders/a-deps.ts';
import { dyingAt, everyDeath } from '../../builders/a-deps-crash.ts';
import { anAssignedJob, anItem, aSettledJob, aSubmittedJob, jobNow, withFacility } from '../../builders/a-job.ts';
import {
  ask,
  aWaitingJob,
  counted,
  endOf,
  freed,
  notice,
  ofType,
  reason,
  steer,
  stfNow,
  unwanted,
} from '../../builders/a-steered-job.ts';
import { aCataloguedStf } from '../../builders/a-stf.ts';

describe('a job that is cancelled', () => {
  test('says who and why, fails its STF with the reason, and counts it once', async () => {
    const deps = aDeps();
    const jobId = await aWaitingJob(deps);
    await steer(deps, 'cancel', jobId, '1');
    await steer(deps, 'cancel', jobId, '1');
    expect(await jobNow(deps, jobId)).toMatchObject({
      state: 'cancelled',
      errorCode: 'job-cancelled',
      acts: [{ commandId: 'test_command_1', act: 'cancel', by: 'anna', why: 'a wrong calibration' }],
    });
    expect(await stfNow(deps)).toMatchObject({ processing: 'failed', failure: { code: 'job-cancelled', reason } });
    expect(await counted(deps)).toMatchObject({ catalogued: 1, processed: 0, failed: 1 });
    const told = (await deps.events()).slice(2).map(({ type, cause }) => [type, cause]);
    expect(told).toEqual([
      ['job.cancelled', 'test_command_1'],
      ['stf.failed', jobId],
      ['command.done', 'test_command_1'],
    ]);
  });

  test('while it waits at the broker: its token is told, and its request is gone', async () => {
    const deps = aDeps();
    const jobId = await aWaitingJob(deps);
    await steer(deps, 'cancel', jobId, '1');
    expect(deps.queues.sent.at(-1)).toEqual({ queue: 'broker', body: { kind: 'freed', jobId } });
    await freed(deps, jobId);
    expect(deps.machines.answers.get(`ask-${jobId}`)).toMatchObject(unwanted);
    expect((await placements.list(deps.store, 'i1', 'placements')).items).toEqual([]);
    await withFacility(deps);
    await freed(deps, jobId);
    expect(await ofType(deps, 'job.assigned')).toBe(0);
  });

  test('before it asks for a place: whoever asks later is refused', async () => {
    const deps = aDeps();
    await withFacility(deps);
    const { jobId } = await aCataloguedStf(deps);
    await steer(deps, 'cancel', jobId, '1');
    expect(await ask(deps, jobId)).toEqual([]);
    expect(deps.machines.answers.get(`ask-${jobId}`)).toMatchObject(unwanted);
    expect(await ofType(deps, 'job.assigned')).toBe(0);
  });

  test('between its place and its hand-over: it is not handed over, and its slot is free', async () => {
    const deps = aDeps();
    const place = await anAssignedJob(deps);
    await steer(deps, 'cancel', place.jobId, '1');
    expect(await jobNow(deps, place.jobId)).not.toHaveProperty('place');
    await submitBundle.runBatch([anItem({ token: 'run', place })], deps);
    expect(deps.machines.answers.get('run')).toMatchObject(unwanted);
    expect(deps.facility.accepted).toEqual([]);
  });

  test('at its facility: the payload is ended, its end is recorded, and who waits for it is told to fail', async () => {
    const deps = aDeps();
    const place = await aSubmittedJob(deps);
    await steer(deps, 'cancel', place.jobId, '1');
    expect(await deps.facility.status([place.attemptId])).toMatchObject([{ end: { outcome: 'cancelled' } }]);
    expect((await jobNow(deps, place.jobId)).place).toEqual(place);
    await notice(deps, place.attemptId);
    const job = await jobNow(deps, place.jobId);
    expect(job).toMatchObject({ state: 'cancelled', attempts: [{ state: 'settled', end: { outcome: 'cancelled' } }] });
    expect(job).not.toHaveProperty('place');
    expect(deps.machines.answers.get(`run-${place.attemptId}`)).toMatchObject({
      kind: 'success',
      output: { decision: 'fail', code: 'job-cancelled', reason },
    });
    expect(await bundles.get(deps.store, place.bundleId)).toBeUndefined();
    expect((await jobs.list(deps.store, 'i2', 'open-jobs')).items).toEqual([]);
  });

  test('stays cancelled when its state machine gives it up, and the machine is told why', async () => {
    const deps = aDeps();
    const jobId = await aWaitingJob(deps);
    await steer(deps, 'cancel', jobId, '1');
    const failure = { Error: 'Conflict', Cause: '[job-cancelled] A job was cancelled: attempt 1' };
    expect(await failJob.run({ jobId, attempt: 1, failure }, deps)).toEqual({ code: 'job-cancelled', reason });
    expect((await jobNow(deps, jobId)).state).toBe('cancelled');
    expect(await counted(deps)).toMatchObject({ failed: 1 });
    expect(await ofType(deps, 'job.failed')).toBe(0);
  });

  test('while it is handed over: what was started is ended', async () => {
    const deps = aDeps();
    const place = await anAssignedJob(deps);
    const late: TestDeps = {
      ...deps,
      batch: (name) => ({
        ...deps.batch(name),
        submit: async (submissions) => {
          await steer(deps, 'cancel', place.jobId, '1');
          return deps.batch(name).submit(submissions);
        },
      }),
    };
    await submitBundle.runBatch([anItem({ token: 'run', place })], late);
    expect(await deps.facility.status([place.attemptId])).toMatchObject([{ end: { outcome: 'cancelled' } }]);
    await notice(deps, place.attemptId);
    expect(await jobNow(deps, place.jobId)).toMatchObject({ state: 'cancelled', attempts: [{ state: 'settled' }] });
    expect(deps.machines.answers.get('run')).toMatchObject({ output: { decision: 'fail', code: 'job-cancelled' } });
  });

  test('whose hand-over was cut off by a kill is never handed over, and ends', async () => {
    const deps = aDeps();
    const place = await anAssignedJob(deps);
    const item = anItem({ token: 'run', place });
    const { deps: dying } = dyingAt(deps, 1, 'before');
    await submitBundle.runBatch([item], dying);
    expect((await jobNow(deps, place.jobId)).state).toBe('submitting');
    await steer(deps, 'cancel', place.jobId, '1');
    await submitBundle.runBatch([item], deps);
    expect(deps.facility.accepted).toEqual([]);
    await notice(deps, place.attemptId);
    expect(await jobNow(deps, place.jobId)).toMatchObject({
      state: 'cancelled',
      attempts: [{ state: 'settled', end: { outcome: 'cancelled', reason: 'cancelled before it was handed over' } }],
    });
    expect(deps.machines.answers.get('run')).toMatchObject({ output: { code: 'job-cancelled' } });
  });

  test('that runs on, because nobody told its facility, is ended by the next poll', async () => {
    const deps = aDeps();
    const place = await aSubmittedJob(deps);
    const { deps: dying } = dyingAt(deps, 1, 'after');
    await expect(steer(dying, 'cancel', place.jobId, '1')).rejects.toThrow();
    expect(await deps.facility.status([place.attemptId])).toMatchObject([{ state: 'running' }]);
    expect(await pollBundles.run({}, deps)).toEqual({ open: 1, ended: 1 });
    await notice(deps, place.attemptId);
    expect((await jobNow(deps, place.jobId)).attempts).toMatchObject([{ state: 'settled' }]);
  });

  test('first wins: what has settled is not cancelled, and keeps what it left', async () => {
    const deps = aDeps();
    const place = await aSettledJob(deps);
    await steer(deps, 'cancel', place.jobId, '1');
    expect(await endOf(deps, '1')).toMatchObject({
      state: 'refused',
      problem: { code: 'job-settled', reason: expect.stringContaining('succeeded') },
    });
    expect((await jobNow(deps, place.jobId)).state).toBe('succeeded');
  });

  test('first wins: a payload that ended well after the cancel leaves nothing', async () => {
    const deps = aDeps();
    const place = await aSubmittedJob(deps);
    deps.facility.finish(place.attemptId, {}, { 'out/hits.json': '{}' });
    await steer(deps, 'cancel', place.jobId, '1');
    await notice(deps, place.attemptId);
    expect(await jobNow(deps, place.jobId)).toMatchObject({
      state: 'cancelled',
      attempts: [{ end: { outcome: 'succeeded' } }],
    });
    expect(deps.machines.answers.get(`run-${place.attemptId}`)).toMatchObject({ output: { decision: 'fail' } });
  });

  test.each(everyDeath(6))('killed $moment effect $step, a repeat ends it once', async (death) => {
    const deps = aDeps();
    const place = await aSubmittedJob(deps);
    const { deps: dying } = dyingAt(deps, death.step, death.moment);
    await expect(steer(dying, 'cancel', place.jobId, '1')).rejects.toThrow();
    await steer(deps, 'cancel', place.jobId, '1');
    await notice(deps, place.attemptId);
    expect(await jobNow(deps, place.jobId)).toMatchObject({ state: 'cancelled', attempts: [{ state: 'settled' }] });
    expect(await counted(deps)).toMatchObject({ failed: 1 });
    expect([await ofType(deps, 'job.cancelled'), await ofType(deps, 'stf.failed')]).toEqual([1, 1]);
    expect((await endOf(deps, '1')).state).toBe('done');
  });
});
