import { expect, test } from 'vitest';
import { Output, Provenance } from '#schema/output';
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
  const provenance = provenanceOf({ ...origin, stf, merged: [] });
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
  expect(provenanceOf({ ...origin, stf: bare, merged: [] }).inputs[0]).not.toHaveProperty('checksumAdler32');
});

test('a merge names what it read, and counts what its list does not hold', () => {
  const merged = Array.from({ length: 1500 }, (_, index) =>
    Output.parse({
      id: `o${index}`,
      runId: 'r1',
      pass: 1,
      name: `o${index}.json`,
      objectKey: 'k',
      sizeBytes: 1,
      checksumAdler32: '0000000b',
      checksumCrc32c: '0000000c',
      registeredAt: at,
      provenance: { ...facts, inputs: [], inputCount: 0, payload: { name: 'p' } },
    }),
  );
  const provenance = provenanceOf({ ...origin, job: aJob({ task: 'run-merge' }), stf: undefined, merged });
  expect(provenance.inputs).toHaveLength(1000);
  expect(provenance.inputs[0]).toEqual({ id: 'o0', name: 'o0.json', checksumAdler32: '0000000b' });
  expect(provenance).toMatchObject({ inputCount: 1500, payload: { name: 'run-merge' } });
  expect(Buffer.byteLength(JSON.stringify(provenance))).toBeLessThan(300_000);
});
