import { mergeInputsOf } from '#lib/merge-manifest';
import { jobs, outputs, stfs } from '#lib/records';
import { runProgress } from '#lib/run-progress';
import type { Event } from '#schema/event';
import type { Output } from '#schema/output';
import type { HouseInMemory } from './a-house-in-memory.ts';
import { mergedTextOf } from './memory-house-payloads.ts';
import { type MergeStory, playMergeStory } from './merge-story.ts';

/** What a story came to. */
export type MergeEnding = {
  /** Laws that were broken, in words; empty if none was. */
  readonly broken: readonly string[];
  /** The merged outputs that were registered, in order: each `partial` or `whole`. */
  readonly registered: readonly string[];
};

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

/** The names of the STFs in a merge. */
const heldBy = async ({ planes: { work } }: HouseInMemory, output: Output): Promise<ReadonlySet<string>> => {
  const job = (await jobs.need(work.deps.store, output.provenance.jobId)).doc;
  const held = new Set<string>();
  for await (const { id } of mergeInputsOf(job, work.deps)) {
    const hits = await outputs.need(work.deps.store, id);
    held.add(hits.doc.stfId ?? '');
  }
  return held;
};

/** State of the run at an event of the log. */
type RunState = {
  readonly catalogued: Set<string>;
  readonly openMerges: Set<string>;
  total: number;
  readonly broken: string[];
  readonly registered: string[];
};

const onMergeRegistered = async (house: HouseInMemory, { subject, data }: Event, state: RunState): Promise<void> => {
  const { isPartial } = recordOf(data.merge);
  state.registered.push(isPartial ? 'partial' : 'whole');
  if (isPartial) return;
  const held = await heldBy(house, (await outputs.need(house.planes.work.deps.store, subject)).doc);
  const lacking = [...state.catalogued].filter((id) => !held.has(id));
  if (lacking.length > 0) state.broken.push(`${subject} is not marked and lacks ${lacking}`);
  if (held.size < state.total) state.broken.push(`${subject} is not marked and holds ${held.size} of ${state.total}`);
};

const onMergePlanned = ({ subject }: Event, { openMerges, broken }: RunState): void => {
  if (openMerges.size > 0) broken.push(`${subject} is planned while ${[...openMerges]} is open`);
  openMerges.add(subject);
};

const onEvent = async (house: HouseInMemory, event: Event, state: RunState): Promise<void> => {
  const { type, subject, data } = event;
  if (type === 'stf.catalogued') state.catalogued.add(subject);
  if (type === 'run.changed') state.total = Number(data.totalStfs ?? state.total);
  if (type === 'job.settled' || type === 'job.failed') state.openMerges.delete(subject);
  if (type === 'job.created' && data.task === 'run-merge') onMergePlanned(event, state);
  if (type === 'output.registered' && data.merge !== undefined) await onMergeRegistered(house, event, state);
};

/**
 * At any instant of the log: a merged output that is registered without the mark has every STF that is catalogued by then,
 * and as many as `end_run` gave; and no pass is planned before the one before it has ended.
 */
const lawsOfTheLog = async (house: HouseInMemory, events: readonly Event[]): Promise<RunState> => {
  const state: RunState = { catalogued: new Set(), openMerges: new Set(), total: 0, broken: [], registered: [] };
  for (const event of events) await onEvent(house, event, state);
  return state;
};

/**
 * At the end: the merge that is current holds what one process over the files of all STFs that are processed would leave,
 * and is marked if those are not all of the run; every other is superseded.
 */
const lawsOfTheEnd = async (house: HouseInMemory, story: MergeStory): Promise<string[]> => {
  const { store, outputs: objects, ids } = house.planes.work.deps;
  const runId = ids.run(story.run);
  const all = (await stfs.list(store, 'i1', `${runId}#stfs`, { limit: 1000 })).items.map(({ doc }) => doc);
  const processed = new Set(all.filter(({ processing }) => processing === 'processed').map(({ name }) => name));
  const able = story.stfs.filter(({ fate }) => fate !== 'lost' && fate !== 'failing').map(({ name }) => name);
  const broken = able.filter((name) => !processed.has(name)).map((name) => `${name} is not processed`);
  const merge = (await runProgress(store, runId))?.merge;
  const listed = (await outputs.list(store, 'i1', `${runId}#outputs`, { limit: 1000 })).items.map(({ doc }) => doc);
  const current = listed.filter(({ stfId }) => stfId === undefined);
  if (processed.size === 0) return current.length === 0 ? broken : [...broken, 'a merge of nothing'];
  const [only] = current;
  if (only === undefined || current.length > 1) return [...broken, `${current.length} merges are current`];
  if (only.id !== merge?.outputId) broken.push(`${only.id} is listed, ${merge?.outputId} is current`);
  const files = story.stfs.filter(({ name }) => processed.has(name)).map(({ name, bytes }) => [name, bytes] as const);
  const found = Buffer.from(await objects.read(only.objectKey)).toString();
  if (found !== mergedTextOf(new Map(files))) broken.push(`${only.id} holds ${found}`);
  const expected = Math.max(story.total ?? 0, all.length);
  if (only.merge?.isPartial !== processed.size < expected) broken.push(`${only.id}: ${JSON.stringify(only.merge)}`);
  return broken;
};

/** Plays a story and finds the laws of merging that it breaks. */
export const endingOf = async (story: MergeStory): Promise<MergeEnding> => {
  using house = await playMergeStory(story);
  const log = await lawsOfTheLog(house, await house.planes.work.events());
  const dead = house.planes.archive.deadLetters() + house.planes.work.deadLetters();
  const broken = [...log.broken, ...(await lawsOfTheEnd(house, story)), ...(dead > 0 ? [`${dead} dead letters`] : [])];
  return { broken, registered: log.registered };
};
