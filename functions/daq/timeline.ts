import type { LifecycleType, Remark } from '#schema/daq-lifecycle';
import { Observation, type StatePair, type TimelineStep } from '#schema/detector-state';
import type { Run } from '#schema/run';
import { clockAhead } from './clock.ts';
import { compareText } from './order.ts';
import { decide, isLegalPair, unknownSubstate } from './transitions.ts';

type Phase = Run['phase'];

/** Which lifecycle message may come in which phase, and the phase it leads to. `unknown`: nothing was seen yet. */
export const nextPhase: Readonly<Record<LifecycleType, Readonly<Partial<Record<Phase, Phase>>>>> = {
  run_imminent: { unknown: 'imminent' },
  start_run: { unknown: 'physics', imminent: 'physics' },
  pause_run: { unknown: 'standby', physics: 'standby' },
  resume_run: { unknown: 'physics', standby: 'physics' },
  end_run: { unknown: 'ended', imminent: 'ended', physics: 'ended', standby: 'ended' },
};

/** The state that a message implies where it carries no stamp. */
const impliedPair: Readonly<Record<LifecycleType, StatePair>> = {
  run_imminent: { state: 'beam', substate: 'not_ready' },
  start_run: { state: 'run', substate: 'physics' },
  pause_run: { state: 'run', substate: 'standby' },
  resume_run: { state: 'run', substate: 'physics' },
  end_run: { state: 'beam', substate: 'not_ready' },
};

const rank: Readonly<Record<LifecycleType, number>> = {
  run_imminent: 0,
  start_run: 1,
  pause_run: 2,
  resume_run: 3,
  end_run: 4,
};

/** What puts messages in the DAQ's own order. */
export type Placed = Pick<Observation, 'stampedAt' | 'order' | 'type' | 'messageId'>;

/** By the DAQ's stamp, then its own order, then the order of a run's life, then the message: a total order. */
export const inDaqOrder = (a: Placed, b: Placed): number =>
  compareText(a.stampedAt, b.stampedAt) ||
  a.order - b.order ||
  rank[a.type] - rank[b.type] ||
  compareText(a.messageId, b.messageId);

/**
 * Judges a set of lifecycle messages in the DAQ's own order, so that any order of arrival gives the same steps:
 * steps(observations) is a function of the set. Cost O(n log n). An illegal step changes nothing.
 */
export const judge = (observations: readonly Observation[]): TimelineStep[] => {
  // What an earlier judgement said of a message is no part of it.
  const distinct = new Map(observations.map((one) => [one.messageId, Observation.parse(one)]));
  let phase: Phase = 'unknown';
  let current: StatePair | undefined;
  let order = 0;
  return [...distinct.values()].sort(inDaqOrder).map((observation) => {
    const to = observation.pair ?? impliedPair[observation.type];
    const after: Phase | undefined = nextPhase[observation.type][phase];
    const broken = brokenBy(observation, phase, after, current, to);
    const from = current === undefined ? {} : { from: current };
    const said = { ...observation, ...from };
    if (broken !== undefined) return { ...said, isLegal: false, ...broken };
    const isBack = observation.order > 0 && observation.order < order;
    phase = after ?? phase;
    current = to;
    order = Math.max(order, observation.order);
    return { ...said, to, isLegal: true, ...(isBack ? { isClockBack: true } : {}) };
  });
};

const brokenBy = (
  observation: Observation,
  phase: Phase,
  after: Phase | undefined,
  from: StatePair | undefined,
  to: StatePair,
): Remark | undefined => {
  if (after === undefined) return outOfPhase(observation.type, phase);
  if (!from) return isLegalPair(to) ? undefined : unknownSubstate(to);
  const verdict = decide(from, to);
  return verdict.isLegal ? undefined : { rule: verdict.rule, reason: verdict.reason };
};

const outOfPhase = (type: LifecycleType, phase: Phase): Remark => {
  const isRestart = phase === 'ended' && (type === 'run_imminent' || type === 'start_run');
  return {
    rule: isRestart ? 'run-restarted' : 'lifecycle-out-of-phase',
    reason: `${type} does not follow phase ${phase}`,
  };
};

/** All rules that a step breaks; what makes it illegal, or what is odd about a legal one. */
export const remarksOn = (step: TimelineStep): Remark[] => {
  const { rule, reason, remarks = [], stampedAt, receivedAt, order } = step;
  const illegal = rule === undefined || reason === undefined ? [] : [{ rule, reason }];
  const back = step.isClockBack
    ? [{ rule: 'clock-back', reason: `stamped ${stampedAt}, though the DAQ counts it as ${order}, before others` }]
    : [];
  return [...illegal, ...back, ...clockAhead(stampedAt, receivedAt), ...remarks];
};

/** The run as its legal steps tell it. */
export const runOf = (id: string, run: number, steps: readonly TimelineStep[]): Run => {
  const legal = steps.filter((step) => step.isLegal);
  const last = legal.at(-1);
  const started = legal.find((step) => step.type === 'start_run');
  const ended = legal.find((step) => step.type === 'end_run');
  const conditions = legal.findLast((step) => step.conditions !== undefined)?.conditions;
  const restarts = steps.filter((step) => step.rule === 'run-restarted').length;
  return {
    id,
    run,
    phase: phaseAfter(legal),
    ...(last?.to === undefined ? {} : { pair: last.to }),
    ...(started === undefined ? {} : { startedAt: started.stampedAt }),
    ...(ended === undefined ? {} : { endedAt: ended.stampedAt }),
    ...(ended?.totalStfs === undefined ? {} : { totalStfs: ended.totalStfs }),
    ...(conditions === undefined ? {} : { conditions }),
    ...(restarts === 0 ? {} : { restarts }),
  };
};

/** The phase that legal steps lead to. */
export const phaseAfter = (legal: readonly TimelineStep[]): Phase =>
  legal.reduce<Phase>((before, step) => nextPhase[step.type][before] ?? before, 'unknown');
