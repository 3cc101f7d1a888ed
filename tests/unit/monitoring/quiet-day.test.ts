import { expect, it } from 'vitest';
import type { Broken } from '../../../functions/lib/schema/broken.ts';
import type { Event } from '../../../functions/lib/schema/event.ts';
import { brokenOf } from '../../../functions/monitoring/broken.ts';
import type { BrokenInputs } from '../../../functions/monitoring/broken-inputs.ts';
import { foldConsequences } from '../../../functions/monitoring/causes.ts';
import { createTally } from '../../../functions/monitoring/tally.ts';
import { aBroker, aPlane, aProcess } from '../../builders/a-broken-house.ts';
import { archiveFacts, logOf, run, startMs, type Told, workFacts } from '../../builders/a-tally-story.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** Of each hour: physics is taken, with an STF every eight seconds. */
const takingMs = 50 * minuteMs;
const everyMs = 8_000;

const hours = Array.from({ length: 24 }, (_, hour) => hour * hourMs);
const told = (sequence: number): Told => ({ sequence, repeats: 0, isArchived: true, fate: 'processed', hold: 'no' });
const stfs = hours.flatMap((ms) => Array.from({ length: takingMs / everyMs }, (_, at) => told(ms + at * everyMs + 1)));
const phase = (data: Record<string, unknown>, ms: number) => ({
  type: 'run.changed',
  subject: 'prod_run_00102363',
  data,
  ms,
});
const phases = hours.flatMap((ms) => [
  phase({ run, phase: 'physics', state: 'run', substate: 'physics' }, ms),
  phase({ run, phase: 'ended', state: 'beam', substate: 'not_ready' }, ms + takingMs),
]);
const byTime = (a: { readonly ms: number }, b: { readonly ms: number }): number => a.ms - b.ms;

/** Both logs of a day on which nothing goes wrong, by time. */
const eventsOf = (missing: (stf: Told) => boolean): Event[] => {
  const come = stfs.filter((stf) => !missing(stf));
  const work = [...phases, ...come.flatMap(workFacts)].toSorted(byTime);
  const events = [...logOf('archive', come.flatMap(archiveFacts)), ...logOf('work', work)];
  return events.toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
};

/** What is broken at each full minute of the day. */
const sample = (
  events: readonly Event[],
  forMs = dayMs,
  standing: (ms: number) => Partial<BrokenInputs> = () => ({}),
): Broken[][] => {
  const tally = createTally();
  let next = 0;
  return Array.from({ length: forMs / minuteMs }, (_, minute) => {
    const nowMs = startMs + (minute + 1) * minuteMs;
    for (; Date.parse(events[next]?.time ?? '9999-01-01') <= nowMs; next++) {
      const event = events[next];
      if (event !== undefined) tally.apply(event);
    }
    const all = brokenOf({
      ...{ nowMs, planes: [aPlane('archive', { disk: { state: 'ok' } }), aPlane('work')], brokers: [aBroker()] },
      processes: ['archive', 'work', 'front', 'bridge'].map((name) => aProcess(name)),
      ...{ ribbon: tally.ribbon(), facets: tally.facets(), rates: tally.rates(nowMs) },
      ...{ backlogs: tally.backlogs(nowMs), evidence: tally.evidence(nowMs) },
      ...standing(nowMs - startMs),
    });
    return foldConsequences(all);
  });
};

it('is green at every minute of a day on which nothing is wrong', () => {
  const samples = sample(eventsOf(() => false));
  expect(samples).toHaveLength(1440);
  expect(samples.flat()).toEqual([]);
});

it('is red on the same day while a broker is away, and says that no STFs come only under it', () => {
  const [fromMs, untilMs] = [2 * hourMs, 2 * hourMs + 30 * minuteMs];
  const isAway = (ms: number): boolean => ms >= fromMs && ms < untilMs;
  const since = new Date(startMs + untilMs).toISOString();
  const brokerAt = (ms: number) => {
    if (isAway(ms)) return aBroker({ state: 'away' });
    return ms < untilMs ? aBroker() : aBroker({ since });
  };
  const samples = sample(
    eventsOf(({ sequence }) => isAway(sequence)),
    3 * hourMs,
    (ms) => ({ brokers: [brokerAt(ms)] }),
  );
  const red = samples.flatMap((broken, minute) => (broken.length === 0 ? [] : [minute + 1]));
  expect(red).toEqual(Array.from({ length: 30 }, (_, at) => 120 + at));
  const shown = samples.flat().map(({ kind, consequences = [] }) => [kind, ...consequences.map((one) => one.kind)]);
  expect(new Set(shown.map(String))).toEqual(new Set(['broker-away', 'broker-away,stream-silent']));
});
