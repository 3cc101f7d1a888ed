import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  SendMessageBatchCommand,
  SetQueueAttributesCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { someQueues } from '../builders/a-queue.ts';

test('a received message is hidden until its visibility timeout ends, and counts its receives', async () => {
  const { create, clock } = await someQueues();
  const queue = await create('stf', { VisibilityTimeout: '10' });
  await queue.send('one');
  const [first] = await queue.receive({ MessageSystemAttributeNames: ['All'] });
  expect(first?.Attributes).toMatchObject({ ApproximateReceiveCount: '1', SenderId: '111111111111' });
  await clock.advance(9_999);
  expect(await queue.receive()).toEqual([]);
  await clock.advance(1);
  const [second] = await queue.receive({ MessageSystemAttributeNames: ['All'] });
  expect(second?.Attributes?.ApproximateReceiveCount).toBe('2');
  expect(second?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
});

test('an old receipt handle deletes nothing, the newest one does, and a second deletion is no error', async () => {
  const { create, clock, client } = await someQueues();
  const queue = await create('stf', { VisibilityTimeout: '10' });
  await queue.send('one');
  const [first] = await queue.receive();
  await clock.advance(10_000);
  const [second] = await queue.receive();
  await client.send(new DeleteMessageCommand({ QueueUrl: queue.url, ReceiptHandle: first?.ReceiptHandle }));
  await clock.advance(10_000);
  const [third] = await queue.receive();
  expect(third?.MessageId).toBe(second?.MessageId);
  for (const _ of [1, 2]) {
    await client.send(new DeleteMessageCommand({ QueueUrl: queue.url, ReceiptHandle: third?.ReceiptHandle }));
  }
  await clock.advance(10_000);
  expect(await queue.receive()).toEqual([]);
});

test('a message stays hidden for as long as its worker says, or comes back at once', async () => {
  const { create, clock, client } = await someQueues();
  const queue = await create('stf', { VisibilityTimeout: '10' });
  await queue.send('one');
  const [message] = await queue.receive();
  const keep = (VisibilityTimeout: number) =>
    client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: queue.url,
        ReceiptHandle: message?.ReceiptHandle,
        VisibilityTimeout,
      }),
    );
  await keep(60);
  await clock.advance(59_000);
  expect(await queue.receive()).toEqual([]);
  await keep(0);
  expect(await queue.bodies()).toEqual(['one']);
  await expect(keep(10)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
});

test('a delay of the message goes before the delay of the queue', async () => {
  const { create, clock } = await someQueues();
  const queue = await create('stf', { DelaySeconds: '5' });
  await queue.send('queue');
  await queue.send('message', { DelaySeconds: 2 });
  expect(await queue.attribute('ApproximateNumberOfMessagesDelayed')).toBe('2');
  await clock.advance(2000);
  expect(await queue.bodies()).toEqual(['message']);
  await clock.advance(3000);
  expect(await queue.bodies()).toEqual(['queue']);
  expect(await queue.attribute('ApproximateNumberOfMessagesNotVisible')).toBe('2');
});

test('a message older than the retention period is gone', async () => {
  const { create, clock } = await someQueues();
  const queue = await create('stf', { MessageRetentionPeriod: '60' });
  await queue.send('old');
  await clock.advance(30_000);
  await queue.send('new');
  await clock.advance(30_001);
  expect(await queue.bodies()).toEqual(['new']);
});

test('a batch succeeds and fails entry by entry', async () => {
  const { create, client } = await someQueues();
  const { url: QueueUrl } = await create('stf');
  const sent = await client.send(
    new SendMessageBatchCommand({
      QueueUrl,
      Entries: [
        { Id: 'good', MessageBody: 'x' },
        { Id: 'bad', MessageBody: 'a\u0000b' },
        { Id: 'late', MessageBody: 'x', DelaySeconds: 901 },
      ],
    }),
  );
  expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['good']);
  expect(sent.Failed?.map(({ Id, Code, SenderFault }) => [Id, Code, SenderFault])).toEqual([
    ['bad', 'InvalidMessageContents', true],
    ['late', 'InvalidParameterValue', true],
  ]);
  const deleted = await client.send(
    new DeleteMessageBatchCommand({ QueueUrl, Entries: [{ Id: 'a', ReceiptHandle: 'nonsense' }] }),
  );
  expect(deleted.Failed).toMatchObject([{ Id: 'a', Code: 'ReceiptHandleIsInvalid' }]);
});

test('a purge empties the queue, once a minute', async () => {
  const { create, client, clock } = await someQueues();
  const queue = await create('stf');
  await queue.send('hidden');
  await queue.receive();
  await queue.send('ready');
  await client.send(new PurgeQueueCommand({ QueueUrl: queue.url }));
  expect(await queue.attribute('ApproximateNumberOfMessages')).toBe('0');
  expect(await queue.attribute('ApproximateNumberOfMessagesNotVisible')).toBe('0');
  const again = () => client.send(new PurgeQueueCommand({ QueueUrl: queue.url }));
  await expect(again()).rejects.toMatchObject({ name: 'PurgeQueueInProgress' });
  await clock.advance(60_000);
  await again();
});

test('the same name with the same attributes is the same queue, with others it is refused', async () => {
  const { create, client } = await someQueues();
  const queue = await create('stf', { VisibilityTimeout: '10' });
  expect((await create('stf', { VisibilityTimeout: '10', DelaySeconds: '0' })).url).toBe(queue.url);
  expect((await create('stf')).url).toBe(queue.url);
  await expect(create('stf', { VisibilityTimeout: '11' })).rejects.toMatchObject({ name: 'QueueNameExists' });
  await client.send(new SetQueueAttributesCommand({ QueueUrl: queue.url, Attributes: { VisibilityTimeout: '11' } }));
  expect((await create('stf', { VisibilityTimeout: '11' })).url).toBe(queue.url);
  expect(await queue.attribute('QueueArn')).toBe(queue.arn);
});

test('queues are listed by prefix and page, and are gone when deleted', async () => {
  const { create, client } = await someQueues();
  for (const name of ['b-1', 'a-1', 'b-2', 'b-3']) await create(name);
  const first = await client.send(new ListQueuesCommand({ QueueNamePrefix: 'b-', MaxResults: 2 }));
  expect(first.QueueUrls?.map((url) => url.split('/').at(-1))).toEqual(['b-1', 'b-2']);
  const next = { QueueNamePrefix: 'b-', MaxResults: 2, NextToken: first.NextToken };
  const second = await client.send(new ListQueuesCommand(next));
  expect(second.QueueUrls?.map((url) => url.split('/').at(-1))).toEqual(['b-3']);
  expect(second.NextToken).toBeUndefined();
  const QueueUrl = second.QueueUrls?.[0];
  await client.send(new DeleteQueueCommand({ QueueUrl }));
  const gone = client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  await expect(gone).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
});

test('tags are set, listed and taken away', async () => {
  const { create, client } = await someQueues();
  const { url: QueueUrl } = await create('stf');
  await client.send(new TagQueueCommand({ QueueUrl, Tags: { wing: 'bnl', plane: 'work' } }));
  await client.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['plane'] }));
  expect((await client.send(new ListQueueTagsCommand({ QueueUrl }))).Tags).toEqual({ wing: 'bnl' });
});

test('a long poll is answered by the next send, the end of a delay, or with nothing at its end', async () => {
  const { create, clock } = await someQueues();
  const queue = await create('stf');
  const waiting = queue.bodies({ WaitTimeSeconds: 20 });
  await queue.send('sent');
  expect(await waiting).toEqual(['sent']);
  const delayed = queue.bodies({ WaitTimeSeconds: 20 });
  await queue.send('delayed', { DelaySeconds: 3 });
  await clock.whenTimers(2);
  await clock.advance(3000);
  expect(await delayed).toEqual(['delayed']);
  const empty = queue.bodies({ WaitTimeSeconds: 2 });
  await clock.whenTimers(1);
  await clock.advance(2000);
  expect(await empty).toEqual([]);
});

test('who has gone away takes no message', async () => {
  const { create, engine } = await someQueues();
  const queue = await create('stf');
  const gone = new AbortController();
  const poll = engine.call('sqs', 'ReceiveMessage', { QueueUrl: queue.url, WaitTimeSeconds: 20 }, gone.signal);
  gone.abort();
  expect(await poll).toEqual({});
  await queue.send('kept');
  expect(await queue.bodies()).toEqual(['kept']);
});

const refusals: readonly [string, Record<string, unknown>, string][] = [
  ['SendMessage', { MessageBody: '' }, 'MissingParameter'],
  ['SendMessage', {}, 'MissingParameter'],
  ['SendMessage', { MessageBody: 5 }, 'SerializationException'],
  ['SendMessage', { MessageBody: 'x'.repeat(262_145) }, 'InvalidParameterValue'],
  ['SendMessage', { MessageBody: '\u0001' }, 'InvalidMessageContents'],
  ['SendMessage', { MessageBody: '\ud800' }, 'InvalidMessageContents'],
  ['SendMessage', { MessageBody: 'x', DelaySeconds: 901 }, 'InvalidParameterValue'],
  ['SendMessage', { MessageBody: 'x', MessageDeduplicationId: 'd' }, 'InvalidParameterValue'],
  [
    'SendMessage',
    { MessageBody: 'x', MessageAttributes: { a: { DataType: 'Date', StringValue: 'x' } } },
    'InvalidParameterValue',
  ],
  ['SendMessage', { MessageBody: 'x', MessageAttributes: { a: { DataType: 'String' } } }, 'InvalidParameterValue'],
  [
    'SendMessage',
    { MessageBody: 'x', MessageAttributes: { a: { DataType: 'Number', StringValue: 'ten' } } },
    'InvalidParameterValue',
  ],
  ['SendMessageBatch', { Entries: [] }, 'EmptyBatchRequest'],
  [
    'SendMessageBatch',
    { Entries: Array.from({ length: 11 }, (_, n) => ({ Id: `${n}`, MessageBody: 'x' })) },
    'TooManyEntriesInBatchRequest',
  ],
  [
    'SendMessageBatch',
    {
      Entries: [
        { Id: 'a', MessageBody: 'x' },
        { Id: 'a', MessageBody: 'x' },
      ],
    },
    'BatchEntryIdsNotDistinct',
  ],
  ['SendMessageBatch', { Entries: [{ Id: 'a b', MessageBody: 'x' }] }, 'InvalidBatchEntryId'],
  [
    'SendMessageBatch',
    { Entries: [1, 2].map((n) => ({ Id: `${n}`, MessageBody: 'x'.repeat(140_000) })) },
    'BatchRequestTooLong',
  ],
  ['ReceiveMessage', { MaxNumberOfMessages: 11 }, 'InvalidParameterValue'],
  ['ReceiveMessage', { WaitTimeSeconds: 21 }, 'InvalidParameterValue'],
  ['DeleteMessage', { ReceiptHandle: 'nonsense' }, 'ReceiptHandleIsInvalid'],
  ['ChangeMessageVisibility', { ReceiptHandle: 'nonsense', VisibilityTimeout: 1 }, 'ReceiptHandleIsInvalid'],
  ['SetQueueAttributes', { Attributes: { VisibilityTimeout: '43201' } }, 'InvalidAttributeValue'],
  ['SetQueueAttributes', { Attributes: { Colour: 'red' } }, 'InvalidAttributeName'],
  ['SetQueueAttributes', { Attributes: { __proto__x: 'red' } }, 'InvalidAttributeName'],
  ['GetQueueAttributes', { AttributeNames: ['Colour'] }, 'InvalidAttributeName'],
  ['Explode', {}, 'UnknownOperationException'],
  ['toString', {}, 'UnknownOperationException'],
];

test.each(refusals)('%s with %o is refused', async (operation, input, name) => {
  const { create, engine } = await someQueues();
  const { url: QueueUrl } = await create('stf');
  await expect(engine.call('sqs', operation, { QueueUrl, ...input })).rejects.toMatchObject({ name });
});

test.each(['', 'a b', 'x'.repeat(81), 'dot.ted'])('%o is no name for a queue', async (QueueName) => {
  const { client } = await someQueues();
  const refused = client.send(new CreateQueueCommand({ QueueName }));
  await expect(refused).rejects.toMatchObject({
    name: QueueName === '' ? 'MissingParameter' : 'InvalidParameterValue',
  });
});
