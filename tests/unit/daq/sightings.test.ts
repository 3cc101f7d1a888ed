import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Sighting, Sightings } from '#schema/sighting';
import { see, standing } from '../../../functions/daq/sightings.ts';

const startMs = Date.UTC(2026, 0, 1);
/** An STF of the run so many seconds after its start; its sequence follows from that. */
const seen = (second: number, value: string, changes: Partial<Sighting> = {}): Sighting => ({
  value,
  run: 1,
  sequence: Math.round(second * 10),
  stampedAt: new Date(startMs + second * 1000).toISOString().replace('Z', '000Z'),
  runId: 'r1',
  messageId: `m-${second}-${value}`,
  receivedAt: '2026-01-01T00:00:00.000Z',
  ...changes,
});
const none: Sightings = { latest: [] };
const sawAll = (stfs: readonly Sighting[], from = none): Sightings =>
  stfs.reduce((known, stf) => see(known, stf)?.sightings ?? known, from);

describe('what is observed', () => {
  test('holds since the first STF that showed it', () => {
    const stfs = [seen(1, 'beam/ready'), seen(2, 'run/physics'), seen(3, 'run/physics'), seen(60, 'run/physics')];
    expect(standing(sawAll(stfs))).toEqual(stfs[1]);
    expect(standing(none)).toBeUndefined();
  });

  test('is a state again that it had before', () => {
    const stfs = [seen(1, 'run/physics'), seen(10, 'run/standby'), seen(20, 'run/physics')];
    expect(standing(sawAll(stfs))).toEqual(stfs[2]);
  });

  test('begins anew with a run', () => {
    const stfs = [seen(1, 'run/physics'), seen(2, 'run/physics', { run: 2, runId: 'r2', sequence: 0 })];
    expect(standing(sawAll(stfs))).toEqual(stfs[1]);
  });

  test('is written once in five seconds while the state stays, whatever the rate', () => {
    let known = none;
    let writes = 0;
    for (let at = 0; at < 6.25 * 1200; at++) {
      const next = see(known, seen(at / 6.25, 'run/physics', { sequence: at }));
      if (next) {
        known = next.sightings;
        writes += 1;
      }
    }
    expect(writes).toBe(1200 / 5);
    expect(known.latest).toHaveLength(64);
    expect(standing(known)?.sequence).toBe(0);
  });

  test('any order of arrival, and any repeats, end in the same', () => {
    const stf = fc
      .tuple(fc.nat(290), fc.constantFrom('no_beam/calib', 'beam/ready', 'run/physics'), fc.constantFrom(1, 2))
      .map(([tenths, value, run]) => seen(tenths, value, { run, runId: `r${run}`, sequence: tenths }));
    const arrivals = fc
      .array(stf, { maxLength: 40 })
      .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })));
    fc.assert(
      fc.property(arrivals, ([all, arrived]) => {
        expect(sawAll(arrived)).toEqual(sawAll(all));
      }),
    );
  });

  test('is what the latest STF shows, where a state lasts longer than five seconds', () => {
    const stretches = fc.array(
      fc.record({
        value: fc.constantFrom('beam/ready', 'run/physics', 'run/standby'),
        lastsS: fc.integer({ min: 6, max: 90 }),
      }),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(stretches, (told) => {
        let second = 0;
        const stfs = told.flatMap(({ value, lastsS }) =>
          Array.from({ length: lastsS }, () => {
            second += 1;
            return seen(second, value);
          }),
        );
        const last = stfs.at(-1);
        const firstOther = stfs.findLastIndex(({ value }) => value !== last?.value);
        expect(standing(sawAll(stfs))).toEqual(stfs[firstOther + 1]);
      }),
    );
  });
});

describe('an STF that is stamped oddly', () => {
  const steady = Array.from({ length: 700 }, (_, at) => seen(at, 'run/physics'));

  test('too late for what is remembered, changes nothing', () => {
    const known = sawAll(steady);
    expect(see(known, seen(10, 'run/standby', { sequence: 100 }))).toBeUndefined();
  });

  test('before earlier ones of its run by more than a minute, is doubted once and does not count', () => {
    const known = sawAll(steady);
    const back = see(known, seen(500, 'run/standby', { sequence: 7000 }));
    expect(back?.isClockBack).toBe(true);
    const after = back?.sightings ?? none;
    expect(standing(after)).toEqual(standing(known));
    expect(see(after, seen(501, 'run/standby', { sequence: 7010 }))).toBeUndefined();
    const right = seen(703, 'run/physics', { sequence: 7002 });
    expect(sawAll([right], after)).toEqual(sawAll([right], known));
  });

  test('shows a clock that was set back, if those after it say the same', () => {
    const back = Array.from({ length: 20 }, (_, at) => seen(300 + at, 'run/standby', { sequence: 7000 + at }));
    expect(standing(sawAll(back, sawAll(steady)))).toMatchObject({ value: 'run/standby', sequence: 7016 });
    const jumps = back.reduce(
      ({ known, count }, stf) => {
        const next = see(known, stf);
        return { known: next?.sightings ?? known, count: count + (next?.isClockBack ? 1 : 0) };
      },
      { known: sawAll(steady), count: 0 },
    );
    expect(jumps.count).toBe(1);
  });

  test('ahead, holds the state only until some more STFs of the run have come', () => {
    const known = sawAll([...steady, seen(5000, 'no_beam/eic', { sequence: 7000 })]);
    expect(standing(known)?.value).toBe('no_beam/eic');
    const next = Array.from({ length: 20 }, (_, at) => seen(701 + at, 'run/physics', { sequence: 7001 + at }));
    expect(standing(sawAll(next, known))).toMatchObject({ value: 'run/physics', sequence: 0 });
  });

  test('within a minute of earlier ones, is only out of order', () => {
    expect(see(sawAll(steady), seen(690, 'run/standby', { sequence: 7000 }))?.isClockBack).toBe(false);
  });
});
