import { expect, test } from 'vitest';
import { Provenance } from '#schema/output';
import { Stf } from '#schema/stf';
import { provenanceOf } from '../../../functions/metadata/provenance.ts';
import { aJob } from '../../builders/a-job.ts';

const at = '2026-01-01T00:00:00.000Z';
const attempt = {
  id: 'a1',
  number: 1,
  bundleId: 'b1',
  facility: 'local',
  queue: 'default',
  state: 'settled' as const,
  submittingAt: at,
};
const stf = Stf.parse({
  id: 's1',
  runId: 'r1',
  run: 1,
  sequence: 1,
  name: 'swf.1.000001.stf',
  tfFirst: '134218728',
  tfEnd: '134219728',
  bxFirst: '1',
  bxEnd: '2',
  stampedAt: at,
  receivedAt: at,
  messageId: 'm1',
  checksumAdler32: '0000000a',
  processing: 'waiting',
  pass: 1,
  jobId: 'j1',
});
const origin = { job: aJob(), attempt, executionId: 'e1', config: { PAPILIO_BUILD: 'b7' } };
const facts = { jobId: aJob().id, attemptId: 'a1', facility: 'local/default', executionId: 'e1', build: 'b7' };

test('what a job made of an STF names that STF with its checksum and its TFs', () => {
  const provenance = provenanceOf({ ...origin, stf });
  const { id, name, checksumAdler32, tfFirst, tfEnd } = stf;
  expect(provenance).toEqual({
    ...facts,
    inputs: [{ id, name, checksumAdler32, tfFirst, tfEnd }],
    inputCount: 1,
    payload: { name: 'stf-hits' },
  });
  expect(Provenance.parse(provenance)).toEqual(provenance);
});

test('an STF without a checksum has none in it', () => {
  const { checksumAdler32: _, ...bare } = stf;
  expect(provenanceOf({ ...origin, stf: bare }).inputs[0]).not.toHaveProperty('checksumAdler32');
});

test('a merge names what it read, counts what its list does not hold, and names the list of all of it', () => {
  const named = Array.from({ length: 1000 }, (_, index) => ({
    id: `o${index}`,
    objectKey: `r1/o${index}.json`,
    sizeBytes: 1,
    checksumAdler32: '0000000b',
  }));
  const manifest = { objectKey: 'r1/m.inputs.jsonl', sizeBytes: 9, checksumAdler32: 'a', checksumCrc32c: 'c' };
  const merge = {
    inputs: 1500,
    expected: 1500,
    expectedFrom: 'end_run' as const,
    isPartial: false,
    missing: [],
    manifest,
  };
  const job = aJob({ task: 'run-merge', merge });
  const provenance = provenanceOf({ ...origin, job, stf: undefined, merged: { named, count: 1500 } });
  expect(provenance.inputs).toHaveLength(1000);
  expect(provenance.inputs[0]).toEqual({ id: 'o0', name: 'o0.json', checksumAdler32: '0000000b' });
  expect(provenance).toMatchObject({ inputCount: 1500, manifest, payload: { name: 'run-merge' } });
  expect(Buffer.byteLength(JSON.stringify(provenance))).toBeLessThan(300_000);
});
