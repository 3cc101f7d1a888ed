import * as z from 'zod';
import { type Change, change, commit, untilNoConflict } from '#lib/change';
import type { Deps } from '#lib/deps';
import { defineFunction } from '#lib/function';
import { runKey, stfKey } from '#lib/model/ids';
import { holdMessage, quarantineId, quarantineMessage, releaseMessage } from '#lib/quarantine';
import { quarantines, runs, timelines } from '#lib/records';
import { DaqMessage, type LifecycleFact, type StfFact } from '#schema/daq-message';
import type { Observation, TimelineStep } from '#schema/detector-state';
import { judge, runOf } from './timeline.ts';
import { isLegalPair } from './transitions.ts';

const name = 'accept-daq-message';
const rule = 'state-transition-illegal';
/** A store's transaction has at most 99 writes, the run and its timeline among them. */
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
  const { state, substate } = fact;
  if (state && substate && !isLegalPair({ state, substate })) {
    await quarantineMessage(
      message,
      { code: rule, reason: `${fact.name} is stamped ${state}/${substate}: ${state} has no substate ${substate}` },
      name,
      deps,
    );
  }
  const { raw: _, ...facts } = message;
  await deps.machines.start('process-stf', deps.ids.exec(`stf-${stfKey(fact.run, fact.sequence)}-p1`), {
    message: facts,
  });
};

const acceptLifecycle = async (message: DaqMessage, fact: LifecycleFact, deps: Deps): Promise<void> => {
  const runId = deps.ids.run(fact.run);
  const ended = await untilNoConflict(() => observe(message, fact, runId, deps));
  if (!ended) return;
  const input = { runId, run: fact.run, closeS: deps.config.PAPILIO_RUN_CLOSE_S };
  await deps.machines.start('merge-run', deps.ids.exec(`run-${runKey(fact.run)}-p1`), input);
};

/** Puts a lifecycle message in its place in the run's timeline; returns whether the run has ended. */
const observe = async (message: DaqMessage, fact: LifecycleFact, runId: string, deps: Deps): Promise<boolean> => {
  const [timeline, run] = await Promise.all([timelines.get(deps.store, runId), runs.get(deps.store, runId)]);
  const before = timeline?.doc.steps ?? [];
  if (before.some((step) => step.messageId === message.id)) return run?.doc.phase === 'ended';
  const observation = observationOf(message, fact);
  if (isFull(before, observation)) {
    const reason = `the timeline of run ${fact.run} is full with ${before.length} messages`;
    await quarantineMessage(message, { code: rule, reason }, name, deps);
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
  // Those beyond one transaction go first: after a kill they are written again and say the same.
  for (let first = judgementsPerCommit; first < judged.length; first += judgementsPerCommit)
    await commit(deps, judged.slice(first, first + judgementsPerCommit));
  await commit(
    deps,
    [changed, ...judged.slice(0, judgementsPerCommit)],
    [timelines.put(runId, { runId, steps }, timeline?.version ?? 0)],
  );
  return after.phase === 'ended';
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
  raw: message.raw,
  receivedAt: message.receivedAt,
});

/** What a new message makes illegal goes to quarantine, what it makes legal leaves it: the same for any order of arrival. */
const judgementsOf = async (
  message: DaqMessage,
  fact: LifecycleFact,
  before: readonly TimelineStep[],
  after: readonly TimelineStep[],
  deps: Deps,
): Promise<Change[]> => {
  const wasLegal = new Map(before.map((step) => [step.messageId, step.isLegal]));
  const turned = after.filter((step) => step.isLegal !== (wasLegal.get(step.messageId) ?? true));
  const changes = turned.map((step) =>
    step.isLegal ? releaseMessage(step.messageId, message.id, name, deps) : hold(step, fact.run, deps),
  );
  return (await Promise.all(changes)).flat();
};

const hold = async (step: TimelineStep, run: number, deps: Deps): Promise<Change[]> => {
  const held = await quarantines.get(deps.store, quarantineId({ id: step.messageId }, deps));
  const { messageId: id, receivedAt, raw, reason = step.type } = step;
  const message = { id, receivedAt, raw, about: { run } };
  return [holdMessage(message, { code: rule, reason }, name, deps, held?.version ?? 0)];
};
