import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readDaqBody } from '#schema/daq-dialects';
import { DetectorState, DetectorSubstate } from '#schema/detector-state';
import { demoRecording } from '../../../../../local/sim/daq/demo.ts';
import { play, recordingOf, scenarioNames } from '../../../../../local/sim/daq/scenario.ts';

const request = { seed: 3, firstRun: 1001, startedAt: new Date('2026-11-24T06:00:00Z') };
const factsOf = (bodies: readonly string[]) =>
  bodies.map(readDaqBody).map((reading) => ('fact' in reading ? reading.fact : reading.problem));
const bodiesOf = (scenario: string, more = {}) =>
  play({ ...request, scenario, ...more }).frames.map(({ body }) => body);

type Body = Readonly<Record<string, unknown>>;
/** The recorded messages of a fixture, the first of each kind. */
const recordedKinds = (name: string): Map<string, Body> => {
  const path = fileURLToPath(new URL(`../../../../fixtures/messages/${name}`, import.meta.url));
  const bodies = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).body);
  return new Map(bodies.toReversed().map((body) => [String(body.msg_type), body]));
};
const isFree = /^(sim|size|checksum)$/;
const isWord = /^(namespace|sender|execution_id|state|substate)$/;
/** What must be equal: the fields, their kinds, and the form of times and names, digit for digit. */
const shapeOf = (body: Body): Body =>
  Object.fromEntries(
    Object.entries(body)
      .filter(([key]) => !isFree.test(key))
      .map(([key, value]) => [
        key,
        isWord.test(key) || typeof value !== 'string' ? typeof value : value.replaceAll(/\d/g, '0'),
      ]),
  );

describe('every scenario', () => {
  it.each(scenarioNames.map(({ name }) => name))('%s plays the same for the same seed, run and start', (scenario) => {
    expect(recordingOf({ ...request, scenario })).toEqual(recordingOf({ ...request, scenario }));
  });

  it.each(scenarioNames.map(({ name }) => name).filter((name) => name !== 'storm'))(
    '%s says nothing that cannot be understood, in either dialect',
    (scenario) => {
      for (const dialect of ['runner', 'daqsim'] as const) {
        const readings = bodiesOf(scenario, { dialect, intervalS: scenario === 'day' ? 900 : 5 }).map(readDaqBody);
        expect(readings.filter((reading) => 'problem' in reading)).toEqual([]);
        if (scenario !== 'demo')
          expect(new Set(readings.map((reading) => reading.dialect))).toEqual(new Set([dialect]));
      }
    },
  );

  it('plays other file contents with another seed', () => {
    expect(recordingOf({ ...request, scenario: 'rt' })).not.toEqual(
      recordingOf({ ...request, seed: 4, scenario: 'rt' }),
    );
  });
});

describe('the dialects', () => {
  it.each([
    ['runner', 'stf_datataking.stf_processing_default.jsonl', 'day', 102_363],
    ['daqsim', 'daqsim.schedule-rt.jsonl', 'rt', 1001],
  ] as const)('%s has the fields of the recorded stream, kind by kind', (dialect, fixture, scenario, firstRun) => {
    const spoken = new Map(
      bodiesOf(scenario, { dialect, firstRun })
        .map((body) => JSON.parse(body))
        .toReversed()
        .map((body) => [String(body.msg_type), body]),
    );
    for (const [kind, body] of recordedKinds(fixture))
      expect([kind, shapeOf(spoken.get(kind) ?? {})]).toEqual([kind, shapeOf(body)]);
  });

  it('daqsim plays its own schedule as it was recorded: as many STFs, from the same first name', () => {
    const path = fileURLToPath(new URL('../../../../fixtures/messages/daqsim.schedule-rt.jsonl', import.meta.url));
    const recorded = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.stringify(JSON.parse(line).body));
    const counts = (bodies: readonly string[]) => {
      const states = factsOf(bodies).map((fact) => ('sequence' in fact ? `${fact.state}/${fact.substate}` : ''));
      return states.filter((state) => state !== '').length;
    };
    expect(counts(bodiesOf('rt'))).toBe(counts(recorded));
    expect(factsOf(bodiesOf('rt'))[2]).toMatchObject({
      name: 'swf.001001.000000.stf',
      state: 'no_beam',
      substate: 'calib',
    });
  });
});

describe('the scenarios', () => {
  it('demo is the run that npm start plays', () => {
    expect(recordingOf({ ...request, scenario: 'demo' })).toEqual(demoRecording(1001, request.startedAt));
    for (const scenario of ['demo', 'day']) {
      const lines = recordingOf({ ...request, scenario, firstRun: 99_999_990, firstSequence: 134_216 });
      const stfs = lines.filter((line) => line.includes('stf_gen'));
      expect(stfs[0]).toContain('swf.99999990.134216.stf');
      expect(stfs[1]).toContain('swf.99999990.134217.stf');
    }
  });

  it('day has STFs in all six states and all nine substates, and each run is told from its beginning to its end', () => {
    const facts = factsOf(bodiesOf('day'));
    const stfs = facts.flatMap((fact) => ('sequence' in fact ? [fact] : []));
    expect(new Set(stfs.map(({ state }) => state))).toEqual(new Set(DetectorState.options));
    expect(new Set(stfs.map(({ substate }) => substate))).toEqual(new Set(DetectorSubstate.options));
    const told = facts.flatMap((fact) => ('run' in fact && !('sequence' in fact) ? [`${fact.run} ${fact.type}`] : []));
    const [opened, paused, closed] = [['run_imminent', 'start_run'], ['pause_run', 'resume_run'], ['end_run']];
    const lives = { 1001: [], 1002: paused, 1003: [], 1004: paused, 1005: [] };
    expect(told).toEqual(
      Object.entries(lives).flatMap(([run, between]) =>
        [...opened, ...between, ...closed].map((word) => `${run} ${word}`),
      ),
    );
    const last = play({ ...request, scenario: 'day' }).frames.at(-1);
    expect(last?.tick).toBe(24 * 3600 + 4);
  });

  it.each([
    ['fast', 6.25],
    ['line', 1 / 0.6],
  ])('%s has its rate of STFs in physics', (scenario, rateHz) => {
    const { frames } = play({ ...request, scenario });
    const ticks = frames
      .filter(({ body }) => body.includes('"substate":"physics"') && body.includes('stf_gen'))
      .map(({ tick }) => tick);
    expect((ticks.length - 1) / ((ticks.at(-1) ?? 0) - (ticks[0] ?? 0))).toBeCloseTo(rateHz, 3);
  });

  it('faults sets the clock back for two STFs and no other message', () => {
    const lateness = play({ ...request, scenario: 'faults' }).frames.flatMap(({ tick, body }) => {
      const { timestamp } = JSON.parse(body);
      return Date.parse(`${timestamp}Z`) - request.startedAt.getTime() - Math.round(tick * 1000);
    });
    expect(lateness.filter((ms) => ms !== 0)).toEqual([-3_600_000, -3_600_000]);
  });

  it('storm holds all that its run has to say, and what cannot be read besides', () => {
    const good = new Set(
      factsOf(bodiesOf('storm'))
        .map((fact) => JSON.stringify(fact))
        .filter((fact) => fact.includes('stampedAt')),
    );
    expect(good.size).toBe(64 + 3);
    const lines = recordingOf({ ...request, scenario: 'storm' }).map((line) => JSON.parse(line).body);
    expect(lines.some((body) => typeof body === 'string')).toBe(true);
  });
});
