import { describe, expect, test } from 'vitest';
import { commit } from '#lib/change';
import { jobs, outbox, runs, stfs } from '#lib/records';
import { runProgress } from '#lib/run-progress';
import type { BrokerMessage } from '#schema/assignment';
import { assignJobs } from '../../../functions/brokerage/assign-jobs.fn.ts';
import { submitBundle } from '../../../functions/facilities/submit-bundle.fn.ts';
import { failJob } from '../../../functions/jobs/fail-job.fn.ts';
import { awaitRun } from '../../../functions/streaming/await-run.fn.ts';
import { answerTokens } from '../../../functions/workflows/answer-tokens.fn.ts';
import { aDeps, eventTypes, type TestDeps } from '../../builders/a-deps.ts';
import { dyingAt, everyDeath } from '../../builders/a-deps-crash.ts';
import { aFacility, anAsk, anItem, aQueueRecord, jobNow, placeOf, withFacility } from '../../builders/a-job.ts';
import { aCataloguedStf } from '../../builders/a-stf.ts';

/** Executions that are stopped while their jobs wait at the broker, at a site with one slot. */

const runId = 'test_run_00102363';
const executionOf = (sequence: number) => `arn:aws:states:us-east-1:000000000002:execution:run-job:stf-${sequence}-job`;
const askOf = (jobId: string, sequence: number, token = `ask-${sequence}`) => ({
  ...anAsk(jobId, token),
  executionId: executionOf(sequence),
});
const tell = (deps: TestDeps, ...messages: BrokerMessage[]) =>
  assignJobs.runBatch(
    messages.map((message, at) => anItem(message, `item-${at}`)),
    deps,
  );
const review = { kind: 'review' as const };
const withSlot = (deps: TestDeps) => withFacility(deps, aFacility('local', { queues: [aQueueRecord({ slots: 1 })] }));
/** Delivers to the broker what was sent to it. */
const deliver = async (deps: TestDeps) => {
  const sent = deps.queues.sent.splice(0).flatMap(({ queue, body }) => (queue === 'broker' ? [body] : []));
  await tell(deps, ...sent.map((body) => assignJobs.input.parse(body)));
};
const stfNow = async (deps: TestDeps, stfId: string) => (await stfs.need(deps.store, stfId)).doc;
const rowsIn = async (deps: TestDeps) => (await outbox.list(deps.store, 'i1', 'outbox')).items;

/** An STF whose job has an execution, as `process-stf` starts it. */
const anStf = async (deps: TestDeps, sequence = 1) => {
  const stf = await aCataloguedStf(deps, sequence);
  await deps.machines.start('run-job', `stf-${sequence}-job`, { jobId: stf.jobId, attempt: 1 });
  return stf;
};

/** Two jobs that wait, of which the first has nobody any more who waits for it. */
const aStoppedAndAnother = async () => {
  const deps = aDeps();
  const [stopped, other] = [await anStf(deps, 1), await anStf(deps, 2)];
  await tell(deps, askOf(stopped.jobId, 1));
  deps.machines.stop(executionOf(1), 'ask-1', 'anna: wrong calibration');
  return { deps, stopped, other };
};
const reason = 'run-job:stf-1-job ended as ABORTED before it was handed over: papilio.stopped: anna: wrong calibration';

test('a job whose execution was stopped gives its place back, fails with who stopped it, and the next one gets it', async () => {
  const { deps, stopped, other } = await aStoppedAndAnother();
  await withSlot(deps);
  expect(await tell(deps, askOf(other.jobId, 2))).toEqual([]);
  expect(await jobNow(deps, stopped.jobId)).toMatchObject({ state: 'failed', errorCode: 'execution-stopped' });
  expect(await jobNow(deps, stopped.jobId)).not.toHaveProperty('place');
  expect(await stfNow(deps, stopped.stfId)).toMatchObject({
    processing: 'failed',
    failure: { code: 'execution-stopped', reason },
  });
  await deliver(deps);
  expect(placeOf(deps, 'ask-2').jobId).toBe(other.jobId);
  expect(await rowsIn(deps)).toEqual([]);
  expect(await runProgress(deps.store, runId)).toMatchObject({ catalogued: 2, failed: 1 });
});

test('a run of which it was the last is told of as complete', async () => {
  const deps = aDeps();
  const { jobId } = await anStf(deps);
  await commit(deps, [], [runs.put(runId, { id: runId, run: 102_363, phase: 'ended', totalStfs: 1 }, 0)]);
  await awaitRun.run({ runId, token: 'merge' }, deps);
  deps.machines.stop(executionOf(1), 'ask-1', 'anna: wrong calibration');
  await withSlot(deps);
  await tell(deps, askOf(jobId, 1));
  expect(deps.machines.answers.get('merge')).toMatchObject({ output: { isComplete: true } });
});

describe('a token that is gone', () => {
  test('because it was answered before a kill leaves the job to its execution', async () => {
    const deps = aDeps();
    const { jobId } = await anStf(deps);
    await withSlot(deps);
    await tell(deps, askOf(jobId, 1));
    const place = placeOf(deps, 'ask-1');
    // The answer arrived, and the plane died before it knew.
    const row = { id: 'test_outbox_1', token: 'ask-1', executionId: executionOf(1) };
    await commit(deps, [], [outbox.put(row.id, { ...row, answer: { kind: 'success', output: place } }, 0)]);
    expect(await answerTokens.run({}, deps)).toEqual({ answered: 1, failed: 0 });
    expect(await jobNow(deps, jobId)).toMatchObject({ state: 'assigned', place });
    await submitBundle.runBatch([anItem({ token: 'run-1', place })], deps);
    expect(await jobNow(deps, jobId)).toMatchObject({ state: 'submitted' });
  });

  test('because its execution was stopped after it had handed the job over leaves the job with its facility', async () => {
    const deps = aDeps();
    const { jobId } = await anStf(deps);
    await withSlot(deps);
    await tell(deps, askOf(jobId, 1));
    const place = placeOf(deps, 'ask-1');
    await submitBundle.runBatch([anItem({ token: 'run-1', place })], deps);
    deps.machines.stop(executionOf(1), 'run-1', 'anna: wrong calibration');
    await tell(deps, askOf(jobId, 1));
    expect(await jobNow(deps, jobId)).toMatchObject({ state: 'submitted', place });
  });

  test('because its execution asks again under another leaves the job its place', async () => {
    const { deps, stopped } = await aStoppedAndAnother();
    // It was redriven before the broker came to it.
    deps.machines.ends.clear();
    await withSlot(deps);
    await tell(deps, review);
    expect(await jobNow(deps, stopped.jobId)).toMatchObject({ state: 'assigned' });
    await tell(deps, askOf(stopped.jobId, 1, 'ask-again'));
    expect(placeOf(deps, 'ask-again').jobId).toBe(stopped.jobId);
  });

  test('of an execution that is stopped before its second ask was heard gives the place back all the same', async () => {
    const { deps, stopped } = await aStoppedAndAnother();
    deps.machines.ends.clear();
    await withSlot(deps);
    await tell(deps, review);
    deps.machines.stop(executionOf(1), 'ask-again', 'anna: wrong calibration');
    await tell(deps, askOf(stopped.jobId, 1, 'ask-again'));
    expect(await jobNow(deps, stopped.jobId)).toMatchObject({ state: 'failed', errorCode: 'execution-stopped' });
  });

  test('of an execution that nobody remembers gives the place back', async () => {
    const { deps, stopped } = await aStoppedAndAnother();
    deps.machines.started.length = 0;
    await withSlot(deps);
    await tell(deps, review);
    expect((await stfNow(deps, stopped.stfId)).failure?.reason).toBe(
      'run-job:stf-1-job ended as unknown before it was handed over',
    );
  });

  test('of an ask that does not name its execution leaves the job as it is', async () => {
    const { deps, stopped } = await aStoppedAndAnother();
    deps.machines.stop('other', 'old', 'anna: wrong calibration');
    await tell(deps, anAsk(stopped.jobId, 'old'));
    await withSlot(deps);
    await tell(deps, review);
    expect(await jobNow(deps, stopped.jobId)).toMatchObject({ state: 'assigned' });
  });
});

test('what was on its way to the facility is not handed over once the place was given back', async () => {
  const { deps, stopped } = await aStoppedAndAnother();
  await withSlot(deps);
  await tell(deps, review);
  const { jobId } = stopped;
  const attemptId = deps.ids.attempt(jobId, 1);
  const place = {
    jobId,
    attemptId,
    attempt: 1,
    bundleId: deps.ids.bundleOf(attemptId),
    facility: 'local',
    queue: 'default',
  };
  await submitBundle.runBatch([anItem({ token: 'run-1', place })], deps);
  expect(deps.facility.accepted).toEqual([]);
  expect(await jobNow(deps, jobId)).toMatchObject({ state: 'failed', attempts: [] });
});

test('an execution that is redriven after that is told that its attempt is not wanted, and fails nothing twice', async () => {
  const { deps, stopped } = await aStoppedAndAnother();
  await withSlot(deps);
  await tell(deps, review);
  deps.machines.ends.clear();
  await tell(deps, askOf(stopped.jobId, 1, 'redriven'));
  const told = deps.machines.answers.get('redriven');
  expect(told).toMatchObject({ kind: 'failure', cause: expect.stringContaining('[job-cancelled]') });
  const failure = { Error: 'Conflict', Cause: told?.kind === 'failure' ? told.cause : '' };
  await failJob.run({ jobId: stopped.jobId, attempt: 1, failure }, deps);
  expect((await stfNow(deps, stopped.stfId)).failure?.code).toBe('execution-stopped');
  expect((await runProgress(deps.store, runId))?.failed).toBe(1);
});

test('while the engine does not answer, nothing is decided; once it does, the place is given back', async () => {
  const { deps, stopped } = await aStoppedAndAnother();
  await withSlot(deps);
  deps.machines.isAway = true;
  expect(await tell(deps, review)).toEqual(['item-0']);
  expect(await answerTokens.run({}, deps)).toEqual({ answered: 0, failed: 1 });
  expect(await jobNow(deps, stopped.jobId)).toMatchObject({ state: 'assigned' });
  deps.machines.isAway = false;
  expect(await answerTokens.run({}, deps)).toEqual({ answered: 1, failed: 0 });
  expect(await jobNow(deps, stopped.jobId)).toMatchObject({ state: 'failed' });
});

test.each(everyDeath(5))(
  'killed $moment effect $step, the place is given back once and the next one gets it',
  async (death) => {
    const { deps, stopped, other } = await aStoppedAndAnother();
    await withSlot(deps);
    const { deps: dying } = dyingAt(deps, death.step, death.moment);
    await tell(dying, review).catch(() => undefined);
    const { deps: second } = dyingAt({ ...deps, store: { ...deps.store } }, 100, 'before');
    await tell(second, askOf(other.jobId, 2));
    await answerTokens.run({}, second);
    await deliver(second);
    expect(await jobNow(deps, stopped.jobId)).toMatchObject({ state: 'failed', errorCode: 'execution-stopped' });
    expect((await jobs.need(deps.store, other.jobId)).doc).toMatchObject({ state: 'assigned' });
    expect((await runProgress(deps.store, runId))?.failed).toBe(1);
    expect((await eventTypes(deps)).filter((type) => type === 'job.failed')).toHaveLength(1);
  },
);

test('a job whose execution gave up while it waited asks for no place any more, and one that had one gives it back', async () => {
  const deps = aDeps();
  const [late, held] = [await anStf(deps, 1), await anStf(deps, 2)];
  const failure = { Error: 'States.Timeout', Cause: '' };
  await tell(deps, askOf(late.jobId, 1));
  await failJob.run({ jobId: late.jobId, attempt: 1, failure }, deps);
  await withSlot(deps);
  await deliver(deps);
  expect(await jobNow(deps, late.jobId)).toMatchObject({ state: 'failed' });
  await tell(deps, askOf(held.jobId, 2));
  expect(await jobNow(deps, held.jobId)).toMatchObject({ state: 'assigned' });
  await failJob.run({ jobId: held.jobId, attempt: 1, failure }, deps);
  await deliver(deps);
  const { jobId } = await anStf(deps, 3);
  await tell(deps, askOf(jobId, 3));
  expect(placeOf(deps, 'ask-3').jobId).toBe(jobId);
});
