import fc from 'fast-check';
import { expect, test } from 'vitest';
import { holdsJobs, judgeProcessing, judgeStream } from '#lib/model/suspension';

test.each([
  ['nothing is known', {}, 'running', false],
  ['the detector takes data', { detector: 'run/physics', stream: 'flowing' }, 'running', false],
  ['the detector is tested', { detector: 'test/daq', stream: 'flowing' }, 'running', false],
  ['the detector is off', { detector: 'off/eic', stream: 'flowing' }, 'suspended-by-state', true],
  ['the stream is silent', { detector: 'beam/ready', stream: 'silent' }, 'suspended-by-silence', false],
  ['the detector is off and the stream silent', { detector: 'off/eic', stream: 'silent' }, 'suspended-by-state', true],
  ['an operator holds it', { heldBecause: 'anna: x', detector: 'off/eic' }, 'suspended-by-operator', true],
])('when %s, processing is %s', (_, known, value, holds) => {
  const verdict = judgeProcessing({ heldBecause: undefined, detector: undefined, stream: undefined, ...known }, [
    'off',
  ]);
  expect(verdict.value).toBe(value);
  expect(holdsJobs(value)).toBe(holds);
});

test('which states suspend is configuration', () => {
  const known = { heldBecause: undefined, detector: 'calib/daq', stream: 'flowing' };
  expect(judgeProcessing(known, ['off', 'calib']).value).toBe('suspended-by-state');
  expect(judgeProcessing({ ...known, detector: 'off/eic' }, []).value).toBe('running');
});

test('a stream is silent exactly when no STF came for its limit and somebody watched that long', () => {
  const moments = fc.record({
    lastStfMs: fc.integer({ min: 0, max: 100_000 }),
    watchedSinceMs: fc.integer({ min: 0, max: 100_000 }),
    sinceMs: fc.integer({ min: 0, max: 100_000 }),
    silenceS: fc.integer({ min: 1, max: 60 }),
  });
  fc.assert(
    fc.property(moments, ({ lastStfMs, watchedSinceMs, sinceMs, silenceS }) => {
      const nowMs = Math.max(lastStfMs, watchedSinceMs) + sinceMs;
      const value = judgeStream({ lastStfMs, watchedSinceMs, nowMs, silenceS });
      expect(value === 'flowing').toBe(nowMs - lastStfMs < silenceS * 1000);
      expect(value === 'silent').toBe(sinceMs >= silenceS * 1000);
    }),
  );
});
