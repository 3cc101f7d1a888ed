import { DeleteMessageCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type QueueInTest, type QueuesInTest, someQueues } from '../builders/a-queue.ts';

const inGroup = (MessageGroupId: string, MessageDeduplicationId?: string) => ({
  MessageGroupId,
  ...(MessageDeduplicationId !== undefined && { MessageDeduplicationId }),
});

const remove = ({ client }: QueuesInTest, queue: QueueInTest, ReceiptHandle: string | undefined) =>
  client.send(new DeleteMessageCommand({ QueueUrl: queue.url, ReceiptHandle }));

test('a group is locked while one of its messages is in flight, the others go on', async () => {
  const queues = await someQueues();
  const queue = await queues.create('runs.fifo', { ContentBasedDeduplication: 'true', VisibilityTimeout: '10' });
  for (const body of ['a1', 'a2', 'a3']) await queue.send(body, inGroup('a'));
  await queue.send('b1', inGroup('b'));
  const [a1] = await queue.receive({ MaxNumberOfMessages: 1 });
  expect(a1?.Body).toBe('a1');
  expect(await queue.bodies()).toEqual(['b1']);
  await remove(queues, queue, a1?.ReceiptHandle);
  expect(await queue.bodies()).toEqual(['a2', 'a3']);
  await queues.clock.advance(10_000);
  expect(await queue.bodies()).toEqual(['b1', 'a2', 'a3']);
});

test('the same deduplication id within five minutes is the same message, also after it was deleted', async () => {
  const queues = await someQueues();
  const queue = await queues.create('runs.fifo');
  const first = await queue.send('x', inGroup('a', 'run-1'));
  expect(await queue.send('y', inGroup('b', 'run-1'))).toBe(first);
  const [message] = await queue.receive();
  await remove(queues, queue, message?.ReceiptHandle);
  await queues.clock.advance(299_000);
  expect(await queue.send('z', inGroup('a', 'run-1'))).toBe(first);
  expect(await queue.bodies()).toEqual([]);
  await queues.clock.advance(1000);
  expect(await queue.send('z', inGroup('a', 'run-1'))).not.toBe(first);
  expect(await queue.bodies()).toEqual(['z']);
});

test('deduplication by content and by group is as the queue says, also within a batch', async () => {
  const { create, client } = await someQueues();
  const scope = { DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' };
  const queue = await create('runs.fifo', { ContentBasedDeduplication: 'true', ...scope });
  const entry = (Id: string, MessageBody: string, MessageGroupId: string) => ({ Id, MessageBody, MessageGroupId });
  const Entries = [entry('1', 'x', 'a'), entry('2', 'x', 'a'), entry('3', 'x', 'b')];
  const { Successful = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: queue.url, Entries }));
  expect(Successful[0]?.MessageId).toBe(Successful[1]?.MessageId);
  expect(Successful[0]?.SequenceNumber).toMatch(/^\d{20}$/);
  expect(await queue.bodies()).toEqual(['x', 'x']);
});

test('a receive that is repeated under its attempt id gets the same messages', async () => {
  const queues = await someQueues();
  const queue = await queues.create('runs.fifo', { ContentBasedDeduplication: 'true' });
  await queue.send('x', inGroup('a'));
  const attempt = { ReceiveRequestAttemptId: 'try-1', MessageSystemAttributeNames: ['All' as const] };
  const [first] = await queue.receive(attempt);
  expect(await queue.receive(attempt)).toEqual([first]);
  expect(await queue.receive({ ...attempt, ReceiveRequestAttemptId: 'try-2' })).toEqual([]);
  await remove(queues, queue, first?.ReceiptHandle);
  expect(await queue.receive(attempt)).toEqual([]);
});

test('what a FIFO queue needs is asked for, and an expired receipt is refused', async () => {
  const queues = await someQueues();
  const queue = await queues.create('runs.fifo', { VisibilityTimeout: '1' });
  await expect(queue.send('x')).rejects.toMatchObject({ name: 'MissingParameter' });
  await expect(queue.send('x', inGroup('a'))).rejects.toThrow('ContentBasedDeduplication');
  await expect(queue.send('x', { ...inGroup('a', 'd'), DelaySeconds: 5 })).rejects.toThrow('DelaySeconds');
  await expect(queues.create('plain', { ContentBasedDeduplication: 'true' })).rejects.toMatchObject({
    name: 'InvalidAttributeName',
  });
  await queue.send('x', inGroup('a', 'd'));
  const [message] = await queue.receive();
  await queues.clock.advance(1000);
  await expect(remove(queues, queue, message?.ReceiptHandle)).rejects.toThrow('expired');
});

test('whatever workers do, each group is worked off in the order in which it was sent', async () => {
  const sends = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 25 });
  const steps = fc.array(
    fc.record({ count: fc.integer({ min: 1, max: 10 }), fate: fc.constantFrom('delete', 'lose', 'half') }),
  );
  await fc.assert(
    fc.asyncProperty(sends, steps, async (groups, plan) => {
      const queues = await someQueues();
      const queue = await queues.create('runs.fifo', { VisibilityTimeout: '10' });
      for (const [n, group] of groups.entries()) await queue.send(`${group} ${n}`, inGroup(group, `${n}`));
      const done: string[] = [];
      const work = async (count: number, fate: string) => {
        const messages = await queue.receive({ MaxNumberOfMessages: count });
        const kept = fate === 'lose' ? [] : fate === 'half' ? messages.slice(0, messages.length / 2) : messages;
        for (const { Body = '', ReceiptHandle } of kept) {
          await remove(queues, queue, ReceiptHandle);
          done.push(Body);
        }
        await queues.clock.advance(10_000);
      };
      for (const { count, fate } of plan.slice(0, 8)) await work(count, fate);
      for (let left = groups.length; left > 0; left -= 1) await work(10, 'delete');
      expect(done.toSorted()).toEqual(groups.map((group, n) => `${group} ${n}`).toSorted());
      for (const name of ['a', 'b', 'c']) {
        const order = done.filter((body) => body.startsWith(name)).map((body) => Number(body.split(' ')[1]));
        expect(order).toEqual(order.toSorted((one, other) => one - other));
      }
      await queues.engine.close();
    }),
    { numRuns: 15 },
  );
});
