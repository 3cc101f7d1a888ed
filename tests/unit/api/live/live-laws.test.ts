import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type EventFilter, facetsOf, testOf } from '../../../../functions/api/event-filter.ts';
import type { Plane } from '../../../../functions/catalog.ts';
import type { CloudEvent, NewEvent } from '../../../../functions/lib/schema/event.ts';
import { anEvent } from '../../../builders/an-event.ts';
import { aLiveHouse, type Listening, type LiveHouse } from '../../../builders/live-events.ts';

/** Small numbers, so that a few events lead through every way that there is: store, newest events, live, too slow. */
const live = { recentEvents: 8, replayEvents: 3, backlogBytes: 2_000, aheadBytes: 600, gatherMs: 50, stallMs: 1e9 };

type Step =
  | { readonly does: 'write'; readonly plane: Plane; readonly count: number }
  | { readonly does: 'frontFalls'; readonly lag: Partial<Record<Plane, number>> }
  | { readonly does: 'cut' | 'comeBack' | 'stall' | 'goOn' | 'turn' | 'settle' };

const plane = fc.constantFrom<Plane>('archive', 'work');
const writes = fc.record({ does: fc.constant('write' as const), plane, count: fc.integer({ min: 1, max: 14 }) });
const lag = fc.record({ archive: fc.integer({ min: 0, max: 12 }), work: fc.integer({ min: 0, max: 12 }) });
const falls = fc.record({ does: fc.constant('frontFalls' as const), lag });
const others = fc.record({
  does: fc.constantFrom('cut' as const, 'comeBack', 'comeBack', 'stall', 'goOn', 'turn', 'turn', 'turn', 'settle'),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: writes },
  { weight: 1, arbitrary: falls },
  { weight: 6, arbitrary: others },
);

const types = ['stf.archived', 'stf.catalogued', 'job.settled', 'run.changed'];
const filter: fc.Arbitrary<EventFilter> = fc.record(
  {
    type: fc.constantFrom('stf', 'stf.archived,run', 'job.settled', 'nothing', ' job. , run.changed'),
    run: fc.constantFrom(1, 2),
    facility: fc.constantFrom('local', 'nersc'),
    owner: fc.constantFrom('ada'),
  },
  { requiredKeys: [] },
);

/** The nth event of a log. */
const eventOf = (of: Plane, n: number): NewEvent =>
  anEvent({
    id: `${of}-${n}`,
    source: `/prod/bnl/${of}`,
    type: types[n % types.length] ?? '',
    subject: `prod_stf_0000000${1 + (n % 3)}-${String(n).padStart(8, '0')}`,
    time: new Date(Date.UTC(2026, 0, 1) + n * 1_000).toISOString(),
    data: {
      ...(n % 2 === 0 ? { facility: n % 4 === 0 ? 'local' : 'nersc' } : {}),
      ...(n % 5 === 0 ? { owner: 'ada' } : {}),
    },
  });

/** A client that comes back each time with the last id that it has, and what it heard in all. */
const aFaithfulClient = (wanted: EventFilter) => {
  let position = 'a0-w0';
  let now: Listening | undefined;
  const heard: CloudEvent[] = [];
  return {
    heard,
    part: (): void => {
      position = now?.cut() ?? position;
      heard.push(...(now?.events() ?? []));
      now = undefined;
    },
    comeBack: async (house: LiveHouse): Promise<void> => {
      now ??= await house.listen(wanted, position);
    },
    stall: (): void => now?.stall(),
    goOn: (): void => now?.goOn(),
  };
};

/** Leads a client through what happens to it; gives what it heard, and the logs. */
const lead = async (wanted: EventFilter, steps: readonly Step[]) => {
  let house = await aLiveHouse({ live });
  const written: Record<Plane, number> = { archive: 0, work: 0 };
  const client = aFaithfulClient(wanted);
  const plain: Record<Exclude<Step['does'], 'write' | 'frontFalls'>, () => unknown> = {
    cut: client.part,
    comeBack: () => client.comeBack(house),
    stall: client.stall,
    goOn: client.goOn,
    turn: () => setImmediate(),
    settle: () => house.settle(),
  };
  const write = async (of: Plane, count: number): Promise<void> => {
    const first = written[of] + 1;
    written[of] += count;
    const events = Array.from({ length: count }, (_, at) => eventOf(of, first + at));
    await house.write(of, events);
  };
  const frontFalls = async (next: Partial<Record<Plane, number>>): Promise<void> => {
    client.part();
    await house[Symbol.asyncDispose]();
    house = await aLiveHouse({ live, planes: house.planes, clock: house.clock, lag: next });
  };
  for (const each of steps) {
    if (each.does === 'write') await write(each.plane, each.count);
    else if (each.does === 'frontFalls') await frontFalls(each.lag);
    else await plain[each.does]();
  }
  client.goOn();
  await client.comeBack(house);
  for (let turn = 0; turn < 6; turn += 1) await house.settle();
  client.part();
  const logs = { archive: await house.planes.archive.log.read(0), work: await house.planes.work.log.read(0) };
  await house[Symbol.asyncDispose]();
  return { heard: client.heard, logs };
};

test('a client that comes back with its last id hears each event that it wants once, in its log’s order', async () => {
  await fc.assert(
    fc.asyncProperty(filter, fc.array(step, { maxLength: 30, size: 'max' }), async (wanted, steps) => {
      const { heard, logs } = await lead(wanted, steps);
      const { fits } = testOf(wanted);
      for (const of of ['archive', 'work'] as const) {
        const expected = logs[of].filter((event) => fits(facetsOf(event))).map(({ seq }) => seq);
        expect(heard.filter(({ source }) => source.endsWith(of)).map(({ seq }) => seq)).toEqual(expected);
      }
    }),
    { numRuns: 200 },
  );
});
