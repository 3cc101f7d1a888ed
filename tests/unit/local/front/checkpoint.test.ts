import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Counter, createCounter } from '../../../../functions/api/following/counter.ts';
import { silentLog } from '../../../../functions/lib/log.ts';
import { nodeDisk } from '../../../../functions/lib/node-disk.ts';
import type { Disk } from '../../../../functions/lib/ports/disk.ts';
import { openCheckpoint } from '../../../../local/front/checkpoint.ts';
import { aFolder } from '../../../builders/a-folder.ts';
import { countedTo, logsOf, shownBy } from '../../../builders/counted-logs.ts';
import { faultyDisk } from '../../../builders/failing-disk.ts';

const owner = { instance: 'prod', wing: 'bnl', epoch: 1 };
const stfs = 1_060;
const logs = logsOf(stfs);
const failures: unknown[] = [];

const open = async (folder: string, disk: Disk): Promise<Counter> => {
  const keeping = await openCheckpoint(disk, silentLog, join(folder, 'front'));
  const onFailure = (error: unknown): void => void failures.push(error);
  return createCounter(await keeping.load(), { clock: logs.clock, keeping, owner, onFailure });
};

/** Counts until each log was counted up to a share of its end. */
const countTo = async (counter: Counter, share: number): Promise<void> => {
  for (const plane of ['archive', 'work'] as const) {
    const end = logs.end[plane] * share;
    while (counter.position()[plane] < end) {
      const events = await logs.read(plane, counter.position()[plane], 250);
      await counter.take(plane, events, (after, limit) => logs.read(plane, after, limit));
    }
  }
};

describe('a checkpoint', () => {
  it.each(['kill', 'short write'] as const)(
    'is the last or the one before, whole, whatever write meets it: %s',
    async (kind) => {
      const whole = shownBy(await countedTo(logs, logs.end), stfs);
      for (let at = 1, isOver = false; !isOver; at += 1) {
        using folder = aFolder();
        const first = await open(folder.path, nodeDisk);
        await countTo(first, 0.8);
        await first.keep();
        const before = first.position();

        const disk = faultyDisk(nodeDisk, kind, at);
        const second = await open(folder.path, disk).catch(() => undefined);
        if (second === undefined) continue;
        await countTo(second, 1);
        const after = second.position();
        await second.keep();
        isOver = disk.accesses() < at;

        const third = await open(folder.path, nodeDisk);
        expect([before, after, { archive: 0, work: 0 }]).toContainEqual(third.position());
        await countTo(third, 1);
        expect(shownBy(third.tally, stfs)).toEqual(whole);
      }
      expect(failures.length).toBeGreaterThan(0);
    },
  );

  it('after a save that failed is taken by the next', async () => {
    using folder = aFolder();
    const counter = await open(folder.path, faultyDisk(nodeDisk, 'full', 3));
    await countTo(counter, 0.9);
    await counter.keep();
    await countTo(counter, 0.95);
    for (let tries = 0; tries < 4; tries += 1) {
      await counter.keep();
      await countTo(counter, 0.96 + tries / 100);
    }
    await counter.keep();
    const again = await open(folder.path, nodeDisk);
    expect(again.position()).toEqual(counter.position());
    expect(shownBy(again.tally, stfs)).toEqual(shownBy(counter.tally, stfs));
  });
});
