import { fileOf, type Refusal, standingOf } from '#lib/archived-copy';
import { change, commit } from '#lib/change';
import type { Deps } from '#lib/deps';
import { PapilioError } from '#lib/errors';
import { type BatchItem, defineBatchFunction, eachItem } from '#lib/function';
import { counts, wantsPlace } from '#lib/model/job-life';
import { answerRow } from '#lib/outbox';
import { readProcessing } from '#lib/processing';
import { explains, facilities, jobs, type OutboxRow, outbox, placements, type Stored } from '#lib/records';
import { releasePlace } from '#lib/release-place';
import { workForToken } from '#lib/token-work';
import { BrokerMessage, type PlacementAsk } from '#schema/assignment';
import type { Job, Place } from '#schema/job';
import { choose, type Decision, queueKey } from './choose.ts';
import { priorityOf } from './policy.ts';
import { type BrokerState, type Judgement, placesOf, type Sites, untoldIn, type Waiting } from './waiting.ts';

const name = 'assign-jobs';

const states = new WeakMap<object, Promise<BrokerState>>();

/**
 * The broker: sees all that waits and all facilities, decides in a pure function, writes assignment, explain record and
 * outbox row in one transaction, then answers the token. While processing is suspended it places nothing and says so. A job
 * that reads an STF is placed when the archive has a copy of it. A single writer: its queue is read by one at a time.
 * @see 1.5 3.2
 */
export const assignJobs = defineBatchFunction({
  name,
  effect: 'named',
  input: BrokerMessage,
  runBatch: async (items, deps) => {
    const state = await stateOf(deps);
    const failed = await eachItem(items, name, deps, (item) => take(item, state, deps));
    const isPlaced = await placeAll(state, deps);
    const isWhole = (await seekFiles(state, deps)) ? (await placeAll(state, deps)) && isPlaced : isPlaced;
    // The failed items of this batch bring the broker back to a placement that failed.
    return isWhole ? failed : items.map((item) => item.itemId);
  },
});

/** Places what can be placed and saves the rest; false if some of it failed. */
const placeAll = async (state: BrokerState, deps: Deps): Promise<boolean> => {
  const [processing, sites] = await Promise.all([readProcessing(deps), readSites(deps)]);
  const decisions = processing.hold === undefined ? decide(state, sites) : [];
  const chosen = decisions.filter((decision) => decision.chosen);
  const refused = await eachItem(byJob(chosen), name, deps, ({ decision }) => assign(decision, sites, state, deps));
  // What found no place must be durable before its message goes; what did never waits for that.
  const unsaved = [...state.waiting.values()].filter((waiting) => !waiting.isSaved);
  const lost = await eachItem(unsaved.map(withJobId), name, deps, (waiting) => save(waiting, state, deps));
  await explainWaiting({ processing, sites, decisions, decidedAt: deps.now() }, state, deps);
  return refused.length + lost.length === 0;
};

/** Records under a job's own id why it waits, where that has changed. */
const explainWaiting = async (judgement: Judgement, state: BrokerState, deps: Deps): Promise<void> => {
  const untold = untoldIn(state.waiting.values(), judgement);
  await explains.putMany(
    deps.store,
    untold.map(({ explain }) => [explain.jobId, explain]),
  );
  for (const { waiting } of untold) state.waiting.set(waiting.doc.jobId, waiting);
};

/** Looks for the files of requests that were saved just now; returns whether some job may be placed by that. */
const seekFiles = async (state: BrokerState, deps: Deps): Promise<boolean> => {
  let isAny = false;
  for (const jobId of [...state.unseen]) {
    isAny = (await settleFile(jobId, state, deps)) || isAny;
    state.unseen.delete(jobId);
  }
  return isAny;
};

/** Looks for the file that a job awaits; true if it is archived. One that could not be archived ends the job's wait. */
const settleFile = async (jobId: string, state: BrokerState, deps: Deps): Promise<boolean> => {
  const waiting = state.waiting.get(jobId);
  const file = waiting?.doc.file;
  if (!waiting || !file?.isAwaited) return false;
  const standing = await standingOf(file, deps);
  if (standing.kind === 'awaited') return false;
  if (standing.kind === 'failed') await refuse(waiting, standing.error, state, deps);
  else state.waiting.set(jobId, { ...waiting, doc: { ...waiting.doc, file: { ...file, isAwaited: false } } });
  return standing.kind === 'archived';
};

/** All facilities as they are now: an index may lag, and a drained one must not get work. */
const readSites = async ({ store }: Deps): Promise<Sites> => {
  const { items } = await facilities.list(store, 'i1', 'facilities', { limit: 1000 });
  const found = await facilities.getMany(
    store,
    items.map(({ doc }) => doc.id),
  );
  return found.flatMap((site) => site ?? []);
};

const decide = (state: BrokerState, sites: Sites): Decision[] => {
  const requests = [...state.waiting.values()].flatMap(({ doc }) => (doc.file?.isAwaited ? [] : [doc]));
  return choose(requests, viewsOf(state, sites));
};

const byJob = (decisions: readonly Decision[]) =>
  decisions.map((decision) => ({ itemId: decision.request.jobId, decision }));
const withJobId = (waiting: Waiting) => ({ itemId: waiting.doc.jobId, ...waiting });

const save = async ({ doc, version }: Waiting, state: BrokerState, deps: Deps): Promise<void> => {
  await commit(deps, [], [placements.put(doc.jobId, doc, version)]);
  state.waiting.set(doc.jobId, { doc, version: version + 1, isSaved: true });
};

const stateOf = (deps: Deps): Promise<BrokerState> => {
  const known = states.get(deps.store);
  if (known !== undefined) return known;
  const loading = load(deps);
  states.set(deps.store, loading);
  loading.catch(() => states.delete(deps.store));
  return loading;
};

const load = async (deps: Deps): Promise<BrokerState> => {
  const state: BrokerState = { placed: new Map(), waiting: new Map(), unseen: new Set() };
  for await (const { doc } of jobs.every(deps.store, 'i2', 'open-jobs')) {
    if (doc.place) state.placed.set(doc.id, queueKey(doc.place.facility, doc.place.queue));
  }
  for await (const waiting of placements.every(deps.store, 'i1', 'placements')) {
    state.waiting.set(waiting.doc.jobId, { ...waiting, isSaved: true });
    if (waiting.doc.file?.isAwaited) state.unseen.add(waiting.doc.jobId);
  }
  return state;
};

/** Takes one message: a slot that came free, a request, a file that was archived, or that all is to be looked at again. */
const take = async ({ input }: BatchItem<BrokerMessage>, state: BrokerState, deps: Deps): Promise<void> => {
  if (input.kind === 'review') return;
  if (input.kind === 'file') {
    await settleFile(input.jobId, state, deps);
    return;
  }
  if (input.kind === 'place') return workForToken(input.token, deps, () => ask(input, state, deps));
  const job = await jobs.get(deps.store, input.jobId);
  if (!job?.doc.place) state.placed.delete(input.jobId);
  const waiting = state.waiting.get(input.jobId);
  if (job && waiting && !wantsPlace(job.doc, waiting.doc.attempt)) await withdraw(waiting, state, deps);
};

/** Tells who waits for a place that none is wanted any more. */
const withdraw = (waiting: Waiting, state: BrokerState, deps: Deps): Promise<void> => {
  const { attempt, jobId } = waiting.doc;
  const error = new PapilioError('job-cancelled', `attempt ${attempt} of ${jobId} is not wanted any more`);
  return refuse(waiting, error, state, deps);
};

/** Answers a request with an error, then forgets it: a kill in between repeats it. */
const refuse = async (
  { doc, version, isSaved }: Waiting,
  error: Refusal,
  state: BrokerState,
  deps: Deps,
): Promise<void> => {
  await deps.machines.fail(doc.token, error.name, error.message);
  if (isSaved) await commit(deps, [], [placements.delete(doc.jobId, version)]);
  if (state.waiting.get(doc.jobId)?.doc.token === doc.token) state.waiting.delete(doc.jobId);
};

const ask = async (input: PlacementAsk, state: BrokerState, deps: Deps): Promise<void> => {
  const job = await jobs.need(deps.store, input.jobId);
  const unwanted = `attempt ${input.attempt} of ${input.jobId} is not wanted any more`;
  if (!counts(job.doc, input.attempt)) throw new PapilioError('job-cancelled', unwanted);
  const places = placesOf(job.doc);
  const place = places.find(({ attempt }) => attempt === input.attempt);
  // A repeat of a request that was answered, or whose answer is on its way; or of an execution whose like was lost: the same again.
  if (place) return sayAgain(place, input, deps);
  if (places.some(({ attempt }) => attempt > input.attempt)) return;
  if (!wantsPlace(job.doc, input.attempt)) throw new PapilioError('job-cancelled', unwanted);
  const [known, file] = await Promise.all([placements.get(deps.store, input.jobId), fileOf(job.doc, deps)]);
  const { resources, task } = job.doc;
  state.waiting.set(input.jobId, {
    doc: { ...input, resources, priority: priorityOf(task), ...(file === undefined ? {} : { file }) },
    version: known?.version ?? 0,
    isSaved: known?.doc.token === input.token,
  });
  if (file?.isAwaited) state.unseen.add(input.jobId);
};

const sayAgain = async (place: Place, { token, executionId }: PlacementAsk, deps: Deps): Promise<void> => {
  const outcome = await deps.machines.succeed(token, place);
  if (outcome === 'gone') await releasePlace({ place, executionId }, name, deps);
};

const viewsOf = (state: BrokerState, sites: Sites) => {
  const used = new Map<string, number>();
  for (const key of state.placed.values()) used.set(key, (used.get(key) ?? 0) + 1);
  return sites.flatMap(({ doc: facility }) =>
    facility.queues.map((queue) => ({ facility, queue, used: used.get(queueKey(facility.name, queue.name)) ?? 0 })),
  );
};

const assign = async (decision: Decision, sites: Sites, state: BrokerState, deps: Deps): Promise<void> => {
  const { request, chosen, considered } = decision;
  if (!chosen) return;
  const job = await jobs.need(deps.store, request.jobId);
  const waiting = state.waiting.get(request.jobId);
  if (waiting && !wantsPlace(job.doc, request.attempt)) return withdraw(waiting, state, deps);
  const attemptId = deps.ids.attempt(request.jobId, request.attempt);
  const place: Place = {
    jobId: request.jobId,
    attemptId,
    attempt: request.attempt,
    bundleId: deps.ids.bundleOf(attemptId),
    facility: chosen.facility.name,
    queue: chosen.queue.name,
  };
  const row: OutboxRow = {
    id: deps.ids.of('outbox', attemptId),
    token: request.token,
    ...(request.executionId === undefined ? {} : { executionId: request.executionId }),
    answer: { kind: 'success', output: place },
  };
  const site = sites.find(({ doc }) => doc.id === chosen.facility.id);
  await write(job, place, row, { request, considered, site }, state, deps);
  state.waiting.delete(request.jobId);
  state.placed.set(request.jobId, queueKey(place.facility, place.queue));
  await answerRow({ doc: row, version: 1 }, name, deps);
};

const write = (
  job: Stored<Job>,
  place: Place,
  row: OutboxRow,
  {
    request,
    considered,
    site,
  }: Pick<Decision, 'request' | 'considered'> & { readonly site: Sites[number] | undefined },
  state: BrokerState,
  deps: Deps,
): Promise<void> => {
  const explain = {
    jobId: place.jobId,
    attempt: place.attempt,
    decidedAt: deps.now(),
    chosen: queueKey(place.facility, place.queue),
    considered: [...considered],
  };
  const assigned: Job = { ...job.doc, state: 'assigned', place };
  const { jobId: _, ...facts } = place;
  const event = { type: 'job.assigned', by: name, data: { ...facts, requestedAt: request.requestedAt } };
  const saved = state.waiting.get(place.jobId)?.version ?? 0;
  return commit(
    deps,
    [change(deps, place.jobId, jobs.put(place.jobId, assigned, job.version), event)],
    [
      explains.put(place.attemptId, explain, 0),
      outbox.put(row.id, row, 0),
      // Drained since it was looked at: decided anew.
      ...(site ? [facilities.check(site.doc.id, site.version)] : []),
      ...(saved === 0 ? [] : [placements.delete(place.jobId, saved)]),
    ],
  );
};
