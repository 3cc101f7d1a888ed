import { describe, expect, test } from 'vitest';
import { aMachinePlane, type TestMachines } from '../builders/a-deps-machine.ts';
import { settled, untilSettled } from './machines-steps.ts';

describe('prepare-run', () => {
  const startPreparation = async (...jobs: readonly string[]): Promise<[TestMachines, string]> => {
    const plane = await aMachinePlane('work');
    const arn = await plane.startOf('prepare-run', { runId: 'r1', run: 1 }, 'prepare-1');
    const call = await plane.called('plan-preparation');
    expect(call.payload).toMatchObject({ runId: 'r1', run: 1 });
    call.succeed({ jobs: jobs.map((jobId, at) => ({ jobId, number: String(at + 1) })) });
    await plane.settle();
    return [plane, arn];
  };

  test('runs its warm-up jobs one after the other, and is over when they are', async () => {
    const [plane, arn] = await startPreparation('w1', 'w2');
    for (const jobId of ['w1', 'w2']) {
      expect(await plane.sentTo('broker')).toMatchObject({ jobId });
      await plane.answer(await untilSettled(plane), settled('register'));
      await plane.answer((await plane.sentTo('register')).token, {});
    }
    expect(await plane.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
    expect(plane.sentCount('broker')).toBe(2);
  });

  test('a warm-up that fails fails nothing', async () => {
    const [plane, arn] = await startPreparation('w1');
    await plane.answer(await untilSettled(plane), settled('fail'));
    (await plane.called('fail-job')).succeed({ code: 'payload-failed', reason: 'exit code 3' });
    await plane.settle();
    expect(await plane.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('nothing to prepare is a good end', async () => {
    const [plane, arn] = await startPreparation();
    expect(await plane.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
    expect(plane.sent).toEqual([]);
  });
});

const run = { runId: 'r1', run: 1, pass: 1, closeS: 60 };
const startMerge = async (): Promise<[TestMachines, string]> => {
  const plane = await aMachinePlane('work');
  return [plane, await plane.startOf('merge-run', run, 'run-1')];
};
const plan = (hasWork: boolean, waitS = 0) => ({ jobId: 'j1', hasWork, isHeld: waitS > 0, processed: 2, waitS });
const tokenIn = (payload: unknown): unknown =>
  typeof payload === 'object' && payload !== null && 'token' in payload ? payload.token : undefined;

describe('merge-run', () => {
  test('waits for the run to be complete, then merges once', async () => {
    const [plane, arn] = await startMerge();
    const call = await plane.called('await-run');
    expect(call.payload).toMatchObject({ runId: 'r1', pass: 1 });
    call.succeed({ isComplete: false });
    await plane.settle();
    await plane.answer(tokenIn(call.payload), { isComplete: true });
    (await plane.called('plan-merge')).succeed(plan(true));
    await plane.settle();
    await plane.answer(await untilSettled(plane), settled('register'));
    await plane.answer((await plane.sentTo('register')).token, { outputId: 'merged' });
    expect(await plane.output(arn)).toMatchObject({ merge: plan(true), job: { output: { outputId: 'merged' } } });
  });

  test('an answer that comes before the function has returned counts', async () => {
    const [plane] = await startMerge();
    const call = await plane.called('await-run');
    await plane.answer(tokenIn(call.payload), { isComplete: true });
    call.succeed({ isComplete: true });
    expect((await plane.called('plan-merge')).payload).toMatchObject({ runId: 'r1', run: 1, pass: 1 });
  });

  test('a run that is never complete is merged at its deadline as it is', async () => {
    const [plane, arn] = await startMerge();
    (await plane.called('await-run')).succeed({ isComplete: false });
    await plane.settle();
    await plane.clock.advance(59_000);
    expect(await plane.describe(arn)).toMatchObject({ status: 'RUNNING' });
    expect(plane.invocations).toHaveLength(1);
    await plane.clock.advance(2000);
    (await plane.called('plan-merge')).succeed(plan(true));
    expect(await plane.sentTo('broker')).toMatchObject({ jobId: 'j1' });
  });

  test('a run that is held waits as long as the plan says, again and again, and is merged as soon as it is complete', async () => {
    const [plane] = await startMerge();
    (await plane.called('await-run')).succeed({ isComplete: false });
    await plane.settle();
    await plane.clock.advance(61_000);
    (await plane.called('plan-merge')).succeed(plan(false, 100));
    await plane.settle();
    (await plane.called('await-run')).succeed({ isComplete: false });
    await plane.settle();
    await plane.clock.advance(99_000);
    expect(plane.invocations).toHaveLength(3);
    await plane.clock.advance(2000);
    (await plane.called('plan-merge')).succeed(plan(false, 3600));
    await plane.settle();
    const call = await plane.called('await-run');
    call.succeed({ isComplete: false });
    await plane.settle();
    await plane.clock.advance(3_500_000);
    await plane.answer(tokenIn(call.payload), { isComplete: true });
    (await plane.called('plan-merge')).succeed(plan(true));
    expect(await plane.sentTo('broker')).toMatchObject({ jobId: 'j1' });
  });

  test('nothing to merge is a good end', async () => {
    const [plane, arn] = await startMerge();
    await plane.answer(tokenIn((await plane.called('await-run')).payload), { isComplete: true });
    (await plane.called('plan-merge')).succeed(plan(false));
    await plane.settle();
    expect(await plane.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
    expect(plane.sent).toEqual([]);
  });

  test('waits for an index that lags', async () => {
    const [plane] = await startMerge();
    await plane.answer(tokenIn((await plane.called('await-run')).payload), { isComplete: true });
    (await plane.called('plan-merge')).fail('Transient', '[index-lagging] 1 of 2');
    await plane.settle();
    await plane.clock.advance(10_000);
    (await plane.called('plan-merge')).succeed(plan(true));
    expect(await plane.sentTo('broker')).toMatchObject({ jobId: 'j1' });
  });

  test('fails with its job', async () => {
    const [plane, arn] = await startMerge();
    await plane.answer(tokenIn((await plane.called('await-run')).payload), { isComplete: true });
    (await plane.called('plan-merge')).succeed(plan(true));
    await plane.settle();
    await plane.answer(await untilSettled(plane), settled('fail'));
    (await plane.called('fail-job')).succeed({ code: 'payload-failed', reason: 'exit code 3' });
    await plane.settle();
    expect(await plane.describe(arn)).toMatchObject({ status: 'FAILED' });
  });
});
