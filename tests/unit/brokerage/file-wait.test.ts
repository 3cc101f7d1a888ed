import { expect, test } from 'vitest';
import { archiveKey } from '#lib/model/ids';
import { rangesOfSpan, spanOf } from '#lib/model/tf-range';
import { coverages, explains, placements, stfs, unarchived } from '#lib/records';
import { coverageId } from '#lib/tf-places';
import { BrokerMessage } from '#schema/assignment';
import type { ArchivedStf } from '#schema/stf';
import { assignJobs } from '../../../functions/brokerage/assign-jobs.fn.ts';
import { indexStfs } from '../../../functions/metadata/index-stfs.fn.ts';
import { quarantineMessage } from '../../../functions/streaming/quarantine-message.fn.ts';
import { aDeps, type TestDeps } from '../../builders/a-deps.ts';
import { anAsk, anItem, placeOf, withFacility } from '../../builders/a-job.ts';
import { anStfMessage } from '../../builders/a-message.ts';
import { anAwaitedStf } from '../../builders/a-stf.ts';

/** A job that reads an STF is placed when the archive has a copy of the file, and never before. */

const name = 'swf.102363.000001.stf';
const objectKey = archiveKey(102_363, name);
const report: ArchivedStf = {
  stfId: 'test_stf_00102363-00000001',
  runId: 'test_run_00102363',
  sequence: 1,
  name,
  objectKey,
};
const corrupt = { code: 'stf-corrupt', reason: 'An STF file is damaged: TF 3' };

const tell = (deps: TestDeps, ...messages: BrokerMessage[]) =>
  assignJobs.runBatch(
    messages.map((message, at) => anItem(message, `item-${at}`)),
    deps,
  );
const archive = (deps: TestDeps) => deps.archive.putBytes(objectKey, Buffer.from('hits'));
const index = (deps: TestDeps, fields: Partial<ArchivedStf> = {}) =>
  indexStfs.runBatch([anItem({ ...report, ...fields })], deps);
/** Hands the broker what was sent to it. */
const deliver = async (deps: TestDeps) => {
  for (const { body } of deps.queues.sent.splice(0).filter(({ queue }) => queue === 'broker'))
    await tell(deps, BrokerMessage.parse(body));
};
const restarted = (deps: TestDeps): TestDeps => ({ ...deps, store: { ...deps.store } });
const answerOf = (deps: TestDeps, jobId: string) => deps.machines.answers.get(`ask-${jobId}`);
const anAwaitingJob = async () => {
  const deps = aDeps();
  await withFacility(deps);
  const { jobId } = await anAwaitedStf(deps);
  expect(await tell(deps, anAsk(jobId))).toEqual([]);
  expect(answerOf(deps, jobId)).toBeUndefined();
  return { deps, jobId };
};

test('a job waits without a slot until its file is archived, and says so', async () => {
  const { deps, jobId } = await anAwaitingJob();
  expect((await placements.need(deps.store, jobId)).doc.file).toMatchObject({ name, isAwaited: true });
  expect((await explains.need(deps.store, jobId)).doc.held).toBe(`awaiting-file: ${name} is not archived yet`);
  await tell(deps, { kind: 'review' });
  expect(answerOf(deps, jobId)).toBeUndefined();
  await archive(deps);
  expect(await index(deps)).toEqual([]);
  await deliver(deps);
  expect(placeOf(deps, `ask-${jobId}`).jobId).toBe(jobId);
  expect(await placements.get(deps.store, jobId)).toBeUndefined();
});

test('a job is called for its file when the STF has the numbers that the file states, and before its TFs are in the catalogue', async () => {
  const { deps, jobId } = await anAwaitingJob();
  await archive(deps);
  const seen: unknown[] = [];
  const send: TestDeps['queues']['send'] = async (queue, bodies) => {
    if (queue === 'broker' && bodies.length > 0) {
      const { tfFirst, tfEnd } = (await stfs.need(deps.store, report.stfId)).doc;
      const catalogued = await coverages.get(deps.store, coverageId(102_363, deps));
      seen.push({ bodies, tfFirst, tfEnd, catalogued });
    }
    return deps.queues.send(queue, bodies);
  };
  const [range] = rangesOfSpan(spanOf({ run: 102_363, sequence: 1, tfsPerStf: 7, tfCount: 7 }));
  const [tfFirst, tfEnd] = [String(range?.tfFirst), String(range?.tfEnd)];
  const content: ArchivedStf['content'] = {
    ...{ layout: 'papilio-stf-1', tfsPerStf: 7, bxPerTf: 65_520, tfCount: 7, tfsMissing: [], indexFirstByte: 0 },
    ...{ tfRanges: [{ tfFirst, tfEnd }], state: 'run', substate: 'physics' },
  };
  expect(await index({ ...deps, queues: { ...deps.queues, send } }, { content })).toEqual([]);
  expect(seen).toEqual([{ bodies: [{ kind: 'file', jobId }], tfFirst, tfEnd, catalogued: undefined }]);
});

test('a file that is archived while its job is saved is seen without any report', async () => {
  const deps = aDeps();
  await withFacility(deps);
  const { jobId } = await anAwaitedStf(deps);
  let isFirst = true;
  const late = {
    ...deps.archive,
    stat: async (key: string) => {
      const found = await deps.archive.stat(key);
      if (isFirst) await archive(deps);
      isFirst = false;
      return found;
    },
  };
  await tell({ ...deps, archive: late }, anAsk(jobId));
  expect(placeOf(deps, `ask-${jobId}`).jobId).toBe(jobId);
});

test('a file that the archive cannot take ends the wait with its reason, and no payload runs', async () => {
  const { deps, jobId } = await anAwaitingJob();
  await index(deps, { problem: corrupt });
  await deliver(deps);
  expect(answerOf(deps, jobId)).toEqual({
    kind: 'failure',
    error: 'Invalid',
    cause: '[stf-corrupt] An STF file is damaged: TF 3',
  });
  expect(await placements.get(deps.store, jobId)).toBeUndefined();
});

test('a file that failed before its job asks ends the wait at once', async () => {
  const deps = aDeps();
  await withFacility(deps);
  await index(deps, { problem: corrupt });
  const { jobId } = await anAwaitedStf(deps);
  await tell(deps, anAsk(jobId));
  expect(answerOf(deps, jobId)).toMatchObject({ kind: 'failure', error: 'Invalid' });
});

test('a failed message about an STF that is archived changes nothing, and a sound file clears an earlier failure', async () => {
  const { deps, jobId } = await anAwaitingJob();
  await archive(deps);
  await index(deps, { problem: { code: 'stf-content-differs', reason: 'x' } });
  await deliver(deps);
  expect(placeOf(deps, `ask-${jobId}`).jobId).toBe(jobId);
  expect(await unarchived.get(deps.store, report.stfId)).toBeUndefined();
  const other = aDeps();
  await index(other, { problem: corrupt });
  expect((await unarchived.need(other.store, report.stfId)).doc.problem).toEqual(corrupt);
  await archive(other);
  await index(other);
  expect(await unarchived.get(other.store, report.stfId)).toBeUndefined();
});

test('a broker that is started again looks for the files of what waited', async () => {
  const { deps, jobId } = await anAwaitingJob();
  await archive(deps);
  await tell(restarted(deps), { kind: 'review' });
  expect(placeOf(deps, `ask-${jobId}`).jobId).toBe(jobId);
});

test('the archive reports a message that it quarantines to the catalogue', async () => {
  const deps = aDeps();
  const failure = { Error: 'Invalid', Cause: '[stf-corrupt] An STF file is damaged: TF 3' };
  await quarantineMessage.run({ message: anStfMessage(1), failure }, deps);
  expect(deps.queues.sent).toEqual([{ queue: 'archived-stfs', body: { ...report, problem: corrupt } }]);
});
