import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { mergeInputsOf, putManifest } from '#lib/merge-manifest';
import { outputs, stfs } from '#lib/records';
import type { Output } from '#schema/output';
import type { Stf } from '#schema/stf';
import { aDeps, type TestDeps } from '../../builders/a-deps.ts';

const runId = 'test_run_00102363';
const count = 3000;
const at = '2026-01-01T00:00:00.000Z';
const keyOf = (sequence: number): string => `00102363-${String(sequence).padStart(8, '0')}`;
const outputOf = (sequence: number): Output => ({
  id: `test_output_${keyOf(sequence)}-p1-hits`,
  runId,
  stfId: `test_stf_${keyOf(sequence)}`,
  pass: 1,
  name: `test_output_${keyOf(sequence)}-p1-hits.json`,
  objectKey: `${runId}/${sequence}.json`,
  sizeBytes: sequence,
  checksumAdler32: '0000000a',
  checksumCrc32c: '0000000b',
  registeredAt: at,
  provenance: {
    inputs: [],
    inputCount: 0,
    payload: { name: 'stf-hits' },
    jobId: 'j',
    attemptId: 'a',
    facility: 'f',
    executionId: 'e',
    build: 'b',
  },
});
const stfOf = (sequence: number): Stf => ({
  id: `test_stf_${keyOf(sequence)}`,
  runId,
  run: 102_363,
  sequence,
  name: `swf.102363.${sequence}.stf`,
  tfFirst: '0',
  tfEnd: '1',
  bxFirst: '0',
  bxEnd: '1',
  stampedAt: at,
  receivedAt: at,
  messageId: 'm',
  processing: 'processed',
  pass: 1,
  jobId: 'j',
  outputId: outputOf(sequence).id,
});

const withRun = async (): Promise<TestDeps> => {
  const deps = aDeps();
  const all = Array.from({ length: count }, (_, sequence) => sequence);
  await stfs.putMany(
    deps.store,
    all.map((sequence) => [stfOf(sequence).id, stfOf(sequence)] as const),
  );
  await outputs.putMany(
    deps.store,
    all.map((sequence) => [outputOf(sequence).id, outputOf(sequence)] as const),
  );
  return deps;
};
const listing = {
  runId,
  run: { id: runId, run: 102_363, phase: 'ended' as const, totalStfs: count },
  progress: { runId, catalogued: count, processed: count, failed: 0 },
  outputId: 'test_output_00102363-p1-merged',
};

test('a manifest of thousands of inputs is read as it was written, in order, whole', async () => {
  const deps = await withRun();
  const merge = await putManifest(listing, deps);
  expect(merge).toMatchObject({ inputs: count, expected: count, isPartial: false, missing: [] });
  let sequence = 0;
  for await (const input of mergeInputsOf({ runId, merge }, deps)) {
    const { id, objectKey, sizeBytes, checksumAdler32 } = outputOf(sequence);
    expect(input).toEqual({ id, objectKey, sizeBytes, checksumAdler32 });
    sequence += 1;
  }
  expect(sequence).toBe(count);
  expect(merge.manifest.sizeBytes).toBeGreaterThan(300_000);
});

test('a repeat keeps to the manifest that is there, whatever was processed since', async () => {
  const deps = await withRun();
  const first = await putManifest(listing, deps);
  await stfs.putMany(deps.store, [[stfOf(count).id, stfOf(count)]]);
  await outputs.putMany(deps.store, [[outputOf(count).id, outputOf(count)]]);
  expect(await putManifest(listing, deps)).toEqual(first);
});

test('the event loop turns while a long run is listed', async () => {
  const deps = await withRun();
  let turns = 0;
  let isListed = false;
  const counting = (async () => {
    for (; !isListed; turns++) await setImmediate();
  })();
  await putManifest(listing, deps);
  isListed = true;
  await counting;
  expect(turns).toBeGreaterThanOrEqual(count / 200);
});
