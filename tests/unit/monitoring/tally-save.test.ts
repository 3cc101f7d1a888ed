import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../../functions/lib/schema/event.ts';
import { createRestingRuns, createRunTallies, type RestingRuns } from '../../../functions/monitoring/run-tallies.ts';
import { type Counts, createStfMarks, noCounts } from '../../../functions/monitoring/stf-marks.ts';
import { createTally, type Tally } from '../../../functions/monitoring/tally.ts';
import {
  archiveFacts,
  choices,
  covered,
  interleaved,
  logOf,
  revised,
  run,
  startMs,
  stories,
  workFacts,
} from '../../builders/a-tally-story.ts';

const nowMs = startMs + 5_000;
const applyAll = (tally: Tally, events: readonly Event[]): Tally => {
  for (const event of events) tally.apply(event);
  return tally;
};
/** A tally made again of what another saved. */
const copyOf = (tally: Tally, resting: RestingRuns): Tally => {
  const copy = createTally(resting);
  for (const line of tally.save()) copy.restore(line);
  return copy;
};
/** All that a tally shows. */
const shown = (tally: Tally, runs: readonly number[]) => ({
  all: [tally.figures(), tally.summary()],
  runs: runs.map((number) => [tally.figures(number), tally.summary(number), tally.knows(number)]),
  facets: tally.facets(),
  ribbon: tally.ribbon(),
  waiting: tally.waiting(),
  rates: tally.rates(nowMs),
  backlogs: tally.backlogs(nowMs),
  evidence: tally.evidence(nowMs),
});

/** The story of one run as that of another. */
const ofRun = (events: readonly Event[], number: number): Event[] =>
  JSON.parse(JSON.stringify(events).replaceAll(String(run), String(number)));

describe('a saved tally', () => {
  it('goes on as one that was never saved, wherever it was cut', () => {
    fc.assert(
      fc.property(stories, choices, fc.nat({ max: 400 }), (all, order, cut) => {
        const facets = all.map(({ fate }, at) => revised('processing', at + 1, fate, at));
        const changed = {
          type: 'run.changed',
          subject: 'prod_run_00102363',
          data: { run, phase: 'physics', state: 'run', substate: 'physics' },
          ms: 2,
        };
        const drained = {
          type: 'facility.drained',
          subject: 'prod_facility_local',
          data: { facility: 'local', who: 'ada', why: 'a disk' },
          ms: 3,
        };
        const events = interleaved(
          logOf('archive', all.flatMap(archiveFacts)),
          logOf('work', [changed, ...all.flatMap(workFacts), ...facets, covered(2, 9), drained]),
          order,
        );
        const at = Math.min(cut, events.length);
        const [resting, other] = [createRestingRuns(), createRestingRuns()];
        const saved = copyOf(applyAll(createTally(resting), events.slice(0, at)), resting);
        const whole = applyAll(createTally(other), events);
        expect(shown(applyAll(saved, events.slice(at)), [run])).toEqual(shown(whole, [run]));
      }),
      { numRuns: 60 },
    );
  });

  it('has 16 kB for thousands of STFs that are done', () => {
    const tally = createTally();
    const facts = Array.from({ length: 8_192 }, (_, sequence) => ({
      sequence,
      repeats: 0,
      isArchived: true,
      fate: 'processed' as const,
      hold: 'no' as const,
    }));
    applyAll(tally, [...logOf('archive', facts.flatMap(archiveFacts)), ...logOf('work', facts.flatMap(workFacts))]);
    expect(tally.figures().stfs.processed).toBe(8_192);
    expect([...tally.save()].join('\n').length).toBeLessThan(16_384);
  });
});

describe('runs at rest', () => {
  it('show and count the same as if they had never rested, late STFs included', () => {
    fc.assert(
      fc.property(stories, fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 60 }), (all, order) => {
        const numbers = [102363, 102364, 102365, 102366, 102367];
        const queues = numbers.map((number) =>
          ofRun([...logOf('archive', all.flatMap(archiveFacts)), ...logOf('work', all.flatMap(workFacts))], number),
        );
        const told: Event[] = [];
        for (let at = 0; queues.some((queue) => queue.length > 0); at += 1) {
          const first = order[at % order.length] ?? 0;
          const queue = [...queues.slice(first), ...queues].find((each) => each.length > 0);
          told.push(...(queue?.splice(0, 3) ?? []));
        }
        const events = told.map((event, at) => ({ ...event, seq: at + 1 }));
        const [few, many] = [createTally(createRestingRuns(), 1), createTally(createRestingRuns(), 50)];
        expect(shown(applyAll(few, events), numbers)).toEqual(shown(applyAll(many, events), numbers));
      }),
      { numRuns: 40 },
    );
  });

  it('leave memory: of ten thousand runs as many are awake as may be', () => {
    const runs = createRunTallies(noCounts(), createRestingRuns());
    for (let number = 0; number < 10_000; number += 1) runs.of(number).marks.set(1, 'seen');
    expect([...runs.awake()]).toHaveLength(50);
    expect(runs.figures(0)).toMatchObject({ stfs: { seen: 1 } });
  });
});

/** Marks of STFs that are all done. */
const someDone = (count: number, total: Counts) => {
  const marks = createStfMarks(total);
  for (let sequence = 0; sequence < count; sequence += 1)
    for (const name of ['seen', 'archived', 'processed'] as const) marks.set(sequence, name);
  return marks;
};

describe('marks of STFs', () => {
  const changes = fc.array(
    fc.record({
      sequence: fc.oneof(fc.integer({ min: 0, max: 2_100 }), fc.integer({ min: 0, max: 99_999_999 })),
      name: fc.constantFrom('seen', 'archived', 'processed', 'failed', 'quarantined'),
      isSet: fc.boolean(),
    }),
    { maxLength: 60 },
  );

  it('are the same after they were saved, pages that were done and opened again included', () => {
    fc.assert(
      fc.property(changes, (all) => {
        const total = noCounts();
        const marks = someDone(1_100, total);
        for (const { sequence, name, isSet } of all) marks.set(sequence, name, isSet);
        expect(marks.counts()).toEqual(total);
        const copy = createStfMarks(noCounts(), JSON.parse(JSON.stringify(marks.save())));
        expect(copy.counts()).toEqual(marks.counts());
        for (const { sequence, name } of all) expect(copy.has(sequence, name)).toBe(marks.has(sequence, name));
        expect(copy.save()).toEqual(marks.save());
      }),
      { numRuns: 50 },
    );
  });

  it('take a byte for ten STFs at most where all are done', () => {
    const marks = someDone(200_000, noCounts());
    expect(JSON.stringify(marks.save()).length / 200_000).toBeLessThan(0.1);
  });
});
