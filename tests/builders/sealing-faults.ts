import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { inspectStore } from '../../functions/adapters/store/sqlite-inspect.ts';
import { nodeDisk } from '../../functions/lib/node-disk.ts';
import { aFolder } from './a-folder.ts';
import { fillLongLog, longLogEvent } from './a-long-log.ts';
import { allEvents, countRows, readingLog, sealedFiles, sealNow } from './a-sealed-log.ts';
import { type FaultKind, faultyDisk } from './failing-disk.ts';
import { aRandom } from './random.ts';

type Log = { readonly path: string; readonly [Symbol.dispose]: () => void };

/** Copies of one folder whose log has so many events in rows, as an earlier papilio left it. */
export const longLogs = (events: number) => {
  const template = aFolder();
  fillLongLog(join(template.path, 'store.db'), events, { isOld: true });
  const ids = Array.from({ length: events }, (_, at) => longLogEvent(at).id);
  const aLog = (): Log => {
    const folder = aFolder();
    cpSync(template.path, folder.path, { recursive: true });
    return { path: join(folder.path, 'store.db'), [Symbol.dispose]: folder[Symbol.dispose] };
  };
  /** Everything that a reader can see of the log is what was written. */
  const expectWhole = (path: string): Promise<void> =>
    readingLog(path, async (log) => {
      expect(await log.head()).toBe(events);
      expect((await allEvents(log)).map(({ id }) => id)).toEqual(ids);
      expect(await log.verify()).toEqual({ ok: true, events });
    });
  return { events, ids, aLog, expectWhole };
};

type Logs = Pick<ReturnType<typeof longLogs>, 'events' | 'aLog' | 'expectWhole'>;

const policyFor = ({ events }: Logs) => ({
  unsealedEvents: events - 500,
  segmentEvents: 300,
  segmentBytes: 10_000_000,
});

/** Accesses of the disk in a run that seals two segments. */
export const countAccesses = async (logs: Logs): Promise<number> => {
  using log = logs.aLog();
  const disk = faultyDisk(nodeDisk, 'error', Number.POSITIVE_INFINITY);
  await sealNow(log.path, policyFor(logs), disk);
  return disk.accesses();
};

/** Seals on a disk that fails at one access, and again on a sound one: nothing is lost before, at or after the restart. */
export const sealWithFault = async (logs: Logs, kind: FaultKind, at: number): Promise<void> => {
  const { events, expectWhole } = logs;
  const policy = policyFor(logs);
  using log = logs.aLog();
  const failed = await sealNow(log.path, policy, faultyDisk(nodeDisk, kind, at));
  if (kind !== 'full') expect(failed?.problem).toBeDefined();
  await expectWhole(log.path);
  expect((await sealNow(log.path, policy))?.problem).toBeUndefined();
  await expectWhole(log.path);
  expect(countRows(log.path)).toBe(events - 600);
  expect((await inspectStore(log.path, true)).problems).toEqual([]);
};

/** Flips a seeded bit of the second segment, time after time: it is named by the check, and never served. */
export const flipBits = async (path: string, { seed, rounds }: { seed: number; rounds: number }): Promise<void> => {
  await sealNow(path);
  const [, segment = ''] = sealedFiles(path, '.seg');
  const whole = readFileSync(segment);
  const random = aRandom(seed);
  const before = await readingLog(path, (sealed) => allEvents(sealed));
  for (let round = 0; round < rounds; round++) {
    const damaged = Buffer.from(whole);
    const at = Math.floor(random() * whole.length);
    damaged.writeUInt8(damaged.readUInt8(at) ^ (1 << Math.floor(random() * 8)), at);
    writeFileSync(segment, damaged);
    expect((await inspectStore(path, true)).problems).toEqual([expect.stringContaining(segment)]);
    await readingLog(path, async (sealed) => {
      expect(await sealed.verify()).toMatchObject({ ok: false, seq: 401 });
      for (let after = 300; after < 900; after += 100) {
        const page = await sealed.read(after, 100).catch((thrown: unknown) => thrown);
        if (page instanceof Error) expect(page).toMatchObject({ code: 'log-segment-corrupt' });
        else expect(page).toEqual(before.slice(after, after + 100));
      }
    });
  }
  writeFileSync(segment, whole);
};
