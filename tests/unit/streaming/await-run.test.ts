import { expect, test } from 'vitest';
import { commit } from '#lib/change';
import { runs } from '#lib/records';
import { runProgress } from '#lib/run-progress';
import { registerOutputs } from '../../../functions/metadata/register-outputs.fn.ts';
import { awaitRun } from '../../../functions/streaming/await-run.fn.ts';
import { aDeps, type TestDeps } from '../../builders/a-deps.ts';
import { dyingAt, everyDeath, Killed } from '../../builders/a-deps-crash.ts';
import { anItem, aSettledJob } from '../../builders/a-job.ts';
import { aCataloguedStf } from '../../builders/a-stf.ts';

const runId = 'test_run_00102363';
const withEndedRun = (deps: TestDeps, totalStfs?: number) => {
  const total = totalStfs === undefined ? {} : { totalStfs };
  return commit(deps, [], [runs.put(runId, { id: runId, run: 102_363, phase: 'ended', ...total }, 0)]);
};
const register = async (deps: TestDeps) => {
  const { jobId, attemptId } = await aSettledJob(deps);
  return anItem({ token: 't', jobId, attemptId, executionId: 'e' });
};
const complete = { kind: 'success', output: { isComplete: true } };

test('who comes after the last STF is answered at once', async () => {
  const deps = aDeps();
  await withEndedRun(deps, 1);
  await registerOutputs.runBatch([await register(deps)], deps);
  expect(await awaitRun.run({ runId, token: 'merge' }, deps)).toEqual({ isComplete: true });
  expect(deps.machines.answers.get('merge')).toEqual(complete);
});

test('who comes before the last STF is answered by it', async () => {
  const deps = aDeps();
  await withEndedRun(deps, 1);
  expect(await awaitRun.run({ runId, token: 'merge' }, deps)).toEqual({ isComplete: false });
  await registerOutputs.runBatch([await register(deps)], deps);
  expect(deps.machines.answers.get('merge')).toEqual(complete);
});

test('between the two, whoever is later tells', async () => {
  const deps = aDeps();
  await withEndedRun(deps, 1);
  const item = await register(deps);
  await Promise.all([awaitRun.run({ runId, token: 'merge' }, deps), registerOutputs.runBatch([item], deps)]);
  expect(deps.machines.answers.get('merge')).toEqual(complete);
  expect(await runProgress(deps.store, runId)).toMatchObject({ processed: 1, waiter: 'merge' });
});

test('a run without STFs is complete as soon as it has ended', async () => {
  const deps = aDeps();
  await withEndedRun(deps, 0);
  expect(await awaitRun.run({ runId, token: 'merge' }, deps)).toEqual({ isComplete: true });
});

test('an STF that is known is waited for, even if the run says it had fewer', async () => {
  const deps = aDeps();
  await withEndedRun(deps, 1);
  await aCataloguedStf(deps, 2);
  await registerOutputs.runBatch([await register(deps)], deps);
  expect(await awaitRun.run({ runId, token: 'merge' }, deps)).toEqual({ isComplete: false });
});

test('a run that does not say how many STFs it had is waited for until the deadline', async () => {
  const deps = aDeps();
  await withEndedRun(deps);
  await registerOutputs.runBatch([await register(deps)], deps);
  expect(await awaitRun.run({ runId, token: 'merge' }, deps)).toEqual({ isComplete: false });
});

test('a state machine that asks again is answered under its latest token', async () => {
  const deps = aDeps();
  await withEndedRun(deps, 1);
  await awaitRun.run({ runId, token: 'first' }, deps);
  await awaitRun.run({ runId, token: 'second' }, deps);
  await awaitRun.run({ runId, token: 'second' }, deps);
  await registerOutputs.runBatch([await register(deps)], deps);
  expect(deps.machines.answers.get('second')).toEqual(complete);
});

test.each(everyDeath(2))('killed $moment effect $step, the next try ends in the same answer', async (death) => {
  const deps = aDeps();
  await withEndedRun(deps, 0);
  const { deps: dying } = dyingAt(deps, death.step, death.moment);
  await expect(awaitRun.run({ runId, token: 'merge' }, dying)).rejects.toBeInstanceOf(Killed);
  expect(await awaitRun.run({ runId, token: 'merge' }, deps)).toEqual({ isComplete: true });
  expect(deps.machines.answers.get('merge')).toEqual(complete);
});
