import { expect, test } from 'vitest';
import { silentLog } from '#lib/log';
import type { JournalHealth } from '../../../../local/engine/group-commit.ts';
import { diskStateOf, watchDisk } from '../../../../local/plane/disk-watch.ts';
import { failingDisk } from '../../../builders/failing-disk.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';
import { tornDisk } from '../../../builders/torn-disk.ts';

const refusals = {
  EROFS: 'EROFS: read-only file system, open',
  ENOSPC: 'ENOSPC: no space left on device, write',
  EIO: 'EIO: i/o error, fdatasync',
} as const;

/** A watched disk that refuses what the test says, with a journal that the test writes. */
const aWatch = async ({ full }: { readonly full?: () => string | undefined } = {}) => {
  const clock = fakeClock();
  const now: { refusal: keyof typeof refusals | undefined; probes: number } = { refusal: undefined, probes: 0 };
  const journal: { health: JournalHealth; sizeBytes: number } = { health: { state: 'ok' }, sizeBytes: 100 };
  const sound = tornDisk();
  await sound.makeFolder('archive');
  const disk = failingDisk(sound, (operation) => {
    if (operation === 'open') now.probes += 1;
    if (now.refusal === undefined) return;
    throw Object.assign(new Error(refusals[now.refusal]), { code: now.refusal });
  });
  const watch = watchDisk({
    ...{ folder: 'archive', disk, clock, log: silentLog },
    journal: () => ({ ...journal.health, sizeBytes: journal.sizeBytes }),
    fullReason: full ?? (() => undefined),
    fileSystem: async () => '/data (ext4)',
  });
  return { clock, now, journal, watch };
};

test.each([
  ['EROFS', 'read-only'],
  ['ENOSPC', 'full'],
  ['EIO', 'failing'],
] as const)('an idle plane notices %s within five seconds, and that it is over as soon', async (code, state) => {
  const { clock, now, watch } = await aWatch();
  await clock.advance(5_000);
  expect(await watch.report()).toEqual({ state: 'ok' });
  now.refusal = code;
  await clock.advance(5_000);
  const since = new Date(clock.nowMs()).toISOString();
  const report = { state, since, error: refusals[code], fileSystem: '/data (ext4)' };
  expect(await watch.report()).toEqual(report);
  await clock.advance(60_000);
  expect(await watch.report(), 'since the first').toEqual(report);
  now.refusal = undefined;
  await clock.advance(5_000);
  expect(await watch.report()).toEqual({ state: 'ok' });
  watch.close();
});

test('a journal that writes proves the disk, and one that fails names its trouble at once', async () => {
  const { clock, now, journal, watch } = await aWatch();
  await clock.advance(5_000);
  const before = now.probes;
  for (let writes = 0; writes < 20; writes++) {
    journal.sizeBytes += 1;
    await clock.advance(5_000);
  }
  expect(now.probes, 'a busy plane writes no probes').toBe(before);
  const sinceAt = new Date(clock.nowMs()).toISOString();
  journal.health = { state: 'failing', sinceAt, error: refusals.EROFS };
  expect(await watch.report()).toMatchObject({ state: 'read-only', since: sinceAt });
  watch.close();
});

test('a plane without enough free space has a full disk, since it was stopped for it', async () => {
  let reason: string | undefined = 'the disk has 0.6 MB left, 16.0 MB are reserved';
  const { clock, watch } = await aWatch({ full: () => reason });
  const since = new Date(clock.nowMs()).toISOString();
  expect(await watch.report()).toMatchObject({ state: 'full', since, error: reason });
  await clock.advance(60_000);
  expect(await watch.report()).toMatchObject({ state: 'full', since });
  reason = undefined;
  expect(await watch.report()).toEqual({ state: 'ok' });
  watch.close();
});

test('a write that does not return is a failing disk, and no second one is begun', async () => {
  const clock = fakeClock();
  const disk = tornDisk();
  let opened = 0;
  const stuck = Promise.withResolvers<never>();
  const open = () => {
    opened += 1;
    return stuck.promise;
  };
  const watch = watchDisk({
    ...{ folder: 'work', clock, log: silentLog, fullReason: () => undefined, fileSystem: async () => '/' },
    disk: { ...disk, open },
  });
  await clock.advance(19_000);
  expect(await watch.report()).toEqual({ state: 'ok' });
  await clock.advance(60_000);
  expect(await watch.report()).toMatchObject({ state: 'failing', error: 'a write takes longer than 15 s' });
  expect(opened).toBe(1);
  watch.close();
});

test('a closed watch leaves no timer behind', async () => {
  const { clock, watch } = await aWatch();
  await clock.advance(5_000);
  watch.close();
  await clock.advance(5_000);
  expect(clock.timers()).toBe(0);
});

test('an error is read by its code, wherever it stands', () => {
  expect(diskStateOf('Error: EDQUOT: disk quota exceeded, write')).toBe('full');
  expect(diskStateOf('something else')).toBe('failing');
});
