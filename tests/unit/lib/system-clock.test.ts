import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createSystemClock } from '#lib/system-clock';

const hourMs = 3_600_000;

/** A clock over hands that the test turns. */
const aClock = () => {
  const hands = { wallMs: Date.UTC(2026, 10, 24), monotonicMs: 1_000.25 };
  const clock = createSystemClock(
    () => hands.wallMs,
    () => hands.monotonicMs,
  );
  const pass = (ms: number, stepMs = 0): number => {
    hands.monotonicMs += ms;
    hands.wallMs += ms + stepMs;
    return clock.nowMs();
  };
  return { pass, startMs: clock.nowMs() };
};

test('a clock that is set back goes on from where it was', () => {
  const { pass, startMs } = aClock();
  expect(pass(500, -hourMs) - startMs).toBe(500);
  expect(pass(500) - startMs).toBe(1_000);
});

test('a clock that is set forward, or whose machine slept, shows it at once', () => {
  const { pass, startMs } = aClock();
  expect(pass(0, hourMs) - startMs).toBe(hourMs);
});

test('a process that starts while the machine’s clock is set back begins no earlier than it was told, and follows later', () => {
  const hands = { wallMs: Date.UTC(2026, 10, 24), monotonicMs: 40 };
  const floorMs = hands.wallMs + hourMs;
  const clock = createSystemClock(
    () => hands.wallMs,
    () => hands.monotonicMs,
    floorMs,
  );
  expect(clock.nowMs()).toBe(floorMs);
  hands.monotonicMs += 500;
  expect(clock.nowMs()).toBe(floorMs + 500);
  hands.wallMs += 2 * hourMs;
  expect(clock.nowMs()).toBe(hands.wallMs);
});

test('however the hands are turned, time never goes back and never stands still', () => {
  const turn = fc.tuple(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: -hourMs, max: hourMs }));
  fc.assert(
    fc.property(fc.array(turn), (turns) => {
      const { pass, startMs } = aClock();
      let lastMs = startMs;
      for (const [ms, stepMs] of turns) {
        const nowMs = pass(ms, stepMs);
        expect(nowMs - lastMs).toBeGreaterThanOrEqual(ms);
        lastMs = nowMs;
      }
    }),
  );
});

test('who waits for a second waits for a second, though the clock is set back meanwhile', () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 24), toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const clock = createSystemClock();
  const wake = vi.fn();
  clock.at(clock.nowMs() + 1_000, wake);
  vi.setSystemTime(Date.now() - hourMs);
  vi.advanceTimersByTime(1_000);
  expect(wake).toHaveBeenCalledOnce();
});
