import { expect, test } from 'vitest';
import { PapilioError } from '#lib/errors';
import { ownNameOf } from '#lib/model/ids';
import { outputs } from '#lib/records';
import { pollBundles } from '../../../functions/facilities/poll-bundles.fn.ts';
import { settleJobs } from '../../../functions/jobs/settle-jobs.fn.ts';
import { registerOutputs } from '../../../functions/metadata/register-outputs.fn.ts';
import { ensureLocalFacility } from '../../../local/plane/local-facility.ts';
import { aDeps } from '../../builders/a-deps.ts';
import { anItem, aSubmittedJob } from '../../builders/a-job.ts';

test('a poll finds what has ended among all that is open, in one call a facility', async () => {
  const deps = aDeps();
  const places = [await aSubmittedJob(deps, 1), await aSubmittedJob(deps, 2), await aSubmittedJob(deps, 3)];
  const asked: (readonly string[])[] = [];
  const facility = { ...deps.facility };
  const counting = {
    ...facility,
    status: (ids: readonly string[]) => {
      asked.push(ids);
      return facility.status(ids);
    },
  };
  for (const place of places.slice(0, 2)) deps.facility.finish(place.attemptId);
  expect(await pollBundles.run({}, { ...deps, batch: () => counting })).toEqual({ open: 3, ended: 2 });
  expect(asked).toEqual([places.map(({ attemptId }) => attemptId)]);
  const notices = places.slice(0, 2).map(({ attemptId }) => ({ queue: 'settle', body: { attemptId } }));
  expect(deps.queues.sent).toEqual(notices);
});

test('what has settled is not asked for again', async () => {
  const deps = aDeps();
  const place = await aSubmittedJob(deps);
  deps.facility.finish(place.attemptId, { outcome: 'lost' });
  await settleJobs.runBatch([anItem({ attemptId: place.attemptId })], deps);
  expect(await pollBundles.run({}, deps)).toEqual({ open: 0, ended: 0 });
});

test('an attempt whose release was missed is released once its end is settled and its output registered', async () => {
  const deps = aDeps();
  await deps.clock.advance(86_400_000);
  await ensureLocalFacility(deps, 3);
  const [failed, succeeded, open] = [
    await aSubmittedJob(deps, 1),
    await aSubmittedJob(deps, 2),
    await aSubmittedJob(deps, 3),
  ];
  const end = { endedAt: new Date(deps.clock.nowMs() - 3_600_000).toISOString() };
  deps.facility.finish(failed.attemptId, { ...end, outcome: 'timeout' });
  deps.facility.finish(succeeded.attemptId, end, { 'out/hits.json': '{}' });
  deps.facility.finish(open.attemptId, end);
  for (const { attemptId } of [failed, succeeded]) await settleJobs.runBatch([anItem({ attemptId })], deps);
  deps.facility.released.length = 0;
  await pollBundles.run({}, deps);
  expect(deps.facility.released).toEqual([failed.attemptId]);
  const outputId = deps.ids.output(`${ownNameOf(succeeded.jobId)}-hits`);
  await registerOutputs.runBatch(
    [anItem({ token: 'r', jobId: succeeded.jobId, attemptId: succeeded.attemptId, executionId: 'e' })],
    deps,
  );
  expect(await outputs.get(deps.store, outputId)).toBeDefined();
  deps.facility.released.length = 1;
  await pollBundles.run({}, deps);
  expect(deps.facility.released).toEqual([failed.attemptId, succeeded.attemptId]);
});

test('with nothing open nothing is asked or sent', async () => {
  const deps = aDeps();
  deps.facility.isDown = true;
  expect(await pollBundles.run({}, deps)).toEqual({ open: 0, ended: 0 });
  expect(deps.queues.sent).toEqual([]);
});

test('a facility that does not answer is asked again at the next poll', async () => {
  const deps = aDeps();
  const place = await aSubmittedJob(deps);
  deps.facility.finish(place.attemptId);
  deps.facility.isDown = true;
  expect(await pollBundles.run({}, deps)).toEqual({ open: 1, ended: 0 });
  const gone = () => {
    throw new PapilioError('facility-missing', 'local');
  };
  expect(await pollBundles.run({}, { ...deps, batch: gone })).toEqual({ open: 1, ended: 0 });
  deps.facility.isDown = false;
  expect(await pollBundles.run({}, deps)).toEqual({ open: 1, ended: 1 });
});
