import { afterEach, describe, expect, test } from 'vitest';
import type { Clock } from '#ports/clock';

/** A clock and how the suite lets its time go by. */
export type OpenClock = { readonly clock: Clock; readonly pass: (ms: number) => Promise<void> };

const dayMs = 86_400_000;

/** What every clock keeps to. */
export const clockSuite = (kind: string, open: () => OpenClock, close: () => void = () => undefined): void => {
  describe(`the ${kind} clock`, () => {
    afterEach(close);

    test('stands at a moment, and goes on with time', async () => {
      const { clock, pass } = open();
      const beganMs = clock.nowMs();
      expect(new Date(beganMs).toISOString()).toMatch(/^2\d{3}-/);
      await pass(1_500);
      expect(clock.nowMs() - beganMs).toBe(1_500);
    });

    test('wakes once, at its moment and not before', async () => {
      const { clock, pass } = open();
      const atMs = clock.nowMs() + 1_000;
      const woken: number[] = [];
      clock.at(atMs, () => woken.push(clock.nowMs()));
      await pass(999);
      expect(woken).toEqual([]);
      await pass(1);
      await pass(5_000);
      expect(woken).toEqual([atMs]);
    });

    test('wakes in the order of the moments, and of one moment in the order of asking', async () => {
      const { clock, pass } = open();
      const nowMs = clock.nowMs();
      const woken: string[] = [];
      for (const [name, afterMs] of [
        ['c', 300],
        ['a', 100],
        ['b1', 200],
        ['b2', 200],
      ] as const)
        clock.at(nowMs + afterMs, () => woken.push(name));
      await pass(300);
      expect(woken).toEqual(['a', 'b1', 'b2', 'c']);
    });

    test('a moment that is over wakes soon, but never before it is asked for is said', async () => {
      const { clock, pass } = open();
      const woken: string[] = [];
      clock.at(clock.nowMs() - dayMs, () => woken.push('past'));
      clock.at(clock.nowMs(), () => woken.push('now'));
      expect(woken).toEqual([]);
      await pass(1);
      expect(woken.toSorted()).toEqual(['now', 'past']);
    });

    test('what is cancelled never wakes; a second time, and after it woke, a cancel is nothing', async () => {
      const { clock, pass } = open();
      const woken: string[] = [];
      const cancel = clock.at(clock.nowMs() + 100, () => woken.push('cancelled'));
      const late = clock.at(clock.nowMs() + 100, () => woken.push('woken'));
      cancel();
      cancel();
      await pass(200);
      late();
      expect(woken).toEqual(['woken']);
    });

    test('who is woken may ask to be woken again, and cancel others', async () => {
      const { clock, pass } = open();
      const woken: number[] = [];
      const beganMs = clock.nowMs();
      const other = clock.at(beganMs + 250, () => woken.push(-1));
      const again = () => {
        woken.push(clock.nowMs() - beganMs);
        if (woken.length === 2) other();
        if (woken.length < 3) clock.at(clock.nowMs() + 100, again);
      };
      clock.at(beganMs + 100, again);
      await pass(1_000);
      expect(woken).toEqual([100, 200, 300]);
    });

    test('a moment far away, beyond what a timer of the machine takes, is kept', async () => {
      const { clock, pass } = open();
      const woken: number[] = [];
      const beganMs = clock.nowMs();
      clock.at(beganMs + 60 * dayMs, () => woken.push(clock.nowMs() - beganMs));
      const cancel = clock.at(beganMs + 90 * dayMs, () => woken.push(-1));
      await pass(59 * dayMs);
      expect(woken).toEqual([]);
      cancel();
      await pass(40 * dayMs);
      expect(woken).toEqual([60 * dayMs]);
    });
  });
};
