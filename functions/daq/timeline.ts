import type { Observation, StatePair, TimelineStep } from '#schema/detector-state';
import type { Run } from '#schema/run';
import { isLegalPair, whyIllegal } from './transitions.ts';

type Kind = Observation['type'];
type Phase = Run['phase'];

/** Which lifecycle message may come in which phase, and the phase it leads to. `unknown`: nothing was seen yet. */
const nextPhase: Readonly<Record<Kind, Readonly<Partial<Record<Phase, Phase>>>>> = {
  run_imminent: { unknown: 'imminent' },
  start_run: { unknown: 'physics', imminent: 'physics' },
  pause_run: { unknown: 'standby', physics: 'standby' },
  resume_run: { unknown: 'physics', standby: 'physics' },
  end_run: { unknown: 'ended', imminent: 'ended', physics: 'ended', standby: 'ended' },
};

/** The state that a message implies where it carries no stamp. */
const impliedPair: Readonly<Record<Kind, StatePair>> = {
  run_imminent: { state: 'beam', substate: 'not_ready' },
  start_run: { state: 'run', substate: 'physics' },
  pause_run: { state: 'run', substate: 'standby' },
  resume_run: { state: 'run', substate: 'physics' },
  end_run: { state: 'beam', substate: 'not_ready' },
};

const rank: Readonly<Record<Kind, number>> = { run_imminent: 0, start_run: 1, pause_run: 2, resume_run: 3, end_run: 4 };

/** By the DAQ's stamp, then its own order, then the order of a run's life, then the message: a total order. */
const compare = (a: Observation, b: Observation): number =>
  compareText(a.stampedAt, b.stampedAt) ||
  a.order - b.order ||
  rank[a.type] - rank[b.type] ||
  compareText(a.messageId, b.messageId);

const compareText = (a: string, b: string): number => Number(a > b) - Number(a < b);

/**
 * Judges a set of lifecycle messages in the DAQ's own order, so that any order of arrival gives the same steps:
 * steps(observations) is a function of the set. Cost O(n log n). An illegal step changes nothing.
 */
export const judge = (observations: readonly Observation[]): TimelineStep[] => {
  const distinct = new Map(observations.map((o) => [o.messageId, o]));
  let phase: Phase = 'unknown';
  let current: StatePair | undefined;
  return [...distinct.values()].sort(compare).map((observation) => {
    const to = observation.pair ?? impliedPair[observation.type];
    const after: Phase | undefined = nextPhase[observation.type][phase];
    const reason = reasonOf(observation, phase, after, current, to);
    const from = current === undefined ? {} : { from: current };
    if (reason !== undefined) return { ...observation, ...from, isLegal: false, reason };
    phase = after ?? phase;
    current = to;
    return { ...observation, ...from, to, isLegal: true };
  });
};

const reasonOf = (
  observation: Observation,
  phase: Phase,
  after: Phase | undefined,
  from: StatePair | undefined,
  to: StatePair,
): string | undefined => {
  if (after === undefined) return `${observation.type} does not follow phase ${phase}`;
  if (from) return whyIllegal(from, to);
  return isLegalPair(to) ? undefined : `${to.state} has no substate ${to.substate}`;
};

/** The run as its legal steps tell it. */
export const runOf = (id: string, run: number, steps: readonly TimelineStep[]): Run => {
  const legal = steps.filter((step) => step.isLegal);
  const last = legal.at(-1);
  const started = legal.find((step) => step.type === 'start_run');
  const ended = legal.find((step) => step.type === 'end_run');
  const phase = legal.reduce<Phase>((before, step) => nextPhase[step.type][before] ?? before, 'unknown');
  return {
    id,
    run,
    phase,
    ...(last?.to === undefined ? {} : { pair: last.to }),
    ...(started === undefined ? {} : { startedAt: started.stampedAt }),
    ...(ended === undefined ? {} : { endedAt: ended.stampedAt }),
    ...(ended?.totalStfs === undefined ? {} : { totalStfs: ended.totalStfs }),
  };
};
