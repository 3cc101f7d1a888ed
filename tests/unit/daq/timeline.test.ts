import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDaqBody } from '#schema/daq-dialects';
import type { Observation } from '#schema/detector-state';
import { judge, remarksOn, runOf } from '../../../functions/daq/timeline.ts';

const at = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, '0')}.000000Z`;
const said = (type: Observation['type'], second: number, fields: Partial<Observation> = {}): Observation => ({
  messageId: `m-${type}-${second}`,
  type,
  stampedAt: at(second),
  order: 0,
  receivedAt: '2026-01-01T00:00:00.000Z',
  raw: '{}',
  ...fields,
});

const recorded = (file: string): Observation[] =>
  readFileSync(new URL(`../../fixtures/messages/${file}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line, index): Observation[] => {
      const { fact } = { fact: undefined, ...readDaqBody(JSON.stringify(JSON.parse(line).body)) };
      if (!fact || fact.type === 'other' || fact.type === 'stf_gen') return [];
      const { type, stampedAt, order, state, substate, totalStfs } = fact;
      const pair = state && substate ? { pair: { state, substate } } : {};
      const total = totalStfs === undefined ? {} : { totalStfs };
      return [{ ...said(type, 0), messageId: `m${index}`, stampedAt, order, ...pair, ...total }];
    });

const runner = recorded('stf_datataking.stf_processing_default.jsonl');
const daqsim = recorded('daqsim.schedule-rt.jsonl');

/** Any order in which messages may come, some of them more than once. */
const anyArrival = (messages: readonly Observation[]) =>
  fc
    .tuple(
      fc.shuffledSubarray([...messages], { minLength: messages.length }),
      fc.array(fc.constantFrom(...messages), { maxLength: 10 }),
      fc.nat(),
    )
    .map(([all, repeated, seed]) => {
      const together = [...all];
      for (const [index, one] of repeated.entries())
        together.splice((seed + index * 7) % (together.length + 1), 0, one);
      return together;
    });

describe('the recorded runs', () => {
  test.each([
    ['runner', runner, ['run_imminent', 'start_run', 'pause_run', 'resume_run', 'end_run'], 10],
    ['daqsim', daqsim, ['run_imminent', 'start_run', 'end_run'], undefined],
  ])('every step of the %s is legal and the run ends', (_, messages, types, totalStfs) => {
    const steps = judge(messages);
    expect(steps.map(({ type }) => type)).toEqual(types);
    expect(steps.filter(({ isLegal }) => !isLegal)).toEqual([]);
    const run = runOf('r', 102_363, steps);
    expect(run).toMatchObject({ phase: 'ended', startedAt: steps[1]?.stampedAt, endedAt: steps.at(-1)?.stampedAt });
    expect(run.totalStfs).toBe(totalStfs);
  });

  test.each([
    ['runner', runner],
    ['daqsim', daqsim],
  ])('any order of arrival and any repeats of the %s give the same steps', (_, messages) => {
    const expected = judge(messages);
    fc.assert(
      fc.property(anyArrival(messages), (arrived) => {
        expect(judge(arrived)).toEqual(expected);
      }),
    );
  });
});

test('whatever is said, in whatever order it comes, is judged alike', () => {
  const kinds = ['run_imminent', 'start_run', 'pause_run', 'resume_run', 'end_run'] as const;
  const observation = fc
    .tuple(fc.constantFrom(...kinds), fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 2 }))
    .map(([type, second, order]) => said(type, second, { order, messageId: `m-${type}-${second}-${order}` }));
  fc.assert(
    fc.property(
      fc
        .array(observation, { minLength: 1, maxLength: 12 })
        .chain((all) => fc.tuple(fc.constant(all), anyArrival(all))),
      ([all, arrived]) => {
        expect(judge(arrived)).toEqual(judge(all));
      },
    ),
  );
});

test('an illegal step is named with its reason and changes nothing', () => {
  const steps = judge([said('start_run', 1), said('start_run', 2, { messageId: 'again' }), said('pause_run', 3)]);
  expect(steps.map(({ isLegal }) => isLegal)).toEqual([true, false, true]);
  expect(steps[1]).toMatchObject({ messageId: 'again', reason: 'start_run does not follow phase physics' });
  expect(runOf('r', 1, steps).phase).toBe('standby');
});

test.each([
  ['a state that has no such substate', { state: 'off', substate: 'physics' } as const, 'off has no substate physics'],
  ['a state that may not follow', { state: 'off', substate: 'eic' } as const, 'off/eic does not follow run/physics'],
])('%s makes the step illegal', (_, pair, reason) => {
  const steps = judge([said('start_run', 1), said('pause_run', 2, { pair })]);
  expect(steps[1]).toMatchObject({ isLegal: false, reason, from: { state: 'run', substate: 'physics' } });
  expect(steps[1]).not.toHaveProperty('to');
});

test('the first step of a run must name a state that exists', () => {
  const [step] = judge([said('start_run', 1, { pair: { state: 'off', substate: 'physics' } })]);
  expect(step).toMatchObject({ isLegal: false, reason: 'off has no substate physics' });
});

test('an end of run without a stamp ends the run in beam, not ready', () => {
  const steps = judge([said('start_run', 1), said('end_run', 2, { totalStfs: 4 })]);
  expect(runOf('r', 1, steps)).toMatchObject({
    phase: 'ended',
    pair: { state: 'beam', substate: 'not_ready' },
    endedAt: at(2),
    totalStfs: 4,
  });
});

test('what follows the end of a run is illegal', () => {
  const steps = judge([said('end_run', 2), said('resume_run', 3), said('end_run', 4)]);
  expect(steps.map(({ isLegal }) => isLegal)).toEqual([true, false, false]);
});

test('a run that starts again after its end is named, and its record says how often', () => {
  const steps = judge([
    said('start_run', 1),
    said('end_run', 2),
    said('run_imminent', 3),
    said('start_run', 4),
    said('pause_run', 5),
  ]);
  expect(steps.map(({ rule }) => rule)).toEqual([
    undefined,
    undefined,
    'run-restarted',
    'run-restarted',
    'lifecycle-out-of-phase',
  ]);
  expect(runOf('r', 1, steps)).toMatchObject({ phase: 'ended', endedAt: at(2), restarts: 2 });
});

test('the conditions of a run are those that were told last', () => {
  const steps = judge([
    said('run_imminent', 1, { conditions: { beam_energy: '5 GeV' } }),
    said('start_run', 2, { conditions: { beam_energy: '10 GeV' } }),
    said('pause_run', 3),
  ]);
  expect(runOf('r', 1, steps).conditions).toEqual({ beam_energy: '10 GeV' });
});

describe('a clock that jumps', () => {
  const remarks = (observations: readonly Observation[]) =>
    judge(observations).map((step) => remarksOn(step).map(({ rule }) => rule));

  test('back, against the DAQ’s own count, is remarked and stops nothing', () => {
    const life = [
      said('start_run', 1, { order: 3 }),
      said('pause_run', 2, { order: 2 }),
      said('resume_run', 3, { order: 4 }),
    ];
    expect(remarks(life)).toEqual([[], ['clock-back'], []]);
    expect(runOf('r', 1, judge(life)).phase).toBe('physics');
  });

  test('ahead of the receipt by more than a day and an hour is remarked', () => {
    const stampedAt = '2026-01-02T01:00:00.000001Z';
    expect(remarks([said('start_run', 1), said('end_run', 2, { stampedAt })])).toEqual([[], []]);
    expect(remarks([said('end_run', 2, { stampedAt: '2026-01-02T01:00:01.000000Z' })])).toEqual([['clock-ahead']]);
  });

  test('behind the receipt is nothing: recordings are replayed', () => {
    expect(remarks([said('start_run', 1, { stampedAt: '2020-01-01T00:00:00.000000Z' })])).toEqual([[]]);
  });
});

test('a late message takes its place, and what it makes legal is legal', () => {
  const late = said('pause_run', 2);
  const before = judge([said('start_run', 1), said('resume_run', 3)]);
  expect(before.map(({ isLegal }) => isLegal)).toEqual([true, false]);
  expect(judge([...before, late]).map(({ type, isLegal }) => [type, isLegal])).toEqual([
    ['start_run', true],
    ['pause_run', true],
    ['resume_run', true],
  ]);
});

test('a run of which nothing legal is known has an unknown phase', () => {
  expect(runOf('r', 7, [])).toEqual({ id: 'r', run: 7, phase: 'unknown' });
});

test('at the same stamp the DAQ’s own order decides, then the order of a run’s life', () => {
  const one = { stampedAt: at(1) };
  const life = [
    said('end_run', 1, { ...one, order: 2, messageId: 'a' }),
    said('resume_run', 1, { ...one, order: 1, messageId: 'b' }),
    said('pause_run', 1, { ...one, order: 1, messageId: 'c' }),
    said('start_run', 1, { ...one, order: 1, messageId: 'd' }),
    said('run_imminent', 1, { ...one, order: 1, messageId: 'e' }),
  ];
  expect(judge(life).map(({ messageId, isLegal }) => [messageId, isLegal])).toEqual(
    ['e', 'd', 'c', 'b', 'a'].map((id) => [id, true]),
  );
  const reordered = judge([said('pause_run', 1, { order: 3 }), said('resume_run', 1, { order: 2 })]);
  expect(reordered.map(({ type }) => type)).toEqual(['resume_run', 'pause_run']);
});
