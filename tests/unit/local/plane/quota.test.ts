import { expect, test } from 'vitest';
import { silentLog } from '#lib/log';
import { createPause } from '../../../../local/plane/pause.ts';
import { reasonToPause, watchQuota } from '../../../../local/plane/quota.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';

const limits = { quotaBytes: 100e6, reserveBytes: 50e6 };

test.each([
  ['within both limits', { usedBytes: 99e6, freeBytes: 51e6 }, undefined],
  ['above its quota', { usedBytes: 101e6, freeBytes: 500e6 }, 'it holds 101.0 MB of its quota of 100.0 MB'],
  ['the disk at the reserve', { usedBytes: 1e6, freeBytes: 49e6 }, 'the disk has 49.0 MB left, 50.0 MB are reserved'],
  [
    'paused and barely below the quota',
    { usedBytes: 99e6, freeBytes: 500e6, paused: 'full' },
    'it holds 99.0 MB of its quota of 100.0 MB',
  ],
  ['paused and well below the quota', { usedBytes: 90e6, freeBytes: 500e6, paused: 'full' }, undefined],
  [
    'paused and barely above the reserve',
    { usedBytes: 1e6, freeBytes: 51e6, paused: 'full' },
    'the disk has 51.0 MB left, 50.0 MB are reserved',
  ],
])('%s', (_, space, reason) => {
  expect(reasonToPause(limits, space)).toBe(reason);
});

test('a plane without a quota minds only the free space', () => {
  expect(reasonToPause({ reserveBytes: 50e6 }, { usedBytes: undefined, freeBytes: 60e6 })).toBeUndefined();
});

test('a plane pauses when its folder is full and goes on when there is space again', async () => {
  const clock = fakeClock();
  const pause = createPause();
  const space = { used: 0 };
  const meter = { used: async () => space.used, free: async () => 1e9 };
  const quota = await watchQuota({ folder: 'work', limits, pause, clock, log: silentLog, meter });
  expect(pause.reason()).toBeUndefined();
  space.used = 200e6;
  await clock.advance(2_000);
  expect(pause.reason()).toContain('200.0 MB');
  expect(quota.space()).toMatchObject({ usedBytes: 200e6, paused: expect.stringContaining('quota') });
  space.used = 10e6;
  await clock.advance(2_000);
  expect(pause.reason()).toBeUndefined();
  quota.close();
  expect(clock.timers()).toBe(0);
});

test('a folder that cannot be measured changes nothing and is measured again', async () => {
  const clock = fakeClock();
  const pause = createPause();
  const answers = [new Error('EIO'), 200e6];
  const used = async () => {
    const next = answers.shift();
    if (next instanceof Error) throw next;
    return next ?? 0;
  };
  const quota = await watchQuota({
    folder: 'work',
    limits,
    pause,
    clock,
    log: silentLog,
    meter: { used, free: async () => 1e9 },
  });
  expect(pause.reason()).toBeUndefined();
  await clock.advance(2_000);
  expect(pause.reason()).toContain('200.0 MB');
  quota.close();
});
