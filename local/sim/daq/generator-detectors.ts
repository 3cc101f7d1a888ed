/** What the simulated detector is made of, and how busy each part is in each regime of the machine. The numbers are plausible, not measured. */
import type { StfDetector } from '#lib/model/stf-container';

/** What makes hits: electronics alone, beam without collisions, collisions, or a pulser. */
export type Regime = 'dark' | 'beam' | 'collisions' | 'pulser';

/** A detector as the generator needs it. Charges are ADC values of 12 bits. */
export type SimDetector = StfDetector & {
  /** Mean and width of a hit without signal. */
  readonly pedestal: number;
  readonly noise: number;
  /** Least signal, and what the signal gains for each halving of its probability, or for each unit of a test pulse. */
  readonly signal: number;
  readonly gain: number;
  /** Relative rate of hits. */
  readonly rates: Readonly<Record<Regime, number>>;
};

/** Heights of the pulser's test pulses, in units of charge, as often as each other; height 0 shows the pedestal. */
export const PULSE_HEIGHTS = 5;

/** Hits with signal among 256. */
export const SIGNAL_SHARE = { dark: 3, beam: 90, collisions: 205, pulser: 256 } as const satisfies Record<
  Regime,
  number
>;

/** The detectors of the simulation, each a system of ePIC. */
export const DETECTORS: readonly SimDetector[] = [
  {
    id: 1,
    name: 'svt',
    channels: 65_535,
    pedestal: 90,
    noise: 18,
    signal: 160,
    gain: 110,
    rates: rates(30, 90, 260, 60),
  },
  {
    id: 2,
    name: 'mpgd',
    channels: 24_000,
    pedestal: 140,
    noise: 30,
    signal: 240,
    gain: 180,
    rates: rates(18, 40, 110, 40),
  },
  {
    id: 3,
    name: 'tof',
    channels: 48_000,
    pedestal: 110,
    noise: 22,
    signal: 320,
    gain: 140,
    rates: rates(14, 30, 90, 40),
  },
  {
    id: 4,
    name: 'drich',
    channels: 60_000,
    pedestal: 60,
    noise: 14,
    signal: 220,
    gain: 90,
    rates: rates(120, 140, 190, 80),
  },
  {
    id: 5,
    name: 'ecal',
    channels: 30_000,
    pedestal: 200,
    noise: 26,
    signal: 260,
    gain: 420,
    rates: rates(16, 50, 150, 60),
  },
  {
    id: 6,
    name: 'hcal',
    channels: 12_000,
    pedestal: 180,
    noise: 34,
    signal: 300,
    gain: 360,
    rates: rates(10, 26, 70, 40),
  },
  {
    id: 7,
    name: 'zdc',
    channels: 4_000,
    pedestal: 150,
    noise: 24,
    signal: 420,
    gain: 500,
    rates: rates(4, 30, 24, 20),
  },
  {
    id: 8,
    name: 'lumi',
    channels: 2_000,
    pedestal: 130,
    noise: 20,
    signal: 380,
    gain: 460,
    rates: rates(2, 12, 60, 20),
  },
];

/** The regime that a state and substate of the detector mean. */
export function regimeOf(state: string, substate: string): Regime {
  if (state === 'calib' || substate === 'calib') return 'pulser';
  if (state === 'run') return substate === 'standby' ? 'beam' : 'collisions';
  return state === 'beam' ? 'beam' : 'dark';
}

/** Hits in a regime for each hit in collisions: less is going on, so files are smaller. */
export function fillOf(regime: Regime): number {
  const total = (of: Regime) => DETECTORS.reduce((sum, detector) => sum + detector.rates[of], 0);
  return total(regime) / total('collisions');
}

function rates(dark: number, beam: number, collisions: number, pulser: number): Record<Regime, number> {
  return { dark, beam, collisions, pulser };
}
