/** Papilio's own scenarios, as data. Times are seconds of the simulation; `--speed` makes them shorter. */
import type { StatePair } from '#schema/detector-state';
import type { Disturbance } from './disturb.ts';
import type { Span } from './phase.ts';
import type { RunPlan } from './run-frames.ts';

/** A stretch of detector time under one run number. */
type Stretch = Omit<RunPlan, 'phases'> & { readonly spans: readonly Span[] };

/** A scenario: runs one behind the other, and what is done to their messages on the way. */
export type Scenario = {
  readonly about: string;
  /** Seconds from one STF to the next. */
  readonly intervalS: number;
  readonly stretches: readonly Stretch[];
  readonly disturbance?: Omit<Disturbance, 'seed'>;
};

const span = (state: StatePair['state'], substate: StatePair['substate'], durationS: number): Span => ({
  state,
  substate,
  durationS,
});
const hours = (count: number): number => count * 3600;

/** A physics run between beam and beam, in the runner's words. */
const physics = (durationS: number): Stretch => ({
  dialect: 'runner',
  spans: [span('beam', 'not_ready', 1), span('beam', 'ready', 1), span('run', 'physics', durationS)],
});

/** Every state and substate, in an order that the detector could go through. */
const day: readonly Stretch[] = [
  {
    dialect: 'daqsim',
    spans: [
      span('off', 'daq', hours(1)),
      span('no_beam', 'not_ready', hours(2)),
      span('no_beam', 'daq', hours(1)),
      span('calib', 'not_ready', hours(0.5)),
      span('calib', 'calib', hours(2)),
      span('no_beam', 'calib', hours(1)),
      span('test', 'epic', hours(1)),
      span('test', 'eic', hours(0.5)),
      span('no_beam', 'not_ready', hours(0.5)),
    ],
  },
  {
    dialect: 'runner',
    spans: [
      span('beam', 'not_ready', hours(0.5)),
      span('beam', 'lumi', hours(0.5)),
      span('beam', 'ready', hours(0.5)),
      span('run', 'physics', hours(3)),
      span('run', 'standby', hours(0.5)),
      span('run', 'physics', hours(2)),
      span('run', 'lumi', hours(0.5)),
    ],
  },
  {
    dialect: 'daqsim',
    spans: [span('beam', 'calib', hours(0.5)), span('calib', 'calib', hours(1)), span('beam', 'epic', hours(0.5))],
  },
  {
    dialect: 'runner',
    spans: [
      span('beam', 'not_ready', hours(0.5)),
      span('beam', 'ready', hours(0.5)),
      span('run', 'physics', hours(1)),
      span('run', 'standby', hours(0.5)),
      span('run', 'physics', hours(1)),
    ],
  },
  { dialect: 'daqsim', spans: [span('beam', 'eic', hours(0.5)), span('no_beam', 'not_ready', hours(1))] },
];

/** Each fault of a file once, with good STFs around it, and a clock that is an hour late for two STFs. */
const faulty: Stretch = {
  ...physics(10.8),
  faults: {
    4: { kind: 'flipped-bit', tf: 3 },
    6: { kind: 'missing-tf', tfs: [2, 3, 7] },
    8: { kind: 'short-file', tf: 5 },
    10: { kind: 'wrong-checksum' },
    12: { kind: 'wrong-name' },
    18: { kind: 'hidden-bit', tf: 9 },
  },
  clockJump: { first: 14, end: 16, byS: -3600 },
};

/** Names are what `--scenario` takes. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  rt: {
    about: "the experiment's DAQ simulator: 100 s from no beam to physics, 69 STFs",
    intervalS: 1.45,
    stretches: [
      {
        dialect: 'daqsim',
        spans: [
          span('no_beam', 'calib', 10),
          span('beam', 'not_ready', 10),
          span('beam', 'ready', 10),
          span('run', 'standby', 10),
          span('run', 'physics', 60),
        ],
      },
    ],
  },
  day: {
    about: '24 h: all states and substates, calibrations, two physics runs; an STF each 15 min',
    intervalS: 900,
    stretches: day,
  },
  fast: { about: '100 Gb/s in files of 2 GB: 6.25 STF/s for 10 min', intervalS: 0.16, stretches: [physics(600)] },
  line: { about: 'the nominal 1.67 STF/s for an hour', intervalS: 0.6, stretches: [physics(3600)] },
  faults: { about: 'each fault of an STF file once, and a clock that jumps', intervalS: 0.6, stretches: [faulty] },
  storm: {
    about: 'one run with 30 % duplicates, 30 % reordered, 10 % lost and redelivered, 1 % poison',
    intervalS: 0.6,
    stretches: [physics(36)],
    disturbance: { duplicates: 0.3, reordered: 0.3, lost: 0.1, poison: 0.01 },
  },
};
