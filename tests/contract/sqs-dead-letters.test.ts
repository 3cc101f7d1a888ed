import {
  CancelMessageMoveTaskCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { type QueuesInTest, someQueues } from '../builders/a-queue.ts';

async function withDeadLetters(queues: QueuesInTest, maxReceiveCount = 2) {
  const dead = await queues.create('dead');
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount });
  const source = await queues.create('work', { RedrivePolicy, VisibilityTimeout: '10' });
  return { dead, source };
}

async function kill(queues: QueuesInTest, bodies: readonly string[]) {
  const { dead, source } = await withDeadLetters(queues, 1);
  for (const body of bodies) await source.send(body);
  for (let got = await source.receive(); got.length > 0; got = await source.receive());
  await queues.clock.advance(10_000);
  expect(await source.receive()).toEqual([]);
  return { dead, source };
}

test('a message that was received too often goes to the dead-letter queue, with its id and its past', async () => {
  const queues = await someQueues();
  const { dead, source } = await withDeadLetters(queues);
  const id = await source.send('poison');
  for (const _ of [1, 2]) {
    expect(await source.bodies()).toEqual(['poison']);
    await queues.clock.advance(10_000);
  }
  expect(await source.receive()).toEqual([]);
  const [letter] = await dead.receive({ MessageSystemAttributeNames: ['All'] });
  expect(letter).toMatchObject({ Body: 'poison', MessageId: id });
  expect(letter?.Attributes).toMatchObject({ DeadLetterQueueSourceArn: source.arn, ApproximateReceiveCount: '3' });
});

test('who waits on a dead-letter queue gets the letter when it is buried', async () => {
  const queues = await someQueues();
  const { dead, source } = await withDeadLetters(queues, 1);
  await source.send('poison');
  await source.receive();
  const waiting = dead.bodies({ WaitTimeSeconds: 20 });
  const worker = source.bodies({ WaitTimeSeconds: 15 });
  // Each receive's own end, and the end of the message's visibility.
  await queues.clock.whenTimers(3);
  await queues.clock.advance(10_000);
  expect(await waiting).toEqual(['poison']);
  await queues.clock.advance(5000);
  expect(await worker).toEqual([]);
});

test('a redrive moves dead letters back to where they came from, and can be followed', async () => {
  const queues = await someQueues();
  const bodies = Array.from({ length: 25 }, (_, n) => `letter ${n}`);
  const { dead, source } = await kill(queues, bodies);
  const sources = await queues.client.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: dead.url }));
  expect(sources.queueUrls).toEqual([source.url]);
  await queues.client.send(new StartMessageMoveTaskCommand({ SourceArn: dead.arn }));
  const follow = async () =>
    (await queues.client.send(new ListMessageMoveTasksCommand({ SourceArn: dead.arn }))).Results?.[0];
  expect(await follow()).toMatchObject({ Status: 'RUNNING', ApproximateNumberOfMessagesToMove: 25 });
  await queues.clock.advance(1000);
  expect(await follow()).toMatchObject({ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 25 });
  expect(await source.attribute('ApproximateNumberOfMessages')).toBe('25');
  const [back] = await source.receive({ MessageSystemAttributeNames: ['All'] });
  expect(back?.Attributes?.ApproximateReceiveCount).toBe('1');
});

test('a slow redrive can be stopped on its way', async () => {
  const queues = await someQueues();
  const { dead, source } = await kill(
    queues,
    Array.from({ length: 25 }, (_, n) => `letter ${n}`),
  );
  const start = { SourceArn: dead.arn, DestinationArn: source.arn, MaxNumberOfMessagesPerSecond: 10 };
  const { TaskHandle } = await queues.client.send(new StartMessageMoveTaskCommand(start));
  await expect(queues.client.send(new StartMessageMoveTaskCommand(start))).rejects.toThrow('already a task running');
  await queues.clock.advance(1000);
  const stopped = await queues.client.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
  expect(stopped.ApproximateNumberOfMessagesMoved).toBe(20);
  await queues.clock.advance(10_000);
  expect(await dead.attribute('ApproximateNumberOfMessages')).toBe('5');
});

test('only a queue that is there, of the same kind and open to it takes dead letters', async () => {
  const queues = await someQueues();
  const policy = (name: string) => ({
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: `arn:aws:sqs:us-east-1:111111111111:${name}`,
      maxReceiveCount: 1,
    }),
  });
  await expect(queues.create('a', policy('nowhere'))).rejects.toThrow('does not exist');
  await queues.create('dead.fifo');
  await expect(queues.create('a', policy('dead.fifo'))).rejects.toThrow('same type');
  await queues.create('closed', { RedriveAllowPolicy: JSON.stringify({ redrivePermission: 'denyAll' }) });
  await expect(queues.create('a', policy('closed'))).rejects.toThrow('not permitted');
  const sourceQueueArns = ['arn:aws:sqs:us-east-1:111111111111:a'];
  await queues.create('open', {
    RedriveAllowPolicy: JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns }),
  });
  await queues.create('a', policy('open'));
  await expect(queues.create('b', policy('open'))).rejects.toThrow('not permitted');
});
