import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { durationS } from '../../../../../local/sim/daq/run-frames.ts';
import { play } from '../../../../../local/sim/daq/scenario.ts';
import { readSchedule, readYamlPhases } from '../../../../../local/sim/daq/schedule.ts';
import { readWorkflow } from '../../../../../local/sim/daq/workflow.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../../../../fixtures/${name}`, import.meta.url));
const start = { seed: 1, firstRun: 102_363, startedAt: new Date('2026-11-24T06:00:00Z') };

describe('a schedule of the DAQ simulator', () => {
  it('is read as states and spans, and plays STFs in all of them', () => {
    const { dialect, phases } = readSchedule(fixture('schedules/shift.yml'), 10);
    expect(dialect).toBe('daqsim');
    expect(phases.map(({ state, substate, durationS, stfs }) => [state, substate, durationS, stfs.count])).toEqual([
      ['calib', 'calib', 30, 3],
      ['beam', 'ready', 10, 1],
      ['run', 'physics', 90, 9],
    ]);
  });

  it.each([
    [
      '- state: beam\n  substate: ready\n  span: 0,0,0,1\n',
      'a.yml:3: span: weeks,days,hours,minutes,seconds, as in 0,0,0,1,30',
    ],
    [
      '- state: beam\n  substate: ready\n  span: 0,0,0,0,1\n- state: cosmic\n  substate: ready\n  span: 0,0,0,0,1\n',
      /^a\.yml:4: state: .*"no_beam"/,
    ],
    ['- state: beam\n  span: 0,0,0,0,1\n', /^a\.yml:1: substate: /],
    ['- state: beam\n  substate: ready\n  span: 0,0,0,0,0\n', 'a.yml:3: span: a span above 0'],
    ['state: beam\n', 'a.yml:1: a list of state, substate and span'],
    ['- state: [beam\n', /^a\.yml:\d: Flow sequence/],
    ['', 'a.yml:1: a list of state, substate and span'],
  ])('that is wrong is refused with line and field: %j', (text, message) => {
    expect(() => readYamlPhases(text, 'a.yml')).toThrow(message);
  });
});

describe('a workflow of the test bed', () => {
  it('plays the messages that the recorded stream has, at the same seconds', () => {
    const recorded = readFileSync(fixture('messages/stf_datataking.stf_processing_default.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const { frames } = play({ ...start, scenario: fixture('schedules/daq-defaults.toml') });
    const told = (body: { [key: string]: unknown }) => [body.msg_type, body.filename, body.state, body.substate];
    expect(frames.map(({ tick, body }) => [tick, ...told(JSON.parse(body))])).toEqual(
      recorded.map(({ tick, body }) => [tick, ...told(body)]),
    );
  });

  it('takes a count of STFs from its own tables and the rest from what it includes', () => {
    const { phases } = readSchedule(fixture('schedules/short-run.toml'));
    expect(phases.map(({ stfs }) => stfs.count)).toEqual([0, 0, 0, 3, 0, 0]);
    expect(durationS(phases)).toBeCloseTo(5 + 6 + 2.1 + 7.7 + 5 + 5, 6);
  });

  it.each([
    ['[a]\nphysics_period_count = 0\n', 'w.toml: physics_period_count: 0 means without end'],
    ['[a]\nstf_interval = "fast"\n', /^w\.toml: stf_interval: /],
    ['[a]\nstf_interval = \n', /^w\.toml:2: /],
    ['[workflow]\nincludes = "x.toml"\n', 'w.toml: workflow.includes: a list of file names'],
    ['[workflow]\nincludes = ["w.toml"]\n', 'w.toml: it includes itself'],
  ])('that is wrong is refused with its field: %j', (text, message) => {
    expect(() => readWorkflow('w.toml', () => text)).toThrow(message);
  });
});

it('what is neither a scenario nor a schedule is refused with the names that there are', () => {
  expect(() => play({ ...start, scenario: 'nonsense' })).toThrow(
    /no scenario nonsense: take one of demo, rt, day, fast/,
  );
  expect(() => play({ ...start, scenario: 'none.yml' })).toThrow(/none\.yml: ENOENT/);
});
