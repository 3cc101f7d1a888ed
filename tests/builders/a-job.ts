import { commit } from '#lib/change';
import type { Deps } from '#lib/deps';
import { facilities, jobs } from '#lib/records';
import type { Facility, FacilityQueue } from '#schema/facility';
import { type Job, Place } from '#schema/job';
import { assignJobs } from '../../functions/brokerage/assign-jobs.fn.ts';
import { submitBundle } from '../../functions/facilities/submit-bundle.fn.ts';
import { settleJobs } from '../../functions/jobs/settle-jobs.fn.ts';
import type { TestDeps } from './a-deps.ts';
import { aCataloguedStf } from './a-stf.ts';

/** A job that waits: `aJob({ state: 'submitted' })`. */
export const aJob = (fields: Partial<Job> = {}): Job => ({
  id: 'test_job_bnl-1-00102363-00000001-p1',
  runId: 'test_run_00102363',
  stfId: 'test_stf_00102363-00000001',
  task: 'stf-hits',
  state: 'waiting',
  resources: { cores: 1, memoryMb: 1024, diskMb: 256, timeoutS: 300 },
  attempts: [],
  createdAt: '2026-01-01T00:00:00.000Z',
  ...fields,
});

/** A queue that is online and has room for a job of the stream. */
export const aQueueRecord = (fields: Partial<FacilityQueue> = {}): FacilityQueue => ({
  name: 'default',
  slots: 2,
  coresPerSlot: 1,
  memoryMbPerSlot: 2000,
  isOnline: true,
  ...fields,
});

/** A facility with one queue. */
export const aFacility = (name = 'local', fields: Partial<Facility> = {}): Facility => ({
  id: `test_facility_${name}`,
  name,
  kind: 'local',
  isOnline: true,
  queues: [aQueueRecord()],
  ...fields,
});

/** Writes a facility's record. */
export const withFacility = async (deps: Deps, facility = aFacility()): Promise<void> => {
  const known = await facilities.get(deps.store, facility.id);
  await commit(deps, [], [facilities.put(facility.id, facility, known?.version ?? 0)]);
};

/** Asks the broker for a place, as a state machine does. */
export const anAsk = (jobId: string, token = `ask-${jobId}`, attempt = 1) => ({
  kind: 'place' as const,
  token,
  jobId,
  attempt,
  requestedAt: '2026-01-01T00:00:02.000Z',
  avoid: [],
});

/** The place that the broker answered under a token. */
export const placeOf = (deps: TestDeps, token: string): Place => {
  const answer = deps.machines.answers.get(token);
  return Place.parse(answer?.kind === 'success' ? answer.output : undefined);
};

/** One item of a batch. */
export const anItem = <T>(input: T, itemId = 'item-1') => ({ itemId, input });

/** Takes the job of an STF to the state `assigned`. */
export const anAssignedJob = async (deps: TestDeps, sequence = 1, attempt = 1): Promise<Place> => {
  await withFacility(deps, aFacility('local', { queues: [aQueueRecord({ slots: 100 })] }));
  const { jobId } = await aCataloguedStf(deps, sequence);
  const token = `ask-${jobId}-${attempt}`;
  await assignJobs.runBatch([anItem(anAsk(jobId, token, attempt))], deps);
  return placeOf(deps, token);
};

/** Takes a job that waits to its facility. */
export const aHandedOverJob = async (deps: TestDeps, jobId: string): Promise<Place> => {
  await withFacility(deps, aFacility('local', { queues: [aQueueRecord({ slots: 100 })] }));
  await assignJobs.runBatch([anItem(anAsk(jobId))], deps);
  const place = placeOf(deps, `ask-${jobId}`);
  await submitBundle.runBatch([anItem({ token: `run-${place.attemptId}`, place })], deps);
  return place;
};

/** Takes the job of an STF to its facility, under the token `run-<attempt id>`. */
export const aSubmittedJob = async (deps: TestDeps, sequence = 1): Promise<Place> => {
  const place = await anAssignedJob(deps, sequence);
  await submitBundle.runBatch([anItem({ token: `run-${place.attemptId}`, place })], deps);
  return place;
};

/** Takes the job of an STF to a payload that ended well and was settled. */
export const aSettledJob = async (deps: TestDeps, sequence = 1): Promise<Place> => {
  const place = await aSubmittedJob(deps, sequence);
  deps.facility.finish(place.attemptId, {}, { 'out/hits.json': `{"sequence":${sequence}}` });
  await settleJobs.runBatch([anItem({ attemptId: place.attemptId })], deps);
  return place;
};

/** A job as it is now. */
export const jobNow = async (deps: Deps, jobId: string): Promise<Job> => (await jobs.need(deps.store, jobId)).doc;
