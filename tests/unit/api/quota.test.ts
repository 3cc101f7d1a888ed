import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCounter } from '../../../functions/api/quota.ts';

const quota = { requests: 60, windowS: 60 };

describe('a quota', () => {
  it('lets as many pass at once as it says, and then one whenever one is earned', () => {
    const counter = createCounter();
    const now = 5_000;
    const taken = Array.from({ length: 61 }, () => counter.take('anna', quota, now));
    expect(taken.map(({ remaining }) => remaining)).toEqual([...Array.from({ length: 60 }, (_, at) => 59 - at), 0]);
    expect(taken.map(({ isAllowed }) => isAllowed).indexOf(false)).toBe(60);
    expect(taken[60]).toMatchObject({ nextInMs: 1_000, fullInMs: 60_000 });
    expect(counter.take('anna', quota, now + 999).isAllowed).toBe(false);
    expect(counter.take('anna', quota, now + 1_000).isAllowed).toBe(true);
    expect(counter.look('anna', quota, now + 61_001)).toMatchObject({ remaining: 60, fullInMs: 0 });
  });

  it('is each one’s own, and looking takes nothing', () => {
    const counter = createCounter();
    for (let nth = 0; nth < 100; nth++) counter.take('anna', quota, 0);
    expect(counter.look('bert', quota, 0)).toMatchObject({ isAllowed: true, remaining: 60 });
    expect(counter.take('bert', quota, 0)).toMatchObject({ isAllowed: true, remaining: 59 });
  });

  it('never lets more pass in any time than it says for that time and one window', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(
        gaps,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 10 }),
        (waits, requests, windowS) => {
          const counter = createCounter();
          let nowMs = 0;
          const passed = waits.flatMap((wait) => {
            nowMs += wait;
            return counter.take('anna', { requests, windowS }, nowMs).isAllowed ? [nowMs] : [];
          });
          for (const [at, first] of passed.entries()) {
            const last = passed.at(-1) ?? first;
            const earned = ((last - first) / 1000 / windowS) * requests;
            expect(passed.length - at).toBeLessThanOrEqual(Math.floor(requests + earned + 1e-6));
          }
        },
      ),
    );
  });

  it('is told truly: who waits as long as it is told passes, who waits less does not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 }), (requests, windowS) => {
        const counter = createCounter();
        const own = { requests, windowS };
        while (counter.take('anna', own, 0).isAllowed);
        const { nextInMs } = counter.look('anna', own, 0);
        expect(counter.look('anna', own, nextInMs - 1).isAllowed).toBe(false);
        expect(counter.look('anna', own, Math.ceil(nextInMs) + 1).isAllowed).toBe(true);
      }),
    );
  });
});
