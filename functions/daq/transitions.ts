import type { StatePair } from '#schema/detector-state';

/**
 * Which state may follow which. `from` without a substate stands for all of them. Transitions that the experiment has named
 * so far: off↔no_beam↔beam, beam/ready→run/physics (the ready step is not always told, so any beam substate will do), run/physics↔run/standby, run→beam; a change of substate within a state
 * is legal where the state has both. calib and test: nothing is said yet, so papilio lets them be entered from and left to
 * no_beam and beam (our proposal).
 * @see 3.3
 */
const statesAfter: Readonly<Record<StatePair['state'], readonly StatePair['state'][]>> = {
  off: ['no_beam'],
  no_beam: ['off', 'beam', 'calib', 'test'],
  beam: ['no_beam', 'run', 'calib', 'test'],
  run: ['beam'],
  calib: ['no_beam', 'beam'],
  test: ['no_beam', 'beam', 'off'],
};

const substates: Readonly<Record<StatePair['state'], readonly StatePair['substate'][]>> = {
  off: ['eic', 'epic', 'daq', 'calib'],
  no_beam: ['not_ready', 'eic', 'epic', 'daq', 'calib'],
  beam: ['not_ready', 'ready', 'lumi', 'eic', 'epic', 'daq', 'calib'],
  run: ['physics', 'standby', 'lumi', 'eic', 'epic', 'daq', 'calib'],
  calib: ['not_ready', 'eic', 'epic', 'daq', 'calib'],
  test: ['not_ready', 'ready', 'physics', 'standby', 'lumi', 'eic', 'epic', 'daq', 'calib'],
};

/** Whether a state may have a substate at all. */
export const isLegalPair = (pair: StatePair): boolean => substates[pair.state].includes(pair.substate);

/** Why `to` may not follow `from`; undefined if it may. */
export const whyIllegal = (from: StatePair, to: StatePair): string | undefined => {
  if (!isLegalPair(to)) return `${to.state} has no substate ${to.substate}`;
  if (from.state === to.state || statesAfter[from.state].includes(to.state)) return undefined;
  return `${to.state} does not follow ${from.state}`;
};
