/** The messages of one run: its phases walked through, the lifecycle told where states change, an STF told where it ends. */
import type { StatePair } from '#schema/detector-state';
import { type Dialect, firstSequence as firstInDialect, type Saying, speak } from './dialects.ts';
import type { Fault } from './faults.ts';
import { draw, randomOf } from './generator-random.ts';
import type { Phase } from './phase.ts';

/** A message with its moment, in seconds of the simulation. */
export type SimFrame = { readonly destination: string; readonly tick: number; readonly body: string };

/** A run to be played. */
export type RunPlan = {
  readonly dialect: Dialect;
  readonly phases: readonly Phase[];
  /** Faults by the place of the STF in the run, from 1. */
  readonly faults?: Readonly<Record<number, Fault>>;
  /** The DAQ's clock is wrong by so much, for STFs from place to place (half-open). */
  readonly clockJump?: { readonly first: number; readonly end: number; readonly byS: number };
};

/** Where and when a run begins. */
export type RunStart = {
  readonly run: number;
  readonly seed: number;
  readonly tickS: number;
  readonly startedAt: Date;
  /** Sequence of its first STF, if not that of the dialect. */
  readonly firstSequence?: number | undefined;
};

type Word = { readonly tickS: number; readonly say: (common: Common) => Saying; readonly offsetUs: number };
type Common = Pick<Saying, 'run' | 'tickS' | 'atUs'>;
type Change = 'run_imminent' | 'start_run' | 'pause_run' | 'resume_run';

const micro = 1_000_000;
const rounded = (tickS: number): number => Math.round(tickS * micro) / micro;

/** How long the phases of a run last, in seconds. */
export const durationS = (phases: readonly Phase[]): number => phases.reduce((sum, phase) => sum + phase.durationS, 0);

/** All messages of a run, in order. Pure: the same plan and start give the same frames. O(STFs). */
export const framesOf = (plan: RunPlan, start: RunStart): SimFrame[] => {
  const total = plan.phases.reduce((sum, { stfs }) => sum + stfs.count, 0);
  const begins = beginsOf(plan.phases, start.tickS);
  const stfs = plan.phases.flatMap((phase, at) => {
    const before = plan.phases.slice(0, at).reduce((sum, one) => sum + one.stfs.count, 0);
    return Array.from({ length: phase.stfs.count }, (_, n) =>
      stfWord(plan, start, {
        phase,
        place: before + n + 1,
        tickS: (begins[at] ?? 0) + phase.stfs.firstS + n * phase.stfs.everyS,
      }),
    );
  });
  const words = [...lifecycleOf(plan, begins, total), ...stfs].toSorted((a, b) => a.tickS - b.tickS);
  return words.flatMap((word) => frameOf(plan.dialect, start, word));
};

const beginsOf = (phases: readonly Phase[], firstS: number): number[] => {
  const begins = [firstS];
  for (const phase of phases) begins.push(rounded((begins.at(-1) ?? 0) + phase.durationS));
  return begins;
};

const frameOf = (dialect: Dialect, { run, startedAt }: RunStart, { tickS, offsetUs, say }: Word): SimFrame[] => {
  const tick = rounded(tickS);
  const atUs = startedAt.getTime() * 1000 + Math.round(tick * micro) + offsetUs;
  const words = speak[dialect](say({ run, tickS: tick, atUs }));
  return words === undefined ? [] : [{ destination: words.destination, tick, body: JSON.stringify(words.body) }];
};

type StfAt = { readonly phase: Phase; readonly place: number; readonly tickS: number };

const stfWord = (
  { dialect, faults = {}, clockJump }: RunPlan,
  { seed, run, firstSequence = firstInDialect[dialect] }: RunStart,
  { phase, place, tickS }: StfAt,
): Word => {
  const fault = faults[place];
  const hasJumped = clockJump !== undefined && place >= clockJump.first && place < clockJump.end;
  // As the DAQ simulator does: an STF spans one to two seconds, whatever the distance of their beginnings.
  const spanUs = micro + (draw(randomOf(seed % 2 ** 32, run, place)) % micro);
  const { state, substate } = phase;
  return {
    tickS,
    offsetUs: hasJumped ? clockJump.byS * micro : 0,
    say: (common) => ({
      ...common,
      type: 'stf_gen',
      pair: { state, substate },
      sequence: firstSequence + place - 1,
      spanUs,
      sim: { seed, ...(fault === undefined ? {} : { fault }) },
    }),
  };
};

const changeWord = (tickS: number, type: Change, pair: StatePair): Word => ({
  tickS,
  offsetUs: 0,
  say: (common) => ({ ...common, type, pair: { state: pair.state, substate: pair.substate } }),
});

/**
 * The runner tells the states that it goes through; the DAQ simulator opens a run before all phases and closes it behind
 * them. What a phase without physics has to say is said by its STFs.
 */
const lifecycleOf = ({ dialect, phases }: RunPlan, begins: readonly number[], totalStfs: number): Word[] => {
  const startAt = phases.findIndex(isPhysics);
  const isWhole = dialect === 'daqsim' || startAt < 0;
  const lastRunAt = phases.findLastIndex(({ state }) => state === 'run');
  const endS = begins[isWhole ? phases.length : lastRunAt + 1] ?? 0;
  const end: Word = { tickS: endS, offsetUs: 0, say: (common) => ({ ...common, type: 'end_run', totalStfs }) };
  const changes = isWhole
    ? []
    : phases.flatMap((phase, at) =>
        changesAt(phases, at, startAt).map((type) => changeWord(begins[at] ?? 0, type, phase)),
      );
  if (!isWhole) return [...changes, end];
  const first = begins[0] ?? 0;
  return [
    changeWord(first, 'run_imminent', { state: 'beam', substate: 'not_ready' }),
    changeWord(first, 'start_run', { state: 'run', substate: 'physics' }),
    end,
  ];
};

const isPhysics = ({ state, substate }: StatePair): boolean => state === 'run' && substate === 'physics';
const isStandby = ({ state, substate }: StatePair): boolean => state === 'run' && substate === 'standby';
const isNotReady = ({ state, substate }: StatePair): boolean => state === 'beam' && substate === 'not_ready';

/** What the runner says at the beginning of a phase. */
const changesAt = (phases: readonly Phase[], at: number, startAt: number): Change[] => {
  const phase = phases[at];
  if (phase === undefined) return [];
  if (at === startAt) return ['start_run'];
  if (at < startAt) return at === phases.findIndex(isNotReady) ? ['run_imminent'] : [];
  const before = phases[at - 1];
  if (before === undefined) return [];
  if (isStandby(phase) && !isStandby(before)) return ['pause_run'];
  return phase.state === 'run' && isStandby(before) ? ['resume_run'] : [];
};
