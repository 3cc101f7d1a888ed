import * as fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { manifestPath, takeBackup } from '../../../../../local/engine/backup/backup.ts';
import { restoreBackup } from '../../../../../local/engine/backup/restore.ts';
import { type Engine, openEngine } from '../../../../../local/engine/engine.ts';
import { account } from '../../../../builders/an-engine.ts';
import { fakeClock } from '../../../../builders/fake-clock.ts';
import { type TornDisk, tornDisk } from '../../../../builders/torn-disk.ts';

const clock = fakeClock();
const QueueUrl = `http://127.0.0.1/${account}/stf`;
const Received = z.object({ Messages: z.array(z.object({ Body: z.string() })).default([]) });

const openOn = (disk: TornDisk, folder: string): Promise<Engine> =>
  openEngine({
    folder,
    account,
    disk,
    clock,
    segmentBytes: 2000,
    invoke: async () => ({ ok: true, payload: null }),
    retention: { maxBytes: 4000 },
  });

async function bodiesIn(engine: Engine): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const asked = { QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 999 };
    const { Messages } = Received.parse(await engine.call('sqs', 'ReceiveMessage', asked));
    if (Messages.length === 0) return bodies;
    bodies.push(...Messages.map(({ Body }) => Body));
  }
}

const send = (engine: Engine, MessageBody: string) => engine.call('sqs', 'SendMessage', { QueueUrl, MessageBody });

/** An engine with a queue and some messages, on a disk in memory. */
async function aServing(messages: readonly string[]): Promise<{ disk: TornDisk; engine: Engine }> {
  const disk = tornDisk();
  const engine = await openOn(disk, '/data');
  onTestFinished(() => engine.close());
  await engine.call('sqs', 'CreateQueue', { QueueName: 'stf' });
  for (const body of messages) await send(engine, body);
  return { disk, engine };
}

test('what was answered before a backup began is in it, whatever is sent, sealed and compacted meanwhile', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.nat({ max: 40 }), async (lengths, turns) => {
      const disk = tornDisk();
      const engine = await openOn(disk, '/data');
      await engine.call('sqs', 'CreateQueue', { QueueName: 'stf' });
      const answered = new Set<string>();
      const load = lengths.map(async (length, n) => {
        for (let turn = 0; turn < n * 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        const body = `${n} ${'x'.repeat(length)}`;
        await send(engine, body);
        answered.add(body);
      });
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      const before = [...answered];
      await takeBackup({ disk, folder: '/data', to: '/backup', clock });
      await Promise.all(load);
      expect(new Set(await bodiesIn(engine))).toEqual(answered);
      await engine.close();

      await restoreBackup({ disk, from: '/backup', folder: '/restored' });
      const restored = await openOn(disk, '/restored');
      const bodies = await bodiesIn(restored);
      expect(bodies).toEqual(expect.arrayContaining(before));
      expect(new Set(bodies).size).toBe(bodies.length);
      await restored.close();
    }),
    { numRuns: 40 },
  );
});

test('a backup is taken into an empty folder only, and brought back into one only', async () => {
  const { disk } = await aServing(['one']);
  await takeBackup({ disk, folder: '/data', to: '/backup', clock });
  await expect(takeBackup({ disk, folder: '/data', to: '/backup', clock })).rejects.toThrow('/backup is not empty');
  await expect(restoreBackup({ disk, from: '/backup', folder: '/data' })).rejects.toThrow('/data is not empty');
});

test('a folder that holds no journal, or no whole backup, is refused by name', async () => {
  const disk = tornDisk();
  await disk.makeFolder('/empty');
  await expect(takeBackup({ disk, folder: '/empty', to: '/backup', clock })).rejects.toThrow('/empty holds no journal');
  await expect(restoreBackup({ disk, from: '/empty', folder: '/new' })).rejects.toThrow('it has no backup.json');
});

test('a backup that has changed or lost a file since is refused before anything is written', async () => {
  const { disk } = await aServing(['one', 'two']);
  await takeBackup({ disk, folder: '/data', to: '/backup', clock });
  disk.flipBit('/backup/journal-1.log', 300);
  await expect(restoreBackup({ disk, from: '/backup', folder: '/new' })).rejects.toThrow(
    '/backup/journal-1.log is not what was backed up',
  );
  await disk.remove('/backup/journal-1.log');
  await expect(restoreBackup({ disk, from: '/backup', folder: '/new' })).rejects.toThrow('journal-1.log is missing');
  await disk.remove(manifestPath('/backup'));
  await expect(restoreBackup({ disk, from: '/backup', folder: '/new' })).rejects.toThrow('no whole backup');
});

test('a damaged journal is not backed up as if it were whole', async () => {
  const { disk } = await aServing(['one', 'two', 'three']);
  disk.flipBit('/data/journal-1.log', 300);
  await expect(takeBackup({ disk, folder: '/data', to: '/backup', clock })).rejects.toThrow(
    /^what was copied of \/data is not whole: .*journal-1.log is damaged at byte \d+/,
  );
});
