import { describe, expect, test } from 'vitest';
import { aMachinePlane, type TestMachines } from '../builders/a-deps-machine.ts';
import { place, settled, untilSettled } from './machines-steps.ts';

const job = { jobId: 'j1', attempt: 1, avoid: [] };
const startJob = async (): Promise<[TestMachines, string]> => {
  const plane = await aMachinePlane('work');
  return [plane, await plane.startOf('run-job', job, 'job-1')];
};
describe('run-job', () => {
  test('asks the broker, hands over, registers, and ends with the output', async () => {
    const [plane, arn] = await startJob();
    expect(await plane.sentTo('broker')).toMatchObject({
      ...job,
      kind: 'place',
      requestedAt: expect.stringMatching(/Z$/),
    });
    const token = await untilSettled(plane);
    expect(await plane.sentTo('facility-local')).toMatchObject({ place: place(1) });
    await plane.answer(token, settled('register'));
    const request = await plane.sentTo('register');
    expect(request).toMatchObject({ jobId: 'j1', attemptId: 'a1', executionId: 'job-1' });
    await plane.answer(request.token, { outputId: 'o1' });
    expect(await plane.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await plane.output(arn)).toEqual({ outputId: 'o1' });
  });

  test('tries again after its rest, as a further attempt that avoids the facility', async () => {
    const [plane, arn] = await startJob();
    await plane.answer(await untilSettled(plane), { ...settled('retry'), pauseS: 5 });
    await plane.clock.advance(4999);
    expect(plane.sentCount('broker')).toBe(1);
    await plane.clock.advance(1);
    expect(await plane.sentTo('broker')).toMatchObject({ jobId: 'j1', attempt: 2, avoid: ['local'] });
    await plane.answer(await untilSettled(plane, 2), settled('register', 2));
    await plane.answer((await plane.sentTo('register')).token, { outputId: 'o1' });
    expect(await plane.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
    expect(plane.sentCount('broker')).toBe(2);
  });

  test('gives the job up when its settlement says so', async () => {
    const [plane, arn] = await startJob();
    await plane.answer(await untilSettled(plane), settled('fail'));
    const call = await plane.called('fail-job');
    expect(call.payload).toMatchObject({ jobId: 'j1', settled: settled('fail') });
    call.succeed({ code: 'payload-failed', reason: 'exit code 3' });
    await plane.settle();
    expect(await plane.describe(arn)).toMatchObject({
      status: 'FAILED',
      error: 'payload-failed',
      cause: 'exit code 3',
    });
  });

  test.each([
    ['broker', async (plane: TestMachines) => (await plane.sentTo('broker')).token],
    ['facility', untilSettled],
    [
      'registration',
      async (plane: TestMachines) => {
        await plane.answer(await untilSettled(plane), settled('register'));
        return (await plane.sentTo('register')).token;
      },
    ],
  ])('gives the job up when the %s answers with a failure', async (_, tokenOf) => {
    const [plane, arn] = await startJob();
    await plane.refuse(await tokenOf(plane), 'Missing', '[record-missing] no such job');
    const call = await plane.called('fail-job');
    expect(call.payload).toMatchObject({
      jobId: 'j1',
      attempt: 1,
      failure: { Error: 'Missing', Cause: '[record-missing] no such job' },
    });
    call.succeed({ code: 'record-missing', reason: 'no such job' });
    await plane.settle();
    expect(await plane.describe(arn)).toMatchObject({ status: 'FAILED', error: 'record-missing' });
  });

  test('gives a job up that found no place for a month', async () => {
    const [plane] = await startJob();
    await plane.sentTo('broker');
    await plane.clock.advance(2_592_001_000);
    expect((await plane.called('fail-job')).payload).toMatchObject({ failure: { Error: 'States.Timeout' } });
  });

  test('a failing fail-job is tried again', async () => {
    const [plane, arn] = await startJob();
    await plane.answer(await untilSettled(plane), settled('fail'));
    (await plane.called('fail-job')).fail('Conflict', '[store-conflict] someone was first');
    await plane.settle();
    await plane.clock.advance(10_000);
    (await plane.called('fail-job')).succeed({ code: 'payload-failed', reason: 'r' });
    await plane.settle();
    expect(await plane.describe(arn)).toMatchObject({ status: 'FAILED', error: 'payload-failed' });
  });
});

const message = { id: 'm1', fact: { type: 'stf_gen' } };
const startStf = async (): Promise<[TestMachines, string]> => {
  const plane = await aMachinePlane('work');
  return [plane, await plane.startOf('process-stf', { message }, 'stf-1')];
};

describe('process-stf', () => {
  test('catalogues the STF and runs its job under its own name', async () => {
    const [plane, arn] = await startStf();
    const call = await plane.called('catalogue-stf');
    expect(call.payload).toEqual({ message });
    call.succeed({ stfId: 's1', jobId: 'j1', isSettled: false });
    await plane.settle();
    await plane.answer(await untilSettled(plane), settled('register'));
    expect(await plane.sentTo('register')).toMatchObject({ executionId: 'stf-1-job' });
    await plane.answer((await plane.sentTo('register')).token, { outputId: 'o1' });
    expect(await plane.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await plane.output(arn)).toMatchObject({ stf: { stfId: 's1' }, job: { output: { outputId: 'o1' } } });
  });

  test.each([
    ['Transient', 1],
    ['Conflict', 1],
    ['Sandbox.Timedout', 1],
    ['Lambda.Unknown', 1],
  ])('tries to catalogue again after %s', async (error) => {
    const [plane] = await startStf();
    (await plane.called('catalogue-stf')).fail(error, 'x');
    await plane.settle();
    await plane.clock.advance(10_000);
    (await plane.called('catalogue-stf')).succeed({ stfId: 's1', jobId: 'j1', isSettled: false });
    expect(await plane.sentTo('broker')).toMatchObject({ jobId: 'j1' });
  });

  test('a further pass begins with its own job, from the archive', async () => {
    const plane = await aMachinePlane('work');
    const arn = await plane.startOf('process-stf', { stfId: 's1', pass: 2 }, 'stf-1-p2');
    const call = await plane.called('begin-pass');
    expect(call.payload).toEqual({ stfId: 's1', pass: 2 });
    call.succeed({ stfId: 's1', jobId: 'j1', isSettled: false });
    await plane.settle();
    await plane.answer(await untilSettled(plane), settled('register'));
    await plane.answer((await plane.sentTo('register')).token, { outputId: 'o2' });
    expect(await plane.output(arn)).toMatchObject({ job: { output: { outputId: 'o2' } } });
  });

  test('a further pass of an STF that was processed meanwhile does nothing', async () => {
    const plane = await aMachinePlane('work');
    const arn = await plane.startOf('process-stf', { stfId: 's1', pass: 2 }, 'stf-1-p2');
    (await plane.called('begin-pass')).succeed({ stfId: 's1', jobId: 'j1', isSettled: true });
    await plane.settle();
    expect(await plane.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
    expect(plane.sent).toEqual([]);
  });

  test('fails with its job', async () => {
    const [plane, arn] = await startStf();
    (await plane.called('catalogue-stf')).succeed({ stfId: 's1', jobId: 'j1', isSettled: false });
    await plane.settle();
    await plane.answer(await untilSettled(plane), settled('fail'));
    (await plane.called('fail-job')).succeed({ code: 'payload-failed', reason: 'exit code 3' });
    const seek = await plane.called('seek-file');
    expect(seek.payload).toEqual({ stfId: 's1' });
    seek.succeed({ isArchived: false });
    await plane.settle();
    expect(await plane.describe(arn)).toMatchObject({
      status: 'FAILED',
      error: 'PayloadFault',
      cause: expect.stringContaining('exit code 3'),
    });
  });

  test('fails when the STF cannot be catalogued', async () => {
    const [plane, arn] = await startStf();
    (await plane.called('catalogue-stf')).fail('Invalid', '[input-invalid] x');
    const held = await plane.called('hold-stf');
    expect(held.payload).toMatchObject({ message, failure: { Error: 'Invalid' } });
    held.succeed({ code: 'input-invalid', reason: 'x' });
    await plane.settle();
    expect(await plane.describe(arn)).toMatchObject({ status: 'FAILED', error: 'input-invalid', cause: 'x' });
  });

  test('is started once for an STF, however often it is told of', async () => {
    const [plane, arn] = await startStf();
    expect(await plane.startOf('process-stf', { message }, 'stf-1')).toBe(arn);
    await expect(plane.startOf('process-stf', { message: { id: 'm2' } }, 'stf-1')).rejects.toMatchObject({
      code: 'ExecutionAlreadyExists',
    });
    expect(plane.invocations).toHaveLength(1);
  });
});
