import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PlacementRequest } from '#schema/assignment';
import { choose, type QueueView, queueKey } from '../../../functions/brokerage/choose.ts';
import { policy, priorityOf } from '../../../functions/brokerage/policy.ts';
import { aFacility, aQueueRecord } from '../../builders/a-job.ts';

const aRequest = (jobId: string, fields: Partial<PlacementRequest> = {}): PlacementRequest => ({
  kind: 'place',
  token: `t-${jobId}`,
  jobId,
  attempt: 1,
  requestedAt: '2026-01-01T00:00:00.000Z',
  avoid: [],
  resources: { cores: 1, memoryMb: 1000, diskMb: 1, timeoutS: 1 },
  priority: 500,
  ...fields,
});
const aView = (name: string, slots: number, used = 0, fields: Partial<QueueView['queue']> = {}): QueueView => ({
  facility: aFacility(name),
  queue: aQueueRecord({ slots, ...fields }),
  used,
});

const requests = fc
  .array(
    fc.record({
      priority: fc.integer({ min: 0, max: 3 }),
      second: fc.integer({ min: 0, max: 3 }),
      cores: fc.integer({ min: 1, max: 3 }),
      memoryMb: fc.constantFrom(500, 1500, 5000),
      avoid: fc.subarray(['f0', 'f1', 'f2']),
    }),
    { maxLength: 20 },
  )
  .map((all) =>
    all.map(({ priority, second, cores, memoryMb, avoid }, at) =>
      aRequest(`j${at}`, {
        priority,
        requestedAt: `2026-01-01T00:00:0${second}.000Z`,
        resources: { cores, memoryMb, diskMb: 1, timeoutS: 1 },
        avoid,
      }),
    ),
  );
const views = fc
  .array(
    fc.record({
      slots: fc.integer({ min: 0, max: 5 }),
      used: fc.integer({ min: 0, max: 6 }),
      coresPerSlot: fc.integer({ min: 1, max: 3 }),
      memoryMbPerSlot: fc.constantFrom(1000, 2000, 8000),
      isOnline: fc.boolean(),
    }),
    { maxLength: 3 },
  )
  .map((all) => all.map(({ slots, used, ...fields }, at) => aView(`f${at}`, slots, used, fields)));

const keyOf = (view: QueueView) => queueKey(view.facility.name, view.queue.name);

test('no queue is ever given more than its free slots', () => {
  fc.assert(
    fc.property(requests, views, (asked, seen) => {
      const decisions = choose(asked, seen);
      for (const view of seen) {
        const given = decisions.filter(({ chosen }) => chosen && keyOf(chosen) === keyOf(view)).length;
        expect(given).toBeLessThanOrEqual(Math.max(0, view.queue.slots - view.used));
      }
    }),
  );
});

test('each request is decided once, by priority, then age, then name', () => {
  fc.assert(
    fc.property(requests, views, (asked, seen) => {
      const order = choose(asked, seen).map(({ request }) => request);
      expect(order.map(({ jobId }) => jobId).toSorted()).toEqual(asked.map(({ jobId }) => jobId).toSorted());
      for (const [at, later] of order.slice(1).entries()) {
        const earlier = order[at] ?? later;
        const key = ({ priority, requestedAt, jobId }: PlacementRequest) =>
          `${String(999 - priority).padStart(3, '0')} ${requestedAt} ${jobId}`;
        expect(key(earlier) < key(later)).toBe(true);
      }
    }),
  );
});

test('every decision tells of every queue: a score if it may take the job, else a reason and what would help', () => {
  fc.assert(
    fc.property(requests, views, (asked, seen) => {
      for (const { considered, chosen } of choose(asked, seen)) {
        expect(considered.map(({ facility, queue }) => queueKey(facility, queue))).toEqual(seen.map(keyOf));
        for (const { isEligible, reason, wouldNeed, score, factors } of considered) {
          expect(isEligible).toBe(reason === undefined && wouldNeed === undefined);
          expect(score).toBeCloseTo(Object.values(factors).reduce((sum, factor) => sum + factor, 0));
        }
        const eligible = considered.filter(({ isEligible }) => isEligible);
        expect(chosen === undefined).toBe(eligible.length === 0);
        const own = considered.find(({ facility }) => facility === chosen?.facility.name);
        if (chosen) expect(own?.score).toBe(Math.max(...eligible.map(({ score }) => score)));
      }
    }),
  );
});

test('the same requests in any order are decided alike', () => {
  fc.assert(
    fc.property(
      requests.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      views,
      ([asked, shuffled], seen) => {
        expect(choose(shuffled, seen)).toEqual(choose(asked, seen));
      },
    ),
  );
});

const drain = { by: 'anna', why: 'a new switch', sinceAt: '2026-01-01T00:00:00.000Z' };

test('a facility that is drained is never chosen, and takes no place from another', () => {
  fc.assert(
    fc.property(requests, views, fc.nat(), (asked, seen, pick) => {
      const name = seen[pick % Math.max(1, seen.length)]?.facility.name;
      const drained = seen.map((view) =>
        view.facility.name === name ? { ...view, facility: { ...view.facility, drain } } : view,
      );
      const others = seen.filter((view) => view.facility.name !== name);
      const chosenIn = (all: readonly QueueView[]) =>
        choose(asked, all).map(({ request, chosen }) => [request.jobId, chosen?.facility.name]);
      expect(chosenIn(drained)).toEqual(chosenIn(others));
    }),
  );
});

test('a facility that failed the job is the last choice, and still a choice', () => {
  const seen = [aView('good', 10, 9), aView('bad', 10, 0)];
  expect(choose([aRequest('j1', { avoid: ['bad'] })], seen)[0]?.chosen?.facility.name).toBe('good');
  const full = [aView('good', 10, 10), aView('bad', 10, 0)];
  expect(choose([aRequest('j1', { avoid: ['bad'] })], full)[0]?.chosen?.facility.name).toBe('bad');
});

test('work spreads by the share of free slots', () => {
  const seen = [aView('a', 4, 2), aView('b', 4, 0)];
  const chosen = choose([aRequest('j1'), aRequest('j2'), aRequest('j3')], seen).map((d) => d.chosen?.facility.name);
  expect(chosen.filter((name) => name === 'b')).toHaveLength(2);
});

test.each([
  [aView('f', 1, 1), 'all 1 slots are taken', 'a slot that comes free'],
  [aView('f', 1, 0, { isOnline: false }), 'offline', 'f/default back online'],
  [{ ...aView('f', 1), facility: aFacility('f', { isOnline: false }) }, 'offline', 'f/default back online'],
  [
    { ...aView('f', 1), facility: aFacility('f', { drain }) },
    'drained by anna since 2026-01-01T00:00:00.000Z because a new switch',
    'papilio site resume f',
  ],
  [
    { ...aView('f', 1), facility: aFacility('f', { drain: { ...drain, untilAt: '2026-01-02T00:00:00.000Z' } }) },
    'drained by anna since 2026-01-01T00:00:00.000Z because a new switch',
    'papilio site resume f, or its end at 2026-01-02T00:00:00.000Z',
  ],
  [aView('f', 1, 0, { memoryMbPerSlot: 999 }), '1000 MB asked, 999 MB a slot', 'a queue with 1000 MB a slot'],
])('a queue that cannot take a job says why: %#', (view, reason, wouldNeed) => {
  const [decision] = choose([aRequest('j1')], [view]);
  expect(decision?.chosen).toBeUndefined();
  expect(decision?.considered[0]).toMatchObject({ isEligible: false, reason, wouldNeed });
});

test('a job with more cores than a slot has says what it would need', () => {
  const request = aRequest('j1', { resources: { cores: 8, memoryMb: 1, diskMb: 1, timeoutS: 1 } });
  expect(choose([request], [aView('f', 1)])[0]?.considered[0]).toMatchObject({
    reason: '8 cores asked, 1 a slot',
    wouldNeed: 'a queue with 8 cores a slot',
  });
});

test('the stream goes before what follows from it, and both before what nobody knows', () => {
  expect(priorityOf('stf-hits')).toBeGreaterThan(priorityOf('run-merge'));
  expect(priorityOf('run-merge')).toBeGreaterThan(priorityOf('other'));
  expect(-policy.failedBeforeWeight).toBeGreaterThan(policy.freeShareWeight);
});
