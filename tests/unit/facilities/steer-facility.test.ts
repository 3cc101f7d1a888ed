import { expect, test } from 'vitest';
import { commands, explains, facilities, jobs } from '#lib/records';
import { Command } from '#schema/command';
import { assignJobs } from '../../../functions/brokerage/assign-jobs.fn.ts';
import { pollBundles } from '../../../functions/facilities/poll-bundles.fn.ts';
import { steerFacility } from '../../../functions/facilities/steer-facility.fn.ts';
import { aDeps, eventTypes, type TestDeps } from '../../builders/a-deps.ts';
import { dyingAt, everyDeath } from '../../builders/a-deps-crash.ts';
import { aFacility, anAsk, anItem, aSubmittedJob, jobNow, placeOf, withFacility } from '../../builders/a-job.ts';
import { aCataloguedStf } from '../../builders/a-stf.ts';

const subject = 'test_facility_local';
type Verb = 'drain' | 'resume';
const aCommand = (verb: Verb, id: string, more: Partial<Command> = {}) =>
  Command.parse({
    id: `test_command_${id}`,
    action: `facility.${verb}`,
    subject,
    by: 'anna',
    why: 'a new switch',
    at: '2026-01-01T00:00:00.000Z',
    ...more,
  });
const steer = (deps: TestDeps, verb: Verb, id: string, more: Partial<Command> = {}) =>
  steerFacility.run(aCommand(verb, id, more), deps);
const endOf = async (deps: TestDeps, id: string) => (await commands.need(deps.store, `test_command_${id}`)).doc;
const siteNow = async (deps: TestDeps) => (await facilities.need(deps.store, subject)).doc;
const review = (deps: TestDeps) => assignJobs.runBatch([anItem({ kind: 'review' as const })], deps);
const ask = (deps: TestDeps, jobId: string) => assignJobs.runBatch([anItem(anAsk(jobId))], deps);

const aDrainedSite = async (deps: TestDeps, more: Partial<Command> = {}) => {
  await withFacility(deps);
  await steer(deps, 'drain', '1', more);
};

test('a drained facility says who drained it, why, since when and until when, and the event names the command', async () => {
  const deps = aDeps();
  await aDrainedSite(deps, { data: { untilAt: '2026-01-02T00:00:00.000Z' } });
  expect(await siteNow(deps)).toMatchObject({
    drain: {
      by: 'anna',
      why: 'a new switch',
      sinceAt: '2026-01-01T00:00:00.000Z',
      untilAt: '2026-01-02T00:00:00.000Z',
    },
    acts: [{ commandId: 'test_command_1', act: 'drain', by: 'anna' }],
  });
  expect((await deps.events()).map(({ type, cause }) => [type, cause])).toEqual([
    ['facility.drained', 'test_command_1'],
    ['command.done', 'test_command_1'],
  ]);
});

test('the broker places nothing at a drained facility, and the job says why it waits', async () => {
  const deps = aDeps();
  await aDrainedSite(deps);
  const { jobId } = await aCataloguedStf(deps);
  await ask(deps, jobId);
  expect((await jobNow(deps, jobId)).state).toBe('waiting');
  expect((await explains.need(deps.store, jobId)).doc).toMatchObject({
    chosen: 'none',
    considered: [
      {
        facility: 'local',
        isEligible: false,
        reason: 'drained by anna since 2026-01-01T00:00:00.000Z because a new switch',
        wouldNeed: 'papilio site resume local',
      },
    ],
  });
});

test('what waits is placed as soon as the facility is resumed', async () => {
  const deps = aDeps();
  await aDrainedSite(deps);
  const { jobId } = await aCataloguedStf(deps);
  await ask(deps, jobId);
  await steer(deps, 'resume', '2');
  expect(deps.queues.sent.at(-1)).toEqual({ queue: 'broker', body: { kind: 'review' } });
  await review(deps);
  expect(placeOf(deps, `ask-${jobId}`)).toMatchObject({ jobId, facility: 'local' });
  expect((await siteNow(deps)).drain).toBeUndefined();
});

test('another facility takes what a drained one does not', async () => {
  const deps = aDeps();
  await aDrainedSite(deps);
  await withFacility(deps, aFacility('other'));
  const { jobId } = await aCataloguedStf(deps);
  await ask(deps, jobId);
  expect(placeOf(deps, `ask-${jobId}`).facility).toBe('other');
});

test('a facility that is drained while the broker decides gets nothing', async () => {
  const deps = aDeps();
  await withFacility(deps);
  const { jobId } = await aCataloguedStf(deps);
  let isDrained = false;
  const late: TestDeps = {
    ...deps,
    store: {
      ...deps.store,
      transact: async (transaction) => {
        if (!isDrained) {
          isDrained = true;
          await steer(deps, 'drain', '1');
        }
        return deps.store.transact(transaction);
      },
    },
  };
  expect(await assignJobs.runBatch([anItem(anAsk(jobId))], late)).toEqual(['item-1']);
  expect(await assignJobs.runBatch([anItem(anAsk(jobId))], late)).toEqual([]);
  expect((await jobNow(deps, jobId)).state).toBe('waiting');
  expect(await eventTypes(deps)).not.toContain('job.assigned');
});

test('what runs at a drained facility runs to its end', async () => {
  const deps = aDeps();
  const place = await aSubmittedJob(deps);
  await steer(deps, 'drain', '1');
  expect(await deps.facility.status([place.attemptId])).toMatchObject([{ state: 'running' }]);
  expect((await jobs.need(deps.store, place.jobId)).doc.state).toBe('submitted');
});

test('a drain ends by itself when its time is over, and what waits is placed', async () => {
  const deps = aDeps();
  await aDrainedSite(deps, { data: { untilAt: '2026-01-01T00:10:00.000Z' } });
  const { jobId } = await aCataloguedStf(deps);
  await ask(deps, jobId);
  await deps.clock.advance(9 * 60_000);
  await pollBundles.run({}, deps);
  expect((await siteNow(deps)).drain).toBeDefined();
  await deps.clock.advance(60_000);
  await pollBundles.run({}, deps);
  expect((await siteNow(deps)).drain).toBeUndefined();
  expect(deps.queues.sent.at(-1)).toEqual({ queue: 'broker', body: { kind: 'review' } });
  await review(deps);
  expect(placeOf(deps, `ask-${jobId}`).jobId).toBe(jobId);
});

test.each([
  ['an end that is past', 'drain', { data: { untilAt: '2025-12-31T00:00:00.000Z' } }, 'input-invalid'],
  ['a facility that takes work is not resumed', 'resume', {}, 'facility-not-drained'],
  ['no such facility', 'drain', { subject: 'test_facility_none' }, 'record-missing'],
  ['a facility that changed since it was looked at', 'drain', { ifVersion: 7 }, 'version-outdated'],
] as const)('it is refused: %s', async (_, verb, more, code) => {
  const deps = aDeps();
  await withFacility(deps);
  await steer(deps, verb, '1', more);
  expect(await endOf(deps, '1')).toMatchObject({ state: 'refused', problem: { code } });
  expect((await siteNow(deps)).drain).toBeUndefined();
});

test.each(everyDeath(4))('killed $moment effect $step, a repeat of the resume ends it once', async (death) => {
  const deps = aDeps();
  await aDrainedSite(deps);
  const { deps: dying } = dyingAt(deps, death.step, death.moment);
  await expect(steer(dying, 'resume', '2')).rejects.toThrow();
  await steer(deps, 'resume', '2');
  expect((await siteNow(deps)).acts?.map(({ act }) => act)).toEqual(['drain', 'resume']);
  expect((await endOf(deps, '2')).state).toBe('done');
  expect(deps.queues.sent.at(-1)).toEqual({ queue: 'broker', body: { kind: 'review' } });
});

test('a drain that is delivered again after it was resumed drains nothing', async () => {
  const deps = aDeps();
  await withFacility(deps);
  const { deps: dying } = dyingAt(deps, 2, 'after');
  await expect(steer(dying, 'drain', '1')).rejects.toThrow();
  await steer(deps, 'resume', '2');
  await steer(deps, 'drain', '1');
  expect((await siteNow(deps)).drain).toBeUndefined();
});
