import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Observation } from '#schema/detector-state';
import type { RecentRuns } from '#schema/recent-runs';
import { lineOf, overlapsOf, withRun } from '../../../functions/daq/recent-runs.ts';
import { judge } from '../../../functions/daq/timeline.ts';

const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString().replace('Z', '000Z');
const said = (run: number, type: Observation['type'], second: number, fields: Partial<Observation> = {}) => ({
  run,
  observation: {
    messageId: `m-${run}-${type}-${second}`,
    type,
    stampedAt: at(second),
    order: 0,
    receivedAt: '2026-01-01T00:00:00.000Z',
    raw: '{}',
    ...fields,
  },
});
type Said = ReturnType<typeof said>;

/** What is known after messages came in this order, one by one. */
const knownAfter = (arrived: readonly Said[]): RecentRuns => {
  let recent: RecentRuns = { runs: [] };
  for (const [count, { run }] of arrived.entries()) {
    const ofRun = arrived.slice(0, count + 1).filter((one) => one.run === run);
    recent = withRun(recent, `r${run}`, lineOf(`r${run}`, run, judge(ofRun.map(({ observation }) => observation))));
  }
  return recent;
};

describe('the state now', () => {
  test('is what the run says that was spoken of last', () => {
    const life = [
      said(1, 'start_run', 1),
      said(1, 'end_run', 2),
      said(2, 'run_imminent', 3, { conditions: { detector_config: 'physics-3' } }),
      said(2, 'start_run', 4),
      said(2, 'pause_run', 5),
    ];
    expect(knownAfter(life).runs.at(-1)).toMatchObject({
      run: 2,
      configuration: 'physics-3',
      detector: { value: 'run/standby', eventAt: at(5), confidence: 'implied', reason: 'pause_run of run 2' },
      runControl: { value: 'run 2 standby', eventAt: at(5) },
    });
  });

  test('holds since the message that changed it, not since the last that told it', () => {
    const pair = { state: 'run', substate: 'physics' } as const;
    const line = lineOf(
      'r1',
      1,
      judge([said(1, 'start_run', 1), said(1, 'pause_run', 2, { pair })].map((one) => one.observation)),
    );
    expect(line?.detector).toMatchObject({ value: 'run/physics', eventAt: at(1) });
    expect(line?.runControl).toMatchObject({ value: 'run 1 standby', eventAt: at(2), confidence: 'told' });
  });

  test('does not follow a message that is stamped days ahead', () => {
    const far = said(1, 'end_run', 10 * 86_400);
    expect(knownAfter([said(1, 'start_run', 1), far]).runs.at(-1)?.detector.value).toBe('run/physics');
    expect(knownAfter([far]).runs).toEqual([]);
  });

  test('is the same for any order of arrival of the messages of any runs', () => {
    const kinds = ['run_imminent', 'start_run', 'pause_run', 'resume_run', 'end_run'] as const;
    const message = fc
      .tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom(...kinds), fc.integer({ min: 0, max: 12 }))
      .map(([run, kind, second]) => said(run, kind, second));
    const arrivals = fc
      .uniqueArray(message, { maxLength: 20, selector: ({ observation }) => observation.messageId })
      .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
    fc.assert(
      fc.property(arrivals, ([all, arrived]) => {
        expect(knownAfter(arrived)).toEqual(knownAfter(all));
      }),
    );
  });

  test('is kept of as many runs as are remembered', () => {
    const recent = knownAfter(Array.from({ length: 80 }, (_, run) => said(run, 'end_run', run)));
    expect(recent.runs.map(({ run }) => run)).toEqual(Array.from({ length: 64 }, (_, index) => index + 16));
  });
});

describe('runs that overlap', () => {
  const lives = (...runs: readonly (readonly [run: number, start: number, end?: number])[]): RecentRuns =>
    knownAfter(
      runs.flatMap(([run, start, end]) => [
        said(run, 'start_run', start),
        ...(end === undefined ? [] : [said(run, 'end_run', end)]),
      ]),
    );

  test.each([
    ['one after the other', lives([1, 0, 5], [2, 5, 9], [3, 10]), []],
    [
      'one within the other',
      lives([1, 0, 9], [2, 2, 3], [3, 4, 5]),
      [
        { run: 2, with: 1 },
        { run: 3, with: 1 },
      ],
    ],
    [
      'one that never ended',
      lives([1, 0], [2, 5, 9], [3, 10]),
      [
        { run: 2, with: 1 },
        { run: 3, with: 1 },
      ],
    ],
    [
      'in a chain',
      lives([1, 0, 5], [2, 4, 9], [3, 8]),
      [
        { run: 2, with: 1 },
        { run: 3, with: 2 },
      ],
    ],
  ])('%s', (_, recent, overlaps) => {
    expect(overlapsOf(recent)).toEqual(overlaps);
  });
});
