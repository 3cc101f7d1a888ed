import { expect, test } from 'vitest';
import { jobs, stfs } from '#lib/records';
import { runProgress } from '#lib/run-progress';
import { StfMessage } from '#schema/daq-message';
import { catalogueStf } from '../../../functions/metadata/catalogue-stf.fn.ts';
import { aDeps, eventTypes } from '../../builders/a-deps.ts';
import { dyingAt, everyDeath, Killed } from '../../builders/a-deps-crash.ts';
import { anStfMessage } from '../../builders/a-message.ts';

const runId = 'test_run_00102363';
const aMessageOf = (sequence: number, fields = {}) => StfMessage.parse(anStfMessage(sequence, fields));

test('an STF is entered with its TF and BX range, and a job that reads it', async () => {
  const deps = aDeps();
  const message = aMessageOf(3, { size: 9, checksum: 'ad:0000000a' });
  const { stfId, jobId } = await catalogueStf.run({ message }, deps);
  const tfFirst = (102_363n << 27n) + 3000n;
  expect((await stfs.need(deps.store, stfId)).doc).toMatchObject({
    tfFirst: String(tfFirst),
    tfEnd: String(tfFirst + 1000n),
    bxFirst: String(tfFirst << 16n),
    bxEnd: String((tfFirst + 1000n) << 16n),
    sizeBytes: 9,
    checksumAdler32: '0000000a',
    processing: 'waiting',
    messageId: message.id,
    jobId,
  });
  expect((await jobs.need(deps.store, jobId)).doc).toMatchObject({ stfId, runId, state: 'waiting', attempts: [] });
  expect((await deps.events()).map(({ type, cause }) => [type, cause])).toEqual([
    ['stf.catalogued', message.id],
    ['job.created', message.id],
  ]);
});

test('twice is once', async () => {
  const deps = aDeps();
  const message = aMessageOf(3);
  const first = await catalogueStf.run({ message }, deps);
  await deps.clock.advance(5000);
  expect(await catalogueStf.run({ message: aMessageOf(3, { sender: 'other' }) }, deps)).toEqual(first);
  expect(await eventTypes(deps)).toEqual(['stf.catalogued', 'job.created']);
  expect((await runProgress(deps.store, runId))?.catalogued).toBe(1);
});

test('a run’s count is exact while its STFs come all at once, some of them twice', async () => {
  const deps = aDeps();
  const sequences = [...Array(12).keys(), ...Array(4).keys()];
  await Promise.all(sequences.map((sequence) => catalogueStf.run({ message: aMessageOf(sequence) }, deps)));
  expect(await runProgress(deps.store, runId)).toMatchObject({ catalogued: 12, processed: 0, failed: 0 });
  expect((await stfs.list(deps.store, 'i1', `${runId}#stfs`)).items).toHaveLength(12);
});

test('the configuration may narrow what a payload may use', async () => {
  const environment = { PAPILIO_PAYLOAD_TIMEOUT_S: '2.5', PAPILIO_PAYLOAD_DISK_MB: '7' };
  const deps = aDeps({ environment });
  const { jobId } = await catalogueStf.run({ message: aMessageOf(1) }, deps);
  expect((await jobs.need(deps.store, jobId)).doc.resources).toMatchObject({ timeoutS: 2.5, diskMb: 7, cores: 1 });
});

test.each(everyDeath(1))('killed $moment effect $step, the next try ends in the same record', async (death) => {
  const deps = aDeps();
  const message = aMessageOf(1);
  const { deps: dying } = dyingAt(deps, death.step, death.moment);
  await expect(catalogueStf.run({ message }, dying)).rejects.toBeInstanceOf(Killed);
  await catalogueStf.run({ message }, deps);
  expect(await eventTypes(deps)).toEqual(['stf.catalogued', 'job.created']);
  expect((await runProgress(deps.store, runId))?.catalogued).toBe(1);
});
