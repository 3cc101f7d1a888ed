import { describe, expect, test } from 'vitest';
import { stfs } from '#lib/records';
import { submitBundle } from '../../../functions/facilities/submit-bundle.fn.ts';
import { aDeps, type TestDeps } from '../../builders/a-deps.ts';
import { dyingAt, everyDeath } from '../../builders/a-deps-crash.ts';
import { anItem, aSettledJob, aSubmittedJob, jobNow, placeOf, withFacility } from '../../builders/a-job.ts';
import {
  aFailedJob,
  ask,
  aWaitingJob,
  counted,
  endOf,
  failAgain,
  freed,
  notice,
  ofType,
  steer,
  stfId,
  stfNow,
  unwanted,
} from '../../builders/a-steered-job.ts';

describe('a job that is run again', () => {
  test('goes on with the next attempt, in an execution named after it; its STF waits again', async () => {
    const deps = aDeps();
    const { id } = await aFailedJob(deps);
    await steer(deps, 'retry', id, '1');
    expect(await jobNow(deps, id)).toMatchObject({ state: 'waiting', attemptFrom: 2, acts: [{ act: 'retry' }] });
    expect(await stfNow(deps)).toMatchObject({ processing: 'waiting' });
    expect(await counted(deps)).toMatchObject({ failed: 0 });
    expect(deps.machines.started).toEqual([
      {
        machine: 'run-job',
        name: 'test_exec_bnl-1-job-00102363-00000001-p1-a2',
        input: { jobId: id, attempt: 2, avoid: ['local'] },
      },
    ]);
  });

  test('is placed again, also when the same is asked twice', async () => {
    const deps = aDeps();
    const { id } = await aFailedJob(deps);
    for (const _ of ['first', 'again']) await steer(deps, 'retry', id, '1');
    await ask(deps, id, 'second', 2);
    expect(placeOf(deps, 'second')).toMatchObject({ jobId: id, attempt: 2 });
    expect(await ofType(deps, 'job.retried')).toBe(1);
    expect(deps.machines.started).toHaveLength(1);
  });

  test('has all its attempts again', async () => {
    const deps = aDeps();
    const { id } = await aFailedJob(deps);
    await steer(deps, 'retry', id, '1');
    await ask(deps, id, 'second', 2);
    const place = placeOf(deps, 'second');
    await submitBundle.runBatch([anItem({ token: 'run', place })], deps);
    deps.facility.finish(place.attemptId, { outcome: 'killed', exitCode: undefined, signal: 'SIGKILL' });
    await notice(deps, place.attemptId);
    expect(deps.machines.answers.get('run')).toMatchObject({ output: { decision: 'retry' } });
  });

  test('is not failed by what its earlier execution still says', async () => {
    const deps = aDeps();
    const { id } = await aFailedJob(deps);
    await steer(deps, 'retry', id, '1');
    await failAgain(deps, id);
    expect((await jobNow(deps, id)).state).toBe('waiting');
    expect((await stfNow(deps)).processing).toBe('waiting');
  });

  test('while its cancelled execution still waits: that one is told to end, and has no place in the queue', async () => {
    const deps = aDeps();
    const jobId = await aWaitingJob(deps);
    await steer(deps, 'cancel', jobId, '1');
    await steer(deps, 'retry', jobId, '2');
    expect(deps.machines.started).toMatchObject([{ input: { jobId, attempt: 2 } }]);
    await freed(deps, jobId);
    expect(deps.machines.answers.get(`ask-${jobId}`)).toMatchObject(unwanted);
    await withFacility(deps);
    await ask(deps, jobId, 'second', 2);
    expect(placeOf(deps, 'second').attempt).toBe(2);
    expect(await ofType(deps, 'job.assigned')).toBe(1);
  });

  test('after a cancel while it rested between attempts: the attempt after the one it would have had', async () => {
    const deps = aDeps();
    const place = await aSubmittedJob(deps);
    deps.facility.finish(place.attemptId, { outcome: 'killed', exitCode: undefined, signal: 'SIGKILL' });
    await notice(deps, place.attemptId);
    await steer(deps, 'cancel', place.jobId, '1');
    await steer(deps, 'retry', place.jobId, '2');
    expect(deps.machines.started).toMatchObject([{ input: { attempt: 3 } }]);
    await ask(deps, place.jobId, 'stale', 2);
    expect(deps.machines.answers.get('stale')).toMatchObject(unwanted);
  });

  test('whose announced file was bad: the archived one is taken up in a further pass', async () => {
    const deps = aDeps();
    const { id } = await aFailedJob(deps);
    const { doc, version } = await stfs.need(deps.store, stfId);
    const corrupt = { ...doc, failure: { code: 'stf-corrupt', reason: 'a flipped bit' } };
    await deps.store.transact({ writes: [stfs.put(stfId, corrupt, version)], events: [] });
    await steer(deps, 'retry', id, '1');
    expect(deps.machines.started).toEqual([
      {
        machine: 'process-stf',
        name: 'test_exec_bnl-1-stf-00102363-00000001-p2',
        input: { stfId, pass: 2 },
      },
    ]);
    expect((await jobNow(deps, id)).state).toBe('failed');
  });

  test.each([
    ['it runs', async (deps: TestDeps) => (await aSubmittedJob(deps)).jobId, 'it is submitted'],
    ['it succeeded', async (deps: TestDeps) => (await aSettledJob(deps)).jobId, 'it is succeeded'],
    [
      'it was cancelled and its payload has not ended',
      async (deps: TestDeps) => {
        const { jobId } = await aSubmittedJob(deps);
        await steer(deps, 'cancel', jobId, '9');
        return jobId;
      },
      'its payload has not ended yet',
    ],
  ])('is refused while %s', async (_, make, told) => {
    const deps = aDeps();
    const id = await make(deps);
    await steer(deps, 'retry', id, '1');
    expect(await endOf(deps, '1')).toMatchObject({
      state: 'refused',
      problem: { code: 'job-not-retryable', reason: expect.stringContaining(told) },
    });
    expect(deps.machines.started).toEqual([]);
  });

  test.each(everyDeath(4))('killed $moment effect $step, a repeat starts it once', async (death) => {
    const deps = aDeps();
    const { id } = await aFailedJob(deps);
    const { deps: dying } = dyingAt(deps, death.step, death.moment);
    await expect(steer(dying, 'retry', id, '1')).rejects.toThrow();
    await steer(deps, 'retry', id, '1');
    expect(deps.machines.started).toHaveLength(1);
    expect(await ofType(deps, 'job.retried')).toBe(1);
    expect(await counted(deps)).toMatchObject({ failed: 0 });
    expect((await endOf(deps, '1')).state).toBe('done');
  });
});
