import { describe, expect, test } from 'vitest';
import { DetectorState, DetectorSubstate } from '#schema/detector-state';
import { isLegalPair, whyIllegal } from '../../../functions/daq/transitions.ts';

/** The table as the experiment tells it, written down apart from the code. */
const mayFollow: Readonly<Record<DetectorState, string>> = {
  off: 'off no_beam',
  no_beam: 'no_beam off beam calib test',
  beam: 'beam no_beam run calib test',
  run: 'run beam',
  calib: 'calib no_beam beam',
  test: 'test no_beam beam off',
};
const mayHave: Readonly<Record<DetectorState, string>> = {
  off: 'eic epic daq calib',
  no_beam: 'not_ready eic epic daq calib',
  beam: 'not_ready ready lumi eic epic daq calib',
  run: 'physics standby lumi eic epic daq calib',
  calib: 'not_ready eic epic daq calib',
  test: 'not_ready ready physics standby lumi eic epic daq calib',
};
const states = DetectorState.options;
const substateOf = (state: DetectorState) => DetectorSubstate.parse(mayHave[state].split(' ')[0]);

describe('states and their substates', () => {
  const rows = states.flatMap((state) => DetectorSubstate.options.map((substate) => ({ state, substate })));
  test.each(rows)('$state/$substate', (pair) => {
    const isInTable = mayHave[pair.state].split(' ').includes(pair.substate);
    expect(isLegalPair(pair)).toBe(isInTable);
    const why = whyIllegal({ state: pair.state, substate: substateOf(pair.state) }, pair);
    expect(why).toBe(isInTable ? undefined : `${pair.state} has no substate ${pair.substate}`);
  });
});

describe('which state may follow which', () => {
  const rows = states.flatMap((from) => states.map((to) => ({ from, to })));
  test.each(rows)('$from then $to', ({ from, to }) => {
    const why = whyIllegal({ state: from, substate: substateOf(from) }, { state: to, substate: substateOf(to) });
    expect(why).toBe(mayFollow[from].split(' ').includes(to) ? undefined : `${to} does not follow ${from}`);
  });
});
