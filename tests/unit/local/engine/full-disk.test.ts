import { expect, test } from 'vitest';
import { openEngine } from '../../../../local/engine/engine.ts';
import { account } from '../../../builders/an-engine.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';
import { tornDisk } from '../../../builders/torn-disk.ts';

const QueueUrl = `http://127.0.0.1/${account}/stf`;

test('on a full disk what waits goes on waiting, new work is refused, reading works, and all heals by itself', async () => {
  const disk = tornDisk();
  const clock = fakeClock();
  const invoke = async () => ({ ok: true, payload: null }) as const;
  const engine = await openEngine({ folder: '/data', account, disk, clock, invoke });
  await engine.call('sqs', 'CreateQueue', { QueueName: 'stf' });
  disk.setFreeBytes(10);
  const waiting = engine.call('sqs', 'SendMessage', { QueueUrl, MessageBody: 'first' });
  await clock.advance(0);
  await clock.advance(0);
  expect(engine.stats().journal).toMatchObject({ state: 'full', sinceAt: '2026-01-01T00:00:00.000Z' });
  const refused = engine.call('sqs', 'SendMessage', { QueueUrl, MessageBody: 'second' });
  await expect(refused).rejects.toMatchObject({ code: 'ServiceUnavailable', status: 503 });
  expect(await engine.call('sqs', 'ListQueues', {})).toEqual({ QueueUrls: [QueueUrl] });
  await clock.advance(3000);
  disk.setFreeBytes(undefined);
  await clock.advance(1000);
  expect(await waiting).toMatchObject({ MessageId: expect.any(String) });
  await engine.call('sqs', 'SendMessage', { QueueUrl, MessageBody: 'third' });
  expect(engine.stats().journal.state).toBe('ok');
  await engine.close();
  const again = await openEngine({ folder: '/data', account, disk: disk.crash(7), clock, invoke });
  expect(again.stats().queues).toEqual({ stf: { ready: 2, inFlight: 0, delayed: 0 } });
  await again.close();
});
