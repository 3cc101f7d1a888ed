import { vi } from 'vitest';
import { createSystemClock } from '#lib/system-clock';
import { fakeClock } from '../builders/fake-clock.ts';
import { clockSuite } from './clock-suite.ts';

clockSuite('fake', () => {
  const clock = fakeClock();
  return { clock, pass: clock.advance };
});

// The hands of the machine itself are turned: what is tested is how the clock deals with its timers.
clockSuite(
  'system',
  () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 0, 1), toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
    return {
      clock: createSystemClock(),
      pass: async (ms) => {
        await vi.advanceTimersByTimeAsync(ms);
      },
    };
  },
  () => {
    vi.useRealTimers();
  },
);
