import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openSqliteStore } from '../../functions/adapters/store/sqlite.ts';
import type { Sealed } from '../../functions/adapters/store/sqlite-messages.ts';
import { aFolder } from '../builders/a-folder.ts';
import { fillLongLog, longLogEvent } from '../builders/a-long-log.ts';
import { countRows, readingLog, sealedFiles } from '../builders/a-sealed-log.ts';
import { faultKinds } from '../builders/failing-disk.ts';
import { fakeClock } from '../builders/fake-clock.ts';
import { aRandom } from '../builders/random.ts';
import { countAccesses, flipBits, longLogs, sealWithFault } from '../builders/sealing-faults.ts';

const logs = longLogs(3_000);

describe('sealing', () => {
  test.each(faultKinds)('loses nothing by a fault of the disk (%s) at each access', async (kind) => {
    const accesses = await countAccesses(logs);
    for (let at = 1; at <= accesses; at++) await sealWithFault(logs, kind, at);
  });

  test('a hundred flipped bits are each named and never served', async () => {
    using log = logs.aLog();
    await flipBits(log.path, { seed: 11, rounds: 100 });
    await logs.expectWhole(log.path);
  });
});

const planePath = fileURLToPath(new URL('../builders/sealing-plane.ts', import.meta.url));

/** Has a process seal and commit until so many commits are acknowledged, and kills it in the middle of whatever it does then. */
const killAfter = async (path: string, commits: number): Promise<void> => {
  const plane = spawn(process.execPath, [planePath, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let lines = 0;
  for await (const chunk of plane.stdout) {
    lines += String(chunk).split('\n').length - 1;
    if (lines >= commits) plane.kill('SIGKILL');
  }
};

describe('a log of 400,000 events that an earlier papilio left in rows', () => {
  const events = 400_000;

  test('is sealed by a plane that is killed again and again, and is read whole across the seam', async () => {
    using folder = aFolder();
    const path = join(folder.path, 'store.db');
    fillLongLog(path, events, { isOld: true });
    const random = aRandom(3);
    for (let round = 0; round < 12; round++) {
      await killAfter(path, Math.floor(random() * 400));
      await readingLog(path, async (log) => {
        for (const after of [0, 123_456, 399_990]) expect(await log.read(after, 10)).toHaveLength(10);
      });
    }
    const sealed = Promise.withResolvers<Sealed>();
    const { store, log } = await openSqliteStore({ path, clock: fakeClock(), onSealed: sealed.resolve });
    await store.transact({ writes: [], events: [] });
    if (countRows(path) > 60_000) await sealed.promise;
    const head = await log.head();
    expect(await log.verify()).toEqual({ ok: true, events: head });
    expect(countRows(path)).toBeLessThanOrEqual(60_000);
    for (let round = 0; round < 200; round++) {
      const at = Math.floor(random() * events);
      const { id, subject } = longLogEvent(at);
      expect(await log.read(at, 1)).toMatchObject([{ seq: at + 1, id }]);
      const found = await log.ofSubject({ subject });
      expect(found.map(({ seq }) => seq % 5)).toEqual([(at + 1) % 5, (at + 1) % 5]);
    }
    await store.close();
    const bytes = sealedFiles(path, '.seg').reduce((sum, name) => sum + statSync(name).size, 0);
    expect(bytes / (head - countRows(path))).toBeLessThan(100);
  });
});
