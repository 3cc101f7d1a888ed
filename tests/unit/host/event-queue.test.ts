import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createEventQueue } from '../../../local/host/lambda/event-queue.ts';
import type { FunctionRunner, InvocationOutcome, InvocationRequest } from '../../../local/host/runner.ts';
import { fakeClock } from '../../builders/fake-clock.ts';

const report = { durationMs: 1, memoryMb: 128, maxMemoryMb: 50 };
const answered: InvocationOutcome = { kind: 'answered', payload: '1', logTail: '', report };
const failed: InvocationOutcome = { kind: 'failed', functionError: 'Unhandled', payload: '{}', logTail: '', report };
const throttled: InvocationOutcome = {
  kind: 'refused',
  refusal: { reason: 'throttled', limit: 'host', retryAfterS: 1 },
};

/** A runner whose outcomes are given in their order; the last one stays. */
const aRunner = (outcomes: readonly InvocationOutcome[]) => {
  const calls: { readonly requestId: string; readonly atMs: number }[] = [];
  const clock = fakeClock(0);
  const runner: FunctionRunner = {
    invoke: async ({ requestId }) => {
      calls.push({ requestId, atMs: clock.nowMs() });
      return outcomes[Math.min(calls.length, outcomes.length) - 1] ?? answered;
    },
    list: () => [],
    describe: () => undefined,
    logs: () => [],
    followLogs: () => () => undefined,
  };
  return { clock, runner, calls };
};

const anEvent = (requestId: string): InvocationRequest => ({ name: 'behave', payload: '{}', requestId });
const S = 1000;

test('an event whose function fails is tried after one minute and after two more, then given up', async () => {
  const { clock, runner, calls } = aRunner([failed]);
  const dropped: string[] = [];
  const queue = createEventQueue({
    runner,
    clock,
    onDropped: ({ requestId }, why) => dropped.push(`${requestId}: ${why}`),
  });
  expect(queue.add(anEvent('e1'))).toBe(true);
  await setImmediate();
  await clock.advance(3600 * S);
  expect(calls).toEqual([0, 60 * S, 180 * S].map((atMs) => ({ requestId: 'e1', atMs })));
  expect(dropped).toEqual(['e1: it failed three times']);
  expect(queue.counts()).toEqual({ inHand: 0, done: 0, dropped: 1 });
});

test('an event that succeeds at its second try is done', async () => {
  const { clock, runner, calls } = aRunner([failed, answered]);
  const queue = createEventQueue({ runner, clock });
  queue.add(anEvent('e1'));
  await setImmediate();
  await clock.advance(3600 * S);
  expect(calls).toHaveLength(2);
  expect(queue.counts()).toEqual({ inHand: 0, done: 1, dropped: 0 });
});

test('an event that finds no room waits longer each time, at most five minutes, and six hours in all', async () => {
  const { clock, runner, calls } = aRunner([throttled]);
  const dropped: string[] = [];
  const queue = createEventQueue({ runner, clock, onDropped: (_, why) => dropped.push(why) });
  queue.add(anEvent('e1'));
  await setImmediate();
  await clock.advance(7 * 3600 * S);
  const waits = calls.slice(1).map(({ atMs }, n) => (atMs - (calls[n]?.atMs ?? 0)) / S);
  expect(waits.slice(0, 10)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
  expect(new Set(waits.slice(9))).toEqual(new Set([300]));
  expect(calls.at(-1)?.atMs).toBeGreaterThan(6 * 3600 * S);
  expect(calls.at(-1)?.atMs).toBeLessThanOrEqual(6 * 3600 * S + 300 * S);
  expect(dropped).toEqual(['it found no room for six hours']);
});

test('there is room for so many events and no more, those that wait for their next try included', async () => {
  const { clock, runner } = aRunner([failed]);
  const queue = createEventQueue({ runner, clock, capacity: 2 });
  expect([queue.add(anEvent('e1')), queue.add(anEvent('e2')), queue.add(anEvent('e3'))]).toEqual([true, true, false]);
  await setImmediate();
  expect(queue.add(anEvent('e3'))).toBe(false);
  await clock.advance(180 * S);
  expect(queue.add(anEvent('e3'))).toBe(true);
});

test('events have room for so many bytes together and no more, until one is done', async () => {
  const { clock, runner } = aRunner([failed, answered]);
  const queue = createEventQueue({ runner, clock, capacityBytes: 5 });
  const event = { ...anEvent('e1'), payload: '"ü"' };
  expect([queue.add(event), queue.add(event)]).toEqual([true, false]);
  await setImmediate();
  expect(queue.add(event)).toBe(false);
  await clock.advance(60 * S);
  expect(queue.counts()).toEqual({ inHand: 0, done: 1, dropped: 0 });
  expect(queue.add(event)).toBe(true);
});

test('what waits when the queue is closed is told to be lost, and no timer is left', async () => {
  const { clock, runner, calls } = aRunner([failed]);
  const dropped: string[] = [];
  const queue = createEventQueue({
    runner,
    clock,
    onDropped: ({ requestId }, why) => dropped.push(`${requestId}: ${why}`),
  });
  queue.add(anEvent('e1'));
  await setImmediate();
  queue.close();
  expect(dropped).toEqual(['e1: the host ended']);
  expect(clock.timers()).toBe(0);
  expect(queue.add(anEvent('e2'))).toBe(false);
  expect(calls).toHaveLength(1);
});
