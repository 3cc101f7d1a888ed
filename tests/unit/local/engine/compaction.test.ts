import { readdir } from 'node:fs/promises';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { type Engine, openEngine } from '../../../../local/engine/engine.ts';
import { JournalDamaged } from '../../../../local/engine/segment.ts';
import { account, aFolder, anEngine } from '../../../builders/an-engine.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';
import { type TornDisk, tornDisk } from '../../../builders/torn-disk.ts';

const QueueUrl = `http://127.0.0.1/${account}/stf`;
const Received = z.object({ Messages: z.array(z.object({ Body: z.string() })).default([]) });

const openOn = (disk: TornDisk, segmentBytes = 2000) =>
  openEngine({
    folder: '/data',
    account,
    disk,
    segmentBytes,
    clock: fakeClock(),
    invoke: async () => ({ ok: true, payload: null }),
    retention: { maxBytes: 10_000 },
    // The process that held the lock is the test itself, after its machine lost power.
    isHeld: async () => false,
  });

/** All messages of the queue, in order, taking them out of sight. */
async function bodiesIn(engine: Engine): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const got = await engine.call('sqs', 'ReceiveMessage', {
      QueueUrl,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 999,
    });
    const { Messages } = Received.parse(got);
    if (Messages.length === 0) return bodies;
    bodies.push(...Messages.map(({ Body }) => Body));
  }
}

test('a power cut during sends, rotation and compaction loses nothing acknowledged and doubles nothing', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 1200 }), { minLength: 1, maxLength: 40 }),
      fc.nat(),
      async (sizes, seed) => {
        const disk = tornDisk();
        const engine = await openOn(disk);
        await engine.call('sqs', 'CreateQueue', { QueueName: 'stf' });
        const acknowledged = new Set<string>();
        const sends = sizes.map(async (size, n) => {
          // Some go together, some one after the other.
          for (let turn = 0; turn < n * (seed % 3); turn += 1) await new Promise((resolve) => setImmediate(resolve));
          const MessageBody = `${n} ${'x'.repeat(size)}`;
          await engine.call('sqs', 'SendMessage', { QueueUrl, MessageBody });
          acknowledged.add(MessageBody);
        });
        if (seed % 4 === 0) await Promise.all(sends);
        else for (let turn = 0; turn < seed % 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        for (const send of sends) send.catch(() => undefined);
        const after = disk.crash(seed);
        const expected = new Set(acknowledged);
        const again = await openOn(after);
        const found = await bodiesIn(again);
        expect(new Set(found).size).toBe(found.length);
        for (const body of expected) expect(found).toContain(body);
        await again.close();
      },
    ),
    { numRuns: 100 },
  );
});

test('old segments become a snapshot in a thread, and the engine starts from it with less to read', async () => {
  const folder = await aFolder();
  const engine = await anEngine({ folder, segmentBytes: 20_000, retention: { maxBytes: 0 } });
  await engine.call('sqs', 'CreateQueue', { QueueName: 'stf' });
  const sent: string[] = [];
  const isCompacted = ({ snapshot, isRunning } = engine.stats().compaction) => snapshot > 0 && !isRunning;
  while (!isCompacted()) {
    const MessageBody = `${sent.length} ${'x'.repeat(500)}`;
    await engine.call('sqs', 'SendMessage', { QueueUrl, MessageBody });
    sent.push(MessageBody);
  }
  expect(engine.stats().compaction.failure).toBeUndefined();
  await engine.close();
  const names = await readdir(folder);
  expect(names.filter((name) => name.startsWith('snapshot-'))).toHaveLength(1);
  expect(names).not.toContain('journal-1.log');
  const again = await anEngine({ folder });
  const { recovery } = again.stats();
  expect(recovery.snapshot).toBeGreaterThan(1);
  expect(recovery.records).toBeLessThan(sent.length);
  expect(await bodiesIn(again)).toEqual(sent);
});

test('a broken snapshot is passed over while its segments are there, and refused when they are not', async () => {
  const filled = async (maxBytes: number) => {
    const disk = tornDisk();
    const engine = await openEngine({
      folder: '/data',
      account,
      disk,
      segmentBytes: 2000,
      clock: fakeClock(),
      invoke: async () => ({ ok: true, payload: null }),
      retention: { maxBytes },
      isHeld: async () => false,
    });
    await engine.call('sqs', 'CreateQueue', { QueueName: 'stf' });
    for (let n = 0; n < 10; n += 1) {
      await engine.call('sqs', 'SendMessage', { QueueUrl, MessageBody: `${n} ${'x'.repeat(800)}` });
    }
    await engine.close();
    const snapshot = (await disk.list('/data')).find((name) => name.startsWith('snapshot-'));
    disk.flipBit(`/data/${snapshot}`, 300);
    return disk;
  };
  const kept = await openOn(await filled(10 ** 9));
  expect(kept.stats().recovery.snapshot).toBe(0);
  expect(await bodiesIn(kept)).toHaveLength(10);
  await kept.close();
  await expect(openOn(await filled(0))).rejects.toThrow(JournalDamaged);
});
