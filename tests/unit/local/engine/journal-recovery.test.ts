import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { type OpenJournal, openJournal } from '../../../../local/engine/journal.ts';
import { parseRecord } from '../../../../local/engine/journal-reader.ts';
import type { Position } from '../../../../local/engine/part.ts';
import { JournalDamaged } from '../../../../local/engine/segment.ts';
import { interpreterVersion } from '../../../../local/engine/version.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';
import { type TornDisk, tornDisk } from '../../../builders/torn-disk.ts';

const folder = '/data';

async function open(disk: TornDisk, segmentBytes = 2000) {
  await disk.makeFolder(folder);
  const clock = fakeClock();
  const journal = openJournal({
    disk,
    folder,
    clock,
    interpreter: interpreterVersion,
    segmentBytes,
    onSegment: () => undefined,
  });
  const records: unknown[] = [];
  const recovery = await journal.recover({
    onItem: () => undefined,
    onRecord: (body) => records.push(parseRecord(body)[1]),
  });
  return { journal, clock, records, recovery };
}

/** Appends numbered records in groups, and says which of them were acknowledged when the power went. */
async function writeUntilCrash(disk: TornDisk, journal: OpenJournal, from: number, sizes: number[][], seed: number) {
  let next = from;
  let acknowledged = from;
  const positions: Position[] = [];
  for (const [index, group] of sizes.entries()) {
    const last = group.map((size) => {
      const { at, synced } = journal.append('sqs', { n: next, pad: 'x'.repeat(size) });
      next += 1;
      positions.push(at);
      return synced;
    });
    const upTo = next;
    const whole = Promise.all(last).then(() => {
      acknowledged = Math.max(acknowledged, upTo);
    });
    if (index < sizes.length - 1) await whole;
    else whole.catch(() => undefined);
  }
  // The last group is on its way: some steps of it happen, then the power goes.
  for (let step = 0; step < seed % 12; step += 1) await new Promise((resolve) => setImmediate(resolve));
  return { disk: disk.crash(seed), appended: next, acknowledged };
}

const Numbered = z.looseObject({ n: z.number() });
const numbersOf = (records: readonly unknown[]) => records.map((record) => Numbered.parse(record).n);
const groups = fc.array(fc.array(fc.integer({ min: 0, max: 1500 }), { minLength: 1, maxLength: 5 }), {
  minLength: 1,
  maxLength: 8,
});

test('whatever was acknowledged is there after a power cut, in order, and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(groups, groups, fc.nat(), fc.nat(), async (first, second, seed, secondSeed) => {
      const disk = tornDisk();
      const one = await open(disk);
      const before = await writeUntilCrash(disk, one.journal, 0, first, seed);
      const two = await open(before.disk);
      const kept = two.records.length;
      expect(numbersOf(two.records)).toEqual([...Array(kept).keys()]);
      expect(kept).toBeGreaterThanOrEqual(before.acknowledged);
      expect(kept).toBeLessThanOrEqual(before.appended);
      // What was read once stays: a second power cut takes away only what came after.
      const after = await writeUntilCrash(before.disk, two.journal, kept, second, secondSeed);
      const three = await open(after.disk);
      expect(numbersOf(three.records)).toEqual([...Array(three.records.length).keys()]);
      expect(three.records.length).toBeGreaterThanOrEqual(after.acknowledged);
    }),
    { numRuns: 300 },
  );
});

test('a torn tail is cut at its last whole record, and recovery says where', async () => {
  const disk = tornDisk();
  const { journal } = await open(disk, 1e6);
  await journal.append('sqs', { n: 0 }).synced;
  const { at } = journal.append('sqs', { n: 1 });
  await journal.synced();
  await journal.close();
  const file = await disk.open('/data/journal-1.log', 'r+');
  await file.truncate(at.offsetBytes + 5);
  const again = await open(disk, 1e6);
  expect(numbersOf(again.records)).toEqual([0]);
  expect(again.recovery.cut).toEqual({ file: '/data/journal-1.log', offsetBytes: at.offsetBytes, droppedBytes: 5 });
});

test('damage before a later group is not a torn tail: recovery refuses and names file and byte', async () => {
  const disk = tornDisk();
  const { journal } = await open(disk, 1e6);
  const first = journal.append('sqs', { n: 0 });
  await first.synced;
  await journal.append('sqs', { n: 1 }).synced;
  disk.flipBit('/data/journal-1.log', first.at.offsetBytes + 12);
  const refusal = open(disk, 1e6);
  await expect(refusal).rejects.toThrow(JournalDamaged);
  await expect(refusal).rejects.toMatchObject({ file: '/data/journal-1.log', offsetBytes: first.at.offsetBytes });
});

test('damage in a sealed segment, a missing or a shortened one are refused', async () => {
  const sealed = async () => {
    const disk = tornDisk();
    const { journal } = await open(disk, 300);
    for (let n = 0; n < 6; n += 1) await journal.append('sqs', { n, pad: 'x'.repeat(200) }).synced;
    await journal.close();
    return disk;
  };
  const flipped = await sealed();
  flipped.flipBit('/data/journal-1.log', 200);
  await expect(open(flipped)).rejects.toThrow(/journal-1\.log is damaged/);
  const missing = await sealed();
  await missing.remove('/data/journal-2.log');
  await expect(open(missing)).rejects.toThrow(/journal-2\.log.*missing/);
  const shortened = await sealed();
  const file = await shortened.open('/data/journal-1.log', 'r+');
  await file.truncate(160);
  await expect(open(shortened)).rejects.toThrow(/journal-1\.log is damaged/);
});

test('records are read back from where append said, also before they are durable', async () => {
  const disk = tornDisk();
  const { journal } = await open(disk, 500);
  const positions = Array.from({ length: 20 }, (_, n) => journal.append('sfn', { n, pad: 'y'.repeat(n * 400) }).at);
  for (const [n, at] of positions.entries()) expect(await journal.read(at)).toMatchObject({ n });
  const late = journal.append('sfn', { n: 20 });
  expect(await journal.read(late.at)).toEqual({ n: 20 });
  await journal.close();
});

test('all that is appended while a sync runs shares the next one', async () => {
  const disk = tornDisk();
  const { journal } = await open(disk, 1e6);
  await journal.append('sqs', 0).synced;
  const before = disk.syncs();
  const promises = new Set(Array.from({ length: 1000 }, (_, n) => journal.append('sqs', n).synced));
  await Promise.all(promises);
  expect(promises.size).toBe(1);
  expect(disk.syncs() - before).toBe(1);
});

test('a full disk is waited for, visible, and heals without a record twice or lost', async () => {
  const disk = tornDisk();
  const { journal, clock } = await open(disk, 1e6);
  await journal.append('sqs', { n: 0 }).synced;
  disk.setFreeBytes(40);
  const waiting = [1, 2].map((n) => journal.append('sqs', { n, pad: 'z'.repeat(600) }).synced);
  let isDone = false;
  const done = Promise.all(waiting).then(() => {
    isDone = true;
  });
  await clock.advance(0);
  await clock.advance(0);
  expect(journal.health()).toMatchObject({ state: 'full' });
  waiting.push(journal.append('sqs', { n: 3 }).synced);
  await clock.advance(5000);
  expect(isDone).toBe(false);
  disk.setFreeBytes(undefined);
  await clock.advance(1000);
  await done;
  await waiting.at(-1);
  expect(journal.health()).toEqual({ state: 'ok' });
  await journal.close();
  expect(numbersOf((await open(disk.crash(1), 1e6)).records)).toEqual([0, 1, 2, 3]);
});

test('closing a journal that cannot write fails what waits', async () => {
  const disk = tornDisk();
  const { journal, clock } = await open(disk, 1e6);
  disk.setFreeBytes(0);
  const { synced } = journal.append('sqs', 1);
  await clock.advance(0);
  const closed = journal.close();
  await expect(synced).rejects.toThrow('before it could write');
  await closed;
});
