import { expect, test } from 'vitest';
import type { Clock } from '#ports/clock';
import { createQueuesPart } from '../../../../local/sqs/queues-part.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';
import { memoryJournal } from '../../../builders/memory-journal.ts';

const QueueUrl = 'http://127.0.0.1/111111111111/stf';

/** Queues on a journal that is always durable, and on a clock that counts what it is asked for. */
async function queuesWithCount(attributes: Record<string, string> = {}) {
  const hands = fakeClock();
  let asked = 0;
  const clock: Clock = {
    nowMs: hands.nowMs,
    at: (atMs, wake) => {
      asked += 1;
      return hands.at(atMs, wake);
    },
  };
  const journal = memoryJournal();
  const place = { account: '111111111111', region: 'us-east-1', queueBaseUrl: 'http://127.0.0.1' };
  const { operations } = createQueuesPart({ ...place, journal, clock });
  const call = async (operation: string, input: object): Promise<object> =>
    (await operations[operation]?.({ QueueUrl, ...input })) ?? {};
  await call('CreateQueue', { QueueName: 'stf', Attributes: attributes });
  return { call, hands, asked: () => asked };
}

const poll = { WaitTimeSeconds: 20 };

test('sends, receives and hidden messages set no timer while nobody waits', async () => {
  const { call, asked } = await queuesWithCount({ DelaySeconds: '1' });
  for (let n = 0; n < 100; n += 1) await call('SendMessage', { MessageBody: `${n}`, DelaySeconds: n % 3 });
  for (let n = 0; n < 20; n += 1) await call('ReceiveMessage', {});
  expect(asked()).toBe(0);
});

test('a waiting receive has one timer, its end, and none is left when it is served', async () => {
  const { call, hands, asked } = await queuesWithCount();
  const waiting = call('ReceiveMessage', poll);
  await hands.advance(10_000);
  expect([asked(), hands.timers()]).toEqual([1, 1]);
  await call('SendMessage', { MessageBody: 'x' });
  expect(await waiting).toMatchObject({ Messages: [{ Body: 'x' }] });
  expect([asked(), hands.timers()]).toEqual([1, 0]);
});

test('a thousand receives that wait on a thousand hidden messages share one timer besides their own ends', async () => {
  const { call, hands, asked } = await queuesWithCount();
  for (let n = 0; n < 1000; n += 1) await call('SendMessage', { MessageBody: `${n}`, DelaySeconds: 5 });
  const waiting = Array.from({ length: 1000 }, () => call('ReceiveMessage', poll));
  await hands.advance(0);
  expect(hands.timers()).toBe(1001);
  expect(asked()).toBe(1001);
  await hands.advance(5000);
  const bodies = (await Promise.all(waiting)).flatMap((got) => ('Messages' in got ? [got] : []));
  expect(bodies).toHaveLength(1000);
  expect(hands.timers()).toBe(0);
});

test('the timer of a queue follows the earliest end', async () => {
  const { call, hands } = await queuesWithCount();
  const waiting = call('ReceiveMessage', poll);
  await call('SendMessage', { MessageBody: 'late', DelaySeconds: 15 });
  await call('SendMessage', { MessageBody: 'early', DelaySeconds: 5 });
  expect(hands.timers()).toBe(2);
  await hands.advance(5000);
  expect(await waiting).toMatchObject({ Messages: [{ Body: 'early' }] });
  expect(hands.timers()).toBe(0);
});
