import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type MergeLook, mergeWaitS } from '../../../functions/streaming/merge-timing.ts';

const quiet: MergeLook = {
  isReady: false,
  isComplete: false,
  isSuspended: false,
  isMerging: false,
  inFlight: 0,
  quietS: 60,
  closeS: 60,
};

test.each<[string, Partial<MergeLook>, number]>([
  ['a complete run is merged at once', { isReady: true, isComplete: true, quietS: 0 }, 0],
  ['a run of which STFs never came is merged once it was quiet', {}, 0],
  ['a run of which an STF came just now is given its time again', { quietS: 0.2 }, 60],
  ['the rest of that time is waited for', { quietS: 59.5 }, 1],
  ['a run without any STF waits no longer', { quietS: undefined }, 0],
  ['STFs in flight hold the merge up', { inFlight: 3 }, 60],
  ['and the longer nothing settles, the fewer looks', { inFlight: 3, quietS: 1000 }, 1000],
  ['an hour at most', { inFlight: 3, quietS: 50_000 }, 3600],
  ['for a day', { inFlight: 3, quietS: 86_400 }, 0],
  ['while processing is suspended, by the hour', { isSuspended: true }, 3600],
  ['but a complete run is merged then too', { isSuspended: true, isReady: true, isComplete: true }, 0],
  ['and one that is complete and no longer ready as soon as it is quiet', { isSuspended: true, isComplete: true }, 0],
  ['a pass waits for the one before it, whatever else is so', { isReady: true, isComplete: true, isMerging: true }, 60],
])('%s', (_, changed, expected) => {
  expect(mergeWaitS({ ...quiet, ...changed })).toBe(expected);
});

test('a wait is whole, never negative, and never longer than an hour or the quiet time', () => {
  const looks = fc.record({
    isReady: fc.boolean(),
    isComplete: fc.boolean(),
    isSuspended: fc.boolean(),
    isMerging: fc.boolean(),
    inFlight: fc.nat(5),
    quietS: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined }),
    closeS: fc.integer({ min: 1, max: 86_400 }),
  });
  fc.assert(
    fc.property(looks, (look) => {
      const waitS = mergeWaitS(look);
      expect(Number.isInteger(waitS)).toBe(true);
      expect(waitS).toBeGreaterThanOrEqual(0);
      expect(waitS).toBeLessThanOrEqual(Math.max(3600, look.closeS));
    }),
  );
});
