import type { Remark } from '#schema/daq-lifecycle';
import type { DetectorState, DetectorSubstate, StatePair } from '#schema/detector-state';

/** A state with all of its substates, or one of them. */
type Place = DetectorState | `${DetectorState}/${DetectorSubstate}`;

/** One row of the table of legal transitions. */
type Transition = {
  readonly rule: string;
  readonly from: Place;
  readonly to: Place;
  /** Who said so: the experiment in its documents, or papilio where the experiment has not spoken. */
  readonly origin: 'experiment' | 'papilio';
};

/** What the table says of one state after another. */
export type Verdict =
  | { readonly isLegal: true; readonly rule: string; readonly origin: Transition['origin'] }
  | ({ readonly isLegal: false } & Remark);

/** Which substates a state may have, as the experiment's documents tell it; `test` may have any. */
export const substates: Readonly<Record<DetectorState, readonly DetectorSubstate[]>> = {
  off: ['eic', 'epic', 'daq', 'calib'],
  no_beam: ['not_ready', 'eic', 'epic', 'daq', 'calib'],
  beam: ['not_ready', 'ready', 'lumi', 'eic', 'epic', 'daq', 'calib'],
  run: ['physics', 'standby', 'lumi', 'eic', 'epic', 'daq', 'calib'],
  calib: ['not_ready', 'eic', 'epic', 'daq', 'calib'],
  test: ['not_ready', 'ready', 'physics', 'standby', 'lumi', 'eic', 'epic', 'daq', 'calib'],
};

/**
 * The legal transitions; the first row that fits is the one that counts. What the experiment's state machine, its runner and
 * its schedule of daqsim name is the experiment's; the rest is our proposal: the ready step is not always told, a substate
 * may change within its state, and calib and test are entered from, and left to, no_beam and beam.
 * @see 3.3
 */
export const transitions: readonly Transition[] = [
  { rule: 'switched-on', from: 'off', to: 'no_beam', origin: 'experiment' },
  { rule: 'switched-off', from: 'no_beam', to: 'off', origin: 'experiment' },
  { rule: 'beam-came', from: 'no_beam', to: 'beam', origin: 'experiment' },
  { rule: 'beam-went', from: 'beam', to: 'no_beam', origin: 'experiment' },
  { rule: 'beam-ready', from: 'beam/not_ready', to: 'beam/ready', origin: 'experiment' },
  { rule: 'run-began', from: 'beam/ready', to: 'run/physics', origin: 'experiment' },
  { rule: 'run-began-standing-by', from: 'beam/ready', to: 'run/standby', origin: 'experiment' },
  { rule: 'run-paused', from: 'run/physics', to: 'run/standby', origin: 'experiment' },
  { rule: 'run-resumed', from: 'run/standby', to: 'run/physics', origin: 'experiment' },
  { rule: 'run-left', from: 'run', to: 'beam', origin: 'experiment' },
  { rule: 'run-began-ready-untold', from: 'beam', to: 'run', origin: 'papilio' },
  { rule: 'calib-entered', from: 'no_beam', to: 'calib', origin: 'papilio' },
  { rule: 'calib-entered', from: 'beam', to: 'calib', origin: 'papilio' },
  { rule: 'calib-left', from: 'calib', to: 'no_beam', origin: 'papilio' },
  { rule: 'calib-left', from: 'calib', to: 'beam', origin: 'papilio' },
  { rule: 'test-entered', from: 'no_beam', to: 'test', origin: 'papilio' },
  { rule: 'test-entered', from: 'beam', to: 'test', origin: 'papilio' },
  { rule: 'test-left', from: 'test', to: 'no_beam', origin: 'papilio' },
  { rule: 'test-left', from: 'test', to: 'beam', origin: 'papilio' },
  { rule: 'test-left', from: 'test', to: 'off', origin: 'papilio' },
  { rule: 'substate-changed', from: 'off', to: 'off', origin: 'papilio' },
  { rule: 'substate-changed', from: 'no_beam', to: 'no_beam', origin: 'papilio' },
  { rule: 'substate-changed', from: 'beam', to: 'beam', origin: 'papilio' },
  { rule: 'substate-changed', from: 'run', to: 'run', origin: 'papilio' },
  { rule: 'substate-changed', from: 'calib', to: 'calib', origin: 'papilio' },
  { rule: 'substate-changed', from: 'test', to: 'test', origin: 'papilio' },
];

/** A pair as it is written: `run/physics`. */
export const pairText = ({ state, substate }: StatePair): Place => `${state}/${substate}`;

/** Whether a state may have a substate at all. */
export const isLegalPair = ({ state, substate }: StatePair): boolean => substates[state].includes(substate);

/** Names the pair that cannot be. */
export const unknownSubstate = ({ state, substate }: StatePair): Remark => ({
  rule: 'substate-unknown-to-state',
  reason: `${state} has no substate ${substate}`,
});

/** Decides of any two pairs whether the second may follow the first, and by which rule. O(rows). */
export const decide = (from: StatePair, to: StatePair): Verdict => {
  for (const pair of [from, to]) if (!isLegalPair(pair)) return { isLegal: false, ...unknownSubstate(pair) };
  if (pairText(from) === pairText(to)) return { isLegal: true, rule: 'told-again', origin: 'papilio' };
  const row = transitions.find((one) => fits(one.from, from) && fits(one.to, to));
  if (row) return { isLegal: true, rule: row.rule, origin: row.origin };
  return {
    isLegal: false,
    rule: 'state-does-not-follow',
    reason: `${pairText(to)} does not follow ${pairText(from)}`,
  };
};

const fits = (place: Place, pair: StatePair): boolean => place === pair.state || place === pairText(pair);
