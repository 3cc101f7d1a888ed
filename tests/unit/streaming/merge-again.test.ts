import { expect, test } from 'vitest';
import { commit } from '#lib/change';
import { jobs, outputs } from '#lib/records';
import { progressShareOf, progressWrite, runProgress } from '#lib/run-progress';
import { failJob } from '../../../functions/jobs/fail-job.fn.ts';
import { registerOutputs } from '../../../functions/metadata/register-outputs.fn.ts';
import { awaitRun } from '../../../functions/streaming/await-run.fn.ts';
import { aDeps, type TestDeps } from '../../builders/a-deps.ts';
import { dyingAt, everyDeath } from '../../builders/a-deps-crash.ts';
import { anItem, aSettledJob } from '../../builders/a-job.ts';
import {
  endRun,
  failStf,
  hitsId,
  mergeBegun,
  merged,
  mergedId,
  mergeEnded,
  mergeJobId,
  planned,
  processStf,
  retryStf,
  runId,
  startedPasses,
  withFiles,
} from '../../builders/a-merged-run.ts';
import { endOf, steer } from '../../builders/a-steered-job.ts';
import { aCataloguedStf } from '../../builders/a-stf.ts';

const nameOf = (pass: number): string => `test_exec_bnl-1-run-00102363-p${pass}`;
const complete = { kind: 'success', output: { isComplete: true } };
const quietMs = 60_000;
const outputNow = async (deps: TestDeps, pass: number) => (await outputs.need(deps.store, mergedId(pass))).doc;
const current = async (deps: TestDeps) => (await runProgress(deps.store, runId))?.merge;

/** A run of three STFs of which two are merged. */
const partlyMerged = async (): Promise<TestDeps> => {
  const deps = withFiles(aDeps());
  await processStf(deps, 1);
  await processStf(deps, 2);
  await endRun(deps, 3);
  await deps.clock.advance(quietMs);
  await merged(deps);
  return deps;
};

test('a late STF starts a further pass, which supersedes the partial one; both say so', async () => {
  const deps = await partlyMerged();
  expect(await outputNow(deps, 1)).toMatchObject({ merge: { inputs: 2, expected: 3, isPartial: true } });
  expect(startedPasses(deps)).toEqual([]);
  await processStf(deps, 3);
  expect(startedPasses(deps)).toEqual([nameOf(2)]);
  const second = await merged(deps, 2);
  expect(second).toMatchObject({
    id: mergedId(2),
    pass: 2,
    supersedes: mergedId(1),
    merge: { inputs: 3, expected: 3, isPartial: false, missing: [] },
  });
  expect(second.provenance.inputs.map(({ id }) => id)).toEqual([1, 2, 3].map(hitsId));
  expect(await outputNow(deps, 1)).toMatchObject({ supersededBy: mergedId(2), merge: { isPartial: true } });
  expect((await deps.events()).slice(-2)).toMatchObject([
    { type: 'output.registered', subject: mergedId(2), data: { supersedes: mergedId(1) } },
    { type: 'output.superseded', subject: mergedId(1), data: { supersededBy: mergedId(2), supersededByPass: 2 } },
  ]);
  expect(await current(deps)).toEqual({ pass: 2, inputs: 3, isPartial: false, isSettled: true, outputId: mergedId(2) });
});

test('the list of outputs has the current pass, and the one that was superseded lies beside it', async () => {
  const deps = await partlyMerged();
  await processStf(deps, 3);
  await merged(deps, 2);
  const idsIn = async (pk: string) => (await outputs.list(deps.store, 'i1', pk)).items.map(({ doc }) => doc.id);
  expect(await idsIn(`${runId}#outputs`)).toEqual([...[1, 2, 3].map(hitsId), mergedId(2)]);
  expect(await idsIn(`${runId}#outputs-superseded`)).toEqual([mergedId(1)]);
});

test('any number of late STFs start one pass; it begins at once only if it makes the merge whole', async () => {
  const deps = await partlyMerged();
  await aCataloguedStf(deps, 4);
  await processStf(deps, 3);
  await awaitRun.run({ runId, token: 'second', pass: 2 }, deps);
  expect(deps.machines.answers.has('second')).toBe(false);
  expect(await planned(deps, 2)).toMatchObject({ isHeld: true });
  await processStf(deps, 4);
  expect(startedPasses(deps)).toEqual([nameOf(2)]);
  expect(deps.machines.answers.get('second')).toEqual(complete);
  expect((await merged(deps, 2)).merge).toMatchObject({ inputs: 4, expected: 4, isPartial: false });
});

test('STFs beyond a whole merge do not cause a pass each: it waits until the run is quiet', async () => {
  const deps = withFiles(aDeps());
  await processStf(deps, 1);
  await endRun(deps, 1);
  await merged(deps);
  await processStf(deps, 2);
  await awaitRun.run({ runId, token: 'second', pass: 2 }, deps);
  expect(await planned(deps, 2)).toMatchObject({ isHeld: true, waitS: 60 });
  await deps.clock.advance(30_000);
  await processStf(deps, 3);
  expect(await planned(deps, 2)).toMatchObject({ isHeld: true, waitS: 60 });
  expect(deps.machines.answers.has('second')).toBe(false);
  await deps.clock.advance(quietMs);
  expect((await merged(deps, 2)).merge).toMatchObject({ inputs: 3, expected: 3, isPartial: false });
  expect(startedPasses(deps)).toEqual([nameOf(2)]);
});

test('a run of which nothing was processed at its end is merged when a second pass of its STF succeeds', async () => {
  const deps = withFiles(aDeps());
  const failed = await failStf(deps, 1);
  await endRun(deps, 1);
  expect(await planned(deps)).toMatchObject({ hasWork: false, isHeld: false });
  await retryStf(deps, failed);
  expect(startedPasses(deps)).toEqual([nameOf(2)]);
  await awaitRun.run({ runId, token: 'second', pass: 2 }, deps);
  expect(deps.machines.answers.get('second')).toEqual(complete);
  const output = await merged(deps, 2);
  expect(output).toMatchObject({ pass: 2, merge: { inputs: 1, expected: 1, isPartial: false } });
  expect(output).not.toHaveProperty('supersedes');
});

test('two passes are never merged at once: the later waits until the earlier has ended', async () => {
  const deps = await partlyMerged();
  await processStf(deps, 3);
  await planned(deps, 2);
  const { attemptId } = await mergeBegun(deps, 2);
  await processStf(deps, 4);
  await deps.clock.advance(quietMs);
  expect(await planned(deps, 3)).toMatchObject({ isHeld: true });
  await mergeEnded(deps, 2, attemptId);
  expect(await outputNow(deps, 2)).toMatchObject({ merge: { inputs: 3, expected: 4, isPartial: true } });
  expect((await merged(deps, 3)).merge).toMatchObject({ inputs: 4, expected: 4, isPartial: false });
});

test('an STF that is announced while the merge runs makes it partial, though all that were known are in it', async () => {
  const deps = withFiles(aDeps());
  await processStf(deps, 1);
  await endRun(deps, 1);
  await planned(deps);
  const { attemptId } = await mergeBegun(deps, 1);
  await aCataloguedStf(deps, 2);
  const output = await mergeEnded(deps, 1, attemptId);
  expect(output.merge).toMatchObject({ inputs: 1, expected: 2, expectedFrom: 'catalogue', isPartial: true });
});

test('a merge that is not whole at its registration is found out though an STF is announced at that very moment', async () => {
  const deps = withFiles(aDeps());
  await processStf(deps, 1);
  await endRun(deps, 1);
  await planned(deps);
  const { attemptId } = await mergeBegun(deps, 1);
  let isFirst = true;
  const transact: typeof deps.store.transact = async (writing) => {
    const isMerge = writing.events.some(({ subject }) => subject === mergedId(1));
    if (isMerge && isFirst) {
      isFirst = false;
      await aCataloguedStf(deps, 2);
    }
    return deps.store.transact(writing);
  };
  const output = await mergeEnded({ ...deps, store: { ...deps.store, transact } }, 1, attemptId);
  expect(output.merge).toMatchObject({ inputs: 1, expected: 2, isPartial: true });
});

test('a pass whose payload failed, run again after a later pass was merged, is superseded from the start', async () => {
  const deps = withFiles(aDeps());
  await processStf(deps, 1);
  await endRun(deps, 2);
  await deps.clock.advance(quietMs);
  await planned(deps);
  const { attemptId } = await mergeBegun(deps, 1);
  deps.facility.finish(attemptId, {}, { 'out/merged.json': '{}' });
  const { doc, version } = await jobs.need(deps.store, mergeJobId(1));
  const failed = { ...doc, state: 'failed' as const, settledAt: deps.now() };
  await commit(deps, [], [jobs.put(doc.id, failed, version)]);
  await processStf(deps, 2);
  await deps.clock.advance(quietMs);
  await merged(deps, 2);
  const ask = { token: 'late', jobId: mergeJobId(1), attemptId, executionId: 'late' };
  await registerOutputs.runBatch([anItem(ask)], deps);
  expect(await outputNow(deps, 1)).toMatchObject({ supersededBy: mergedId(2), merge: { isPartial: true } });
  expect(await outputNow(deps, 2)).not.toHaveProperty('supersededBy');
  expect(await current(deps)).toMatchObject({ pass: 2, outputId: mergedId(2) });
});

test('a failed pass is not run again once a later pass has replaced it', async () => {
  const deps = withFiles(aDeps());
  await processStf(deps, 1);
  await endRun(deps, 2);
  await deps.clock.advance(quietMs);
  await planned(deps);
  await failJob.run(
    { jobId: mergeJobId(1), failure: { Error: 'PayloadFault', Cause: '[payload-failed] exit code 3' } },
    deps,
  );
  await processStf(deps, 2);
  await deps.clock.advance(quietMs);
  await planned(deps, 2);
  await steer(deps, 'retry', mergeJobId(1), 'late');
  expect(await endOf(deps, 'late')).toMatchObject({
    state: 'refused',
    problem: { code: 'job-not-retryable', reason: expect.stringContaining('pass 2 of the merge has replaced it') },
  });
});

test('a run that an earlier build merged is merged again when a late STF is processed', async () => {
  const deps = await partlyMerged();
  // As an earlier build left it: a waiter, and no word of the merge.
  const share = await progressShareOf(runId, undefined, deps);
  const { merge: _, ...counts } = share.before?.doc ?? { runId, catalogued: 0, processed: 0, failed: 0 };
  const before = { doc: counts, version: share.before?.version ?? 0 };
  await commit(deps, [], [progressWrite({ ...share, before }, { waiter: 'old' })]);
  await processStf(deps, 3);
  expect(startedPasses(deps)).toEqual([nameOf(2)]);
  expect(await merged(deps, 2)).toMatchObject({ supersedes: mergedId(1), merge: { inputs: 3, isPartial: false } });
});

test.each(everyDeath(3))(
  'killed $moment effect $step of the registration, the next delivery links both passes',
  async (death) => {
    const deps = await partlyMerged();
    await processStf(deps, 3);
    await planned(deps, 2);
    const { attemptId } = await mergeBegun(deps, 2);
    const dying = dyingAt(deps, death.step, death.moment).deps;
    await mergeEnded(dying, 2, attemptId).catch(() => undefined);
    expect(await mergeEnded(deps, 2, attemptId)).toMatchObject({ supersedes: mergedId(1) });
    expect(await outputNow(deps, 1)).toMatchObject({ supersededBy: mergedId(2) });
    expect((await deps.events()).filter(({ type }) => type === 'output.superseded')).toHaveLength(1);
  },
);

test.each(everyDeath(3))(
  'killed $moment effect $step after a late STF was counted, the next delivery starts the pass',
  async (death) => {
    const deps = await partlyMerged();
    const { jobId, attemptId } = await aSettledJob(deps, 3);
    const item = anItem({ token: jobId, jobId, attemptId, executionId: 'e' });
    await registerOutputs.runBatch([item], dyingAt(deps, death.step, death.moment).deps);
    await registerOutputs.runBatch([item], deps);
    expect(startedPasses(deps)).toEqual([nameOf(2)]);
  },
);
