import * as z from 'zod';
import { type Change, change, commit, untilNoConflict } from '#lib/change';
import type { Deps } from '#lib/deps';
import { followFacet, type Revising, readFacet } from '#lib/facet';
import { defineFunction } from '#lib/function';
import { runKey, stfKey } from '#lib/model/ids';
import { startMergePass } from '#lib/next-merge';
import { holdMessage, quarantineId, quarantineMessage, releaseMessage } from '#lib/quarantine';
import { quarantines, recentRuns, runs, sightings, timelines } from '#lib/records';
import type { Remark } from '#schema/daq-lifecycle';
import { DaqMessage, type LifecycleFact, type StfFact } from '#schema/daq-message';
import type { Observation, TimelineStep } from '#schema/detector-state';
import type { FacetName } from '#schema/facet';
import type { RunLine, Standing } from '#schema/recent-runs';
import type { Sighting } from '#schema/sighting';
import { clockAhead } from './clock.ts';
import { lineOf, withRun } from './recent-runs.ts';
import { problemOf } from './rules.ts';
import { see, standing } from './sightings.ts';
import { judge, remarksOn, runOf } from './timeline.ts';
import { isLegalPair, pairText, unknownSubstate } from './transitions.ts';

const name = 'accept-daq-message';
/** A store's transaction has at most 99 writes; the run, its timeline and the facets take eight. */
const judgementsPerCommit = 90;
/** What a timeline may hold: its record has at most 400 kB. A run says some five things in its life. */
const timelineMax = { steps: 500, bytes: 300_000 };

/** Turns the DAQ's messages into work: lifecycle into the run's record, an STF into its execution. @see 3.3 4.2 */
export const acceptDaqMessage = defineFunction({
  name,
  effect: 'named',
  input: DaqMessage,
  output: z.object({}),
  run: async (message, deps) => {
    const { fact } = message;
    if (!fact || fact.type === 'other') return {};
    if (fact.type === 'stf_gen') await acceptStf(message, fact, deps);
    else await acceptLifecycle(message, fact, deps);
    return {};
  },
});

/** A state stamp on an STF is an observation, never a transition: a wrong one is held, the STF goes on. */
const acceptStf = async (message: DaqMessage, fact: StfFact, deps: Deps): Promise<void> => {
  const { raw: _, ...facts } = message;
  await deps.machines.start('process-stf', deps.ids.exec(`stf-${stfKey(fact.run, fact.sequence)}-p1`), {
    message: facts,
  });
  await untilNoConflict(() => sight(message, fact, deps));
};

/** Holds what is odd about an STF's message, and revises what is observed of the detector if the STF shows a change. */
const sight = async (message: DaqMessage, fact: StfFact, deps: Deps): Promise<void> => {
  const odd = oddOf(fact, message.receivedAt);
  const id = deps.ids.of('recent', 'sightings');
  const sighting = odd.length === 0 ? sightingOf(message, fact, deps) : undefined;
  const before = sighting && (await sightings.get(deps.store, id));
  const seen = sighting && see(before?.doc ?? { latest: [] }, sighting);
  const back = seen?.isClockBack ? [clockBack(fact)] : [];
  const problem = problemOf([...odd, ...back, ...(fact.remarks ?? [])]);
  if (problem) await quarantineMessage(message, problem, name, deps);
  if (!seen) return;
  const since = standing(seen.sightings);
  const observed = since ? await follow('observed', standingOf(since), deps) : nothing;
  await commit(deps, observed.changes, [sightings.put(id, seen.sightings, before?.version ?? 0), ...observed.writes]);
};

/** Why an STF is no evidence of the detector's state. */
const oddOf = ({ state, substate, stampedAt }: StfFact, receivedAt: string): Remark[] => {
  const isWrong = state && substate && !isLegalPair({ state, substate });
  return [...(isWrong ? [unknownSubstate({ state, substate })] : []), ...clockAhead(stampedAt, receivedAt)];
};

const clockBack = ({ run, stampedAt }: StfFact): Remark => ({
  rule: 'clock-back',
  reason: `stamped ${stampedAt}, long before earlier STFs of run ${run}`,
});

const sightingOf = ({ id, receivedAt }: DaqMessage, fact: StfFact, deps: Deps): Sighting | undefined => {
  const { run, sequence, stampedAt, state, substate } = fact;
  if (!state || !substate) return undefined;
  const value = pairText({ state, substate });
  return { value, run, sequence, stampedAt, runId: deps.ids.run(run), messageId: id, receivedAt };
};

const standingOf = ({ value, run, sequence, stampedAt, messageId, receivedAt, runId }: Sighting): Told => ({
  value,
  runId,
  eventAt: stampedAt,
  receivedAt,
  reason: `seen on STF ${sequence} of run ${run}`,
  confidence: 'observed',
  messageId,
});

const nothing: Revising = { changes: [], writes: [] };

/** What is known to stand, and of which run. */
type Told = Standing & Pick<RunLine, 'runId' | 'configuration'>;

/** What brings a facet to what is known to stand. */
const follow = async (facet: FacetName, told: Told, deps: Deps): Promise<Revising> => {
  const { value, eventAt, receivedAt, reason, confidence, messageId, runId, configuration } = told;
  const owner = facet === 'observed' ? 'stream' : 'daq';
  const facts = { value, eventAt, receivedAt, reason, confidence, runId, causeId: messageId, actor: name };
  const next = { facet, owner, ...facts, ...(configuration === undefined ? {} : { configuration }) } as const;
  return followFacet(deps, await readFacet(facet, deps), next);
};

const acceptLifecycle = async (message: DaqMessage, fact: LifecycleFact, deps: Deps): Promise<void> => {
  const runId = deps.ids.run(fact.run);
  const ended = await untilNoConflict(() => observe(message, fact, runId, deps));
  if (fact.type === 'run_imminent')
    await deps.machines.start('prepare-run', deps.ids.exec(`prepare-${runKey(fact.run)}`), { runId, run: fact.run });
  if (ended) await startMergePass({ id: runId, run: fact.run }, 1, deps);
};

/** Puts a lifecycle message in its place in the run's timeline; returns whether the run has ended. */
const observe = async (message: DaqMessage, fact: LifecycleFact, runId: string, deps: Deps): Promise<boolean> => {
  const [timeline, run] = await Promise.all([timelines.get(deps.store, runId), runs.get(deps.store, runId)]);
  const before = timeline?.doc.steps ?? [];
  if (before.some((step) => step.messageId === message.id)) return run?.doc.phase === 'ended';
  const observation = observationOf(message, fact);
  if (isFull(before, observation)) {
    const reason = `the timeline of run ${fact.run} is full with ${before.length} messages`;
    const problem = problemOf([{ rule: 'timeline-full', reason }]);
    if (problem) await quarantineMessage(message, problem, name, deps);
    return run?.doc.phase === 'ended';
  }
  const steps = judge([...before, observation]);
  const after = runOf(runId, fact.run, steps);
  const { id: _, pair, ...facts } = after;
  const changed = change(deps, runId, runs.put(runId, after, run?.version ?? 0), {
    type: 'run.changed',
    cause: message.id,
    by: name,
    data: { ...facts, ...pair },
  });
  const judged = await judgementsOf(message, fact, before, steps, deps);
  const facets = await followRun(runId, fact.run, steps, deps);
  // Those beyond one transaction go first: after a kill they are written again and say the same.
  for (let first = judgementsPerCommit; first < judged.length; first += judgementsPerCommit)
    await commit(deps, judged.slice(first, first + judgementsPerCommit));
  await commit(
    deps,
    [changed, ...facets.changes, ...judged.slice(0, judgementsPerCommit)],
    [timelines.put(runId, { runId, steps }, timeline?.version ?? 0), ...facets.writes],
  );
  return after.phase === 'ended';
};

/** What DAQ tells of the detector and of the run now: of all runs that of which it spoke last, by its own stamps. */
const followRun = async (runId: string, run: number, steps: readonly TimelineStep[], deps: Deps): Promise<Revising> => {
  const id = deps.ids.of('recent', 'runs');
  const before = await recentRuns.get(deps.store, id);
  const after = withRun(before?.doc ?? { runs: [] }, runId, lineOf(runId, run, steps));
  const last = after.runs.at(-1);
  const told = last
    ? await Promise.all([
        follow('detector', { ...last, ...last.detector }, deps),
        follow('run-control', { ...last, ...last.runControl }, deps),
      ])
    : [];
  return {
    changes: told.flatMap(({ changes }) => changes),
    writes: [recentRuns.put(id, after, before?.version ?? 0), ...told.flatMap(({ writes }) => writes)],
  };
};

const isFull = (steps: readonly TimelineStep[], more: Observation): boolean =>
  steps.length >= timelineMax.steps || Buffer.byteLength(JSON.stringify([...steps, more])) > timelineMax.bytes;

const observationOf = (message: DaqMessage, fact: LifecycleFact): Observation => ({
  messageId: message.id,
  type: fact.type,
  stampedAt: fact.stampedAt,
  order: fact.order,
  ...(fact.state && fact.substate ? { pair: { state: fact.state, substate: fact.substate } } : {}),
  ...(fact.totalStfs === undefined ? {} : { totalStfs: fact.totalStfs }),
  ...(fact.conditions === undefined ? {} : { conditions: fact.conditions }),
  ...(fact.remarks === undefined ? {} : { remarks: fact.remarks }),
  raw: message.raw,
  receivedAt: message.receivedAt,
});

/**
 * What a new message makes illegal goes to quarantine, what it makes legal leaves it, and what breaks another rule now says
 * so: the same for any order of arrival.
 */
const judgementsOf = async (
  message: DaqMessage,
  fact: LifecycleFact,
  before: readonly TimelineStep[],
  after: readonly TimelineStep[],
  deps: Deps,
): Promise<Change[]> => {
  const said = new Map(before.map((step) => [step.messageId, problemOf(remarksOn(step))?.reason]));
  const turned = after.filter((step) => problemOf(remarksOn(step))?.reason !== said.get(step.messageId));
  return (await Promise.all(turned.map((step) => settle(step, message.id, fact.run, deps)))).flat();
};

const settle = async (step: TimelineStep, cause: string, run: number, deps: Deps): Promise<Change[]> => {
  const problem = problemOf(remarksOn(step));
  if (!problem) return releaseMessage(step.messageId, cause, name, deps);
  const held = await quarantines.get(deps.store, quarantineId({ id: step.messageId }, deps));
  // What a person settled, the same message does not bring up again.
  if (held?.doc.state === 'mended' || held?.doc.state === 'discarded') return [];
  const { messageId: id, receivedAt, raw } = step;
  const acts = held?.doc.acts ? { acts: held.doc.acts } : {};
  return [holdMessage({ id, receivedAt, raw, ...acts, about: { run } }, problem, name, deps, held?.version ?? 0)];
};
