import { expect, test } from 'vitest';
import { commit } from '#lib/change';
import { PapilioError } from '#lib/errors';
import { reviewProcessing } from '#lib/processing';
import { jobs, outputs } from '#lib/records';
import { progressShareOf, progressWrite, runProgress } from '#lib/run-progress';
import { planMerge } from '../../../functions/streaming/plan-merge.fn.ts';
import { aDeps, type TestDeps } from '../../builders/a-deps.ts';
import { dyingAt, everyDeath, Killed } from '../../builders/a-deps-crash.ts';
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
  run,
  runId,
  startedPasses,
  withFiles,
} from '../../builders/a-merged-run.ts';
import { aCataloguedStf } from '../../builders/a-stf.ts';

const jobId = mergeJobId(1);
const held = { hasWork: false, isHeld: true };
const goes = { hasWork: true, isHeld: false };
const created = async (deps: TestDeps) =>
  (await deps.events()).filter(({ type, subject }) => type === 'job.created' && subject === jobId);
const withRun = async (total: number | undefined, ...sequences: readonly number[]): Promise<TestDeps> => {
  const deps = aDeps();
  for (const sequence of sequences) await processStf(deps, sequence);
  await endRun(deps, total);
  return deps;
};

test('a run with outputs gets one job that merges them, however often it is planned', async () => {
  const deps = await withRun(2, 1, 2);
  for (const _ of ['first', 'again'])
    expect(await planMerge.run({ runId, run }, deps)).toEqual({ jobId, ...goes, processed: 2, waitS: 0 });
  const { doc } = await jobs.need(deps.store, jobId);
  expect(doc).toMatchObject({ task: 'run-merge', runId, state: 'waiting', pass: 1 });
  expect(doc.merge).toMatchObject({ inputs: 2, expected: 2, expectedFrom: 'end_run', isPartial: false, missing: [] });
  expect(doc).not.toHaveProperty('stfId');
  expect(await created(deps)).toHaveLength(1);
  expect(startedPasses(deps)).toEqual([]);
});

test('a run with STFs in flight is not merged, however long ago it ended, until the last of them has settled', async () => {
  const deps = await withRun(3, 1, 2);
  await aCataloguedStf(deps, 3);
  for (const waitS of [60, 61, 3600]) {
    await deps.clock.advance(waitS * 1000 - (deps.clock.nowMs() - Date.parse('2026-01-01T00:00:00.000Z')));
    expect(await planned(deps)).toMatchObject(held);
  }
  await processStf(deps, 3);
  expect(await planned(deps)).toMatchObject({ ...goes, processed: 3 });
});

test('after a day without any progress what is in flight holds the merge up no longer, and is named as missing', async () => {
  const deps = await withRun(2, 1);
  const { stfId } = await aCataloguedStf(deps, 2);
  await deps.clock.advance(86_000_000);
  expect(await planned(deps)).toMatchObject({ ...held, waitS: 3600 });
  await deps.clock.advance(400_000);
  expect(await planned(deps)).toMatchObject(goes);
  expect((await jobs.need(deps.store, jobId)).doc.merge).toMatchObject({
    inputs: 1,
    expected: 2,
    isPartial: true,
    missing: [{ sequence: 2, stfId, because: 'waiting' }],
  });
});

test('STFs that never come are waited for until the run is quiet; the holes in their numbers are named', async () => {
  const deps = await withRun(6, 1, 2, 5);
  expect(await planned(deps)).toMatchObject({ ...held, waitS: 60 });
  await deps.clock.advance(60_000);
  expect(await planned(deps)).toMatchObject(goes);
  // The sixth may have any number beyond: only holes are named.
  expect((await jobs.need(deps.store, jobId)).doc.merge).toMatchObject({
    inputs: 3,
    expected: 6,
    isPartial: true,
    missing: [3, 4].map((sequence) => ({ sequence, because: 'not-announced' })),
  });
});

test('holes in the numbers of a run that has all its STFs are no missing STFs', async () => {
  const deps = await withRun(2, 1, 5);
  await planned(deps);
  expect((await jobs.need(deps.store, jobId)).doc.merge).toMatchObject({ isPartial: false, missing: [] });
});

test('a run without a total is merged when it is quiet, with the number of the catalogue', async () => {
  const deps = await withRun(undefined, 1);
  expect(await planned(deps)).toMatchObject(held);
  await deps.clock.advance(60_000);
  expect(await planned(deps)).toMatchObject(goes);
  expect((await jobs.need(deps.store, jobId)).doc.merge).toMatchObject({ expected: 1, expectedFrom: 'catalogue' });
});

test('a failed STF is missing from the merge', async () => {
  const deps = await withRun(2, 1);
  await failStf(deps, 2);
  expect(await planned(deps)).toMatchObject(goes);
  expect((await jobs.need(deps.store, jobId)).doc.merge).toMatchObject({
    inputs: 1,
    isPartial: true,
    missing: [{ sequence: 2, because: 'failed' }],
  });
});

test('of very many missing STFs a hundred are named', async () => {
  const deps = await withRun(400, 1, 300);
  await deps.clock.advance(60_000);
  await planned(deps);
  const { merge } = (await jobs.need(deps.store, jobId)).doc;
  expect(merge).toMatchObject({ inputs: 2, expected: 400 });
  expect(merge?.missing.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 100 }, (_, at) => at + 2));
});

test('while processing is suspended, a run that is not complete is not merged yet', async () => {
  const deps = await withRun(2, 1);
  await aCataloguedStf(deps, 2);
  await reviewProcessing({ actor: 'anna', operator: { holdsBecause: 'anna: x' } }, deps);
  expect(await planned(deps)).toMatchObject({ ...held, waitS: 3600 });
  await reviewProcessing({ actor: 'anna', operator: { holdsBecause: undefined } }, deps);
  await processStf(deps, 2);
  await reviewProcessing({ actor: 'anna', operator: { holdsBecause: 'anna: x' } }, deps);
  expect(await planned(deps)).toMatchObject({ ...goes, processed: 2 });
});

test('no output, no job', async () => {
  const deps = aDeps();
  await failStf(deps, 1);
  await endRun(deps, 1);
  for (const _ of ['first', 'again'])
    expect(await planned(deps)).toEqual({ jobId, hasWork: false, isHeld: false, processed: 0, waitS: 0 });
  expect(await planMerge.run({ runId: 'test_run_00000007', run: 7 }, deps)).toMatchObject({ hasWork: false });
  expect(await created(deps)).toEqual([]);
  expect((await runProgress(deps.store, runId))?.merge).toMatchObject({ pass: 1, inputs: 0, isSettled: true });
});

test('an index that does not show all outputs yet is waited for', async () => {
  const deps = await withRun(4, 1, 2, 3, 4);
  let shown = 0;
  const query: typeof deps.store.query = async (asked) => {
    const page = await deps.store.query(asked);
    return asked.pk.endsWith('#stfs') ? { ...page, items: page.items.slice(0, shown++) } : page;
  };
  const lagging = { ...deps, store: { ...deps.store, query } };
  for (let time = 0; time < 4; time++)
    await expect(planned(lagging)).rejects.toMatchObject({ name: 'Transient', code: 'index-lagging' });
  expect(await planned(lagging)).toMatchObject({ hasWork: true, processed: 4 });
});

test('the merge reads the outputs of STFs, and its own output names them and the list of them', async () => {
  const deps = withFiles(await withRun(2, 1, 2));
  await planned(deps);
  const { attemptId, inputs } = await mergeBegun(deps, 1);
  expect(inputs).toEqual([1, 2].map((sequence) => `${hitsId(sequence)}.json`));
  expect(deps.facility.accepted.at(-1)?.payload).toMatchObject({ inputs: [], inputList: 'inputs.jsonl' });
  const output = await mergeEnded(deps, 1, attemptId);
  expect(output.provenance.inputs.map(({ id }) => id)).toEqual([1, 2].map(hitsId));
  const { manifest } = output.provenance;
  expect(manifest?.objectKey).toBe(`${runId}/${mergedId(1)}.inputs.jsonl`);
  expect(await deps.outputs.verify(manifest?.objectKey ?? '')).toMatchObject({
    checksumAdler32: manifest?.checksumAdler32,
  });
  expect(deps.machines.answers.get('merge-1')).toMatchObject({ output: { outputId: mergedId(1) } });
  expect((await deps.events()).at(-1)).toMatchObject({
    type: 'output.registered',
    data: { run, pass: 1, merge: { inputs: 2, expected: 2, isPartial: false } },
  });
  expect(await planned(deps)).toMatchObject({ hasWork: false, isHeld: false, processed: 2 });
});

test('an STF with the outputs of two passes is merged once: by the one that settled it', async () => {
  const deps = withFiles(await withRun(2, 1, 2));
  const { doc } = await outputs.need(deps.store, hitsId(1));
  const late = { ...doc, id: hitsId(1).replace('p1', 'p2'), objectKey: 'late', pass: 2 };
  await commit(deps, [], [outputs.put(late.id, late, 0)]);
  await planned(deps);
  expect((await mergeBegun(deps, 1)).inputs).toEqual([1, 2].map((sequence) => `${hitsId(sequence)}.json`));
});

test('a manifest that is damaged fails its job, with the object named, and no other', async () => {
  const deps = withFiles(await withRun(1, 1));
  await planned(deps);
  const verify = (key: string) => Promise.reject(new PapilioError('object-corrupt', key));
  const broken = { ...deps, outputs: { ...deps.outputs, verify } };
  const { attemptId } = await mergeBegun(broken, 1);
  expect(deps.machines.answers.get(`run-${attemptId}`)).toMatchObject({
    kind: 'failure',
    cause: expect.stringMatching(/^\[object-corrupt\].*p1-merged\.inputs\.jsonl$/),
  });
  expect(deps.facility.accepted.filter(({ jobId: of }) => of === jobId)).toEqual([]);
});

test('a job that an earlier build planned, without a list, merges what is registered', async () => {
  const deps = withFiles(await withRun(2, 1, 2));
  await planned(deps);
  const { doc, version } = await jobs.need(deps.store, jobId);
  const { merge: _, pass: __, ...old } = doc;
  const share = await progressShareOf(runId, undefined, deps);
  const { merge: ___, ...counts } = share.before?.doc ?? { runId };
  const bare = {
    ...share,
    before: { doc: { catalogued: 0, processed: 0, failed: 0, ...counts }, version: share.before?.version ?? 0 },
  };
  await commit(deps, [], [jobs.put(jobId, old, version), progressWrite(bare, {})]);
  expect(await planned(deps)).toMatchObject(goes);
  const { attemptId, inputs } = await mergeBegun(deps, 1);
  expect(inputs).toHaveLength(2);
  const output = await mergeEnded(deps, 1, attemptId);
  expect(output).toMatchObject({ merge: { inputs: 2, isPartial: false }, provenance: { inputCount: 2 } });
  expect((await runProgress(deps.store, runId))?.merge).toMatchObject({ pass: 1, inputs: 2, outputId: mergedId(1) });
});

test.each(everyDeath(1))('killed $moment effect $step, the next try ends in the same job and list', async (death) => {
  const deps = await withRun(2, 1, 2);
  const { deps: dying } = dyingAt(deps, death.step, death.moment);
  await expect(planned(dying)).rejects.toBeInstanceOf(Killed);
  expect(await planned(deps)).toMatchObject(goes);
  expect(await created(deps)).toHaveLength(1);
});

test('killed between the list and the job, the next try keeps to the list and leaves later STFs to the next pass', async () => {
  const deps = withFiles(await withRun(3, 1, 2));
  await deps.clock.advance(60_000);
  const { deps: dying } = dyingAt(deps, 0, 'before');
  await expect(planned(dying)).rejects.toBeInstanceOf(Killed);
  await processStf(deps, 3);
  expect(await planned(deps)).toMatchObject(goes);
  expect((await mergeBegun(deps, 1)).inputs).toHaveLength(2);
  expect(startedPasses(deps)).toEqual(['test_exec_bnl-1-run-00102363-p2']);
  expect((await merged(deps, 1)).merge).toMatchObject({ inputs: 2, expected: 3, isPartial: true });
});
