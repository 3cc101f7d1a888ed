import { describe, expect, test } from 'vitest';
import { queueArn, someEvents, topicArn } from '../../../builders/some-events.ts';

const sqs = (name: string, more: object = {}) => ({ Protocol: 'sqs', Endpoint: queueArn(name), ...more });
const topics = (TopicName: string, ...Subscriptions: object[]) => ({ Topics: [{ TopicName, Subscriptions }] });

describe('what is published to a topic', () => {
  test("comes to a queue in SNS's envelope", async () => {
    const events = await someEvents(topics('runs', sqs('inbox')));
    await events.createQueue('inbox');
    const MessageAttributes = { kind: { DataType: 'String', StringValue: 'physics' } };
    const answer = await events.sns('Publish', {
      TopicArn: topicArn('runs'),
      Message: 'run 7',
      Subject: 'Runs',
      MessageAttributes,
    });
    expect(answer).toMatchObject({ ok: true, output: { MessageId: expect.any(String) } });
    expect(await events.bodies('inbox')).toEqual([
      {
        Type: 'Notification',
        MessageId: answer.ok ? Object(answer.output).MessageId : '',
        TopicArn: topicArn('runs'),
        Subject: 'Runs',
        Message: 'run 7',
        Timestamp: '2026-01-01T00:00:00.000Z',
        SignatureVersion: '1',
        MessageAttributes: { kind: { Type: 'String', Value: 'physics' } },
      },
    ]);
  });

  test('comes raw, with its attributes, where raw delivery is asked for', async () => {
    const events = await someEvents(topics('runs', sqs('inbox', { RawMessageDelivery: true })));
    await events.createQueue('inbox');
    const MessageAttributes = { kind: { DataType: 'String', StringValue: 'physics' } };
    await events.sns('Publish', { TargetArn: topicArn('runs'), Message: 'run 7', MessageAttributes });
    expect(await events.messages('inbox')).toMatchObject([{ Body: 'run 7', MessageAttributes }]);
  });

  test('comes only to who wants it', async () => {
    const events = await someEvents(
      topics(
        'runs',
        sqs('physics', { FilterPolicy: { kind: ['physics'] }, RawMessageDelivery: true }),
        sqs('cosmics', { FilterPolicy: '{"kind":["cosmics"]}', RawMessageDelivery: true }),
        sqs('long', {
          FilterPolicy: { hours: [{ numeric: ['>', 1] }] },
          FilterPolicyScope: 'MessageBody',
          RawMessageDelivery: true,
        }),
      ),
    );
    for (const name of ['physics', 'cosmics', 'long']) await events.createQueue(name);
    const MessageAttributes = { kind: { DataType: 'String', StringValue: 'cosmics' } };
    await events.sns('Publish', { TopicArn: topicArn('runs'), Message: '{"hours":2}', MessageAttributes });
    expect(await events.bodies('physics')).toEqual([]);
    expect(await events.bodies('cosmics')).toEqual([{ hours: 2 }]);
    expect(await events.bodies('long')).toEqual([{ hours: 2 }]);
  });

  test('says another thing to each protocol, where it is told so', async () => {
    const events = await someEvents(topics('runs', sqs('inbox', { RawMessageDelivery: true })));
    await events.createQueue('inbox');
    const Message = JSON.stringify({ default: 'all', sqs: 'queues' });
    await events.sns('Publish', { TopicArn: topicArn('runs'), Message, MessageStructure: 'json' });
    expect((await events.messages('inbox')).map(({ Body }) => Body)).toEqual(['queues']);
  });

  test('keeps group and order in FIFO, and is there once', async () => {
    const events = await someEvents({
      Topics: [
        {
          TopicName: 'runs.fifo',
          ContentBasedDeduplication: true,
          Subscriptions: [sqs('inbox.fifo', { RawMessageDelivery: true })],
        },
      ],
    });
    await events.createQueue('inbox.fifo', { FifoQueue: 'true' });
    for (const Message of ['a', 'b', 'b']) {
      expect(
        await events.sns('Publish', { TopicArn: topicArn('runs.fifo'), Message, MessageGroupId: 'g' }, Message),
      ).toMatchObject({ ok: true });
    }
    const found = await events.messages('inbox.fifo');
    expect(found.map(({ Body, Attributes }) => [Body, Attributes?.MessageGroupId])).toEqual([
      ['a', 'g'],
      ['b', 'g'],
    ]);
  });

  test('has the same id when it is published again after a restart', async () => {
    const events = await someEvents(topics('runs'));
    const publish = (id: string) => events.sns('Publish', { TopicArn: topicArn('runs'), Message: 'x' }, id);
    expect(await publish('one')).toEqual(await publish('one'));
    expect(await publish('one')).not.toEqual(await publish('two'));
  });

  test('for a queue that is not there goes to the dead-letter queue, or is told as lost', async () => {
    const RedrivePolicy = { deadLetterTargetArn: queueArn('dead') };
    const events = await someEvents(
      topics('runs', sqs('gone', { RedrivePolicy, RawMessageDelivery: true }), sqs('gone')),
    );
    await events.createQueue('dead');
    expect(await events.sns('Publish', { TopicArn: topicArn('runs'), Message: 'run 7' })).toMatchObject({ ok: true });
    expect(await events.messages('dead')).toMatchObject([
      { Body: 'run 7', MessageAttributes: { ERROR_CODE: { StringValue: 'QueueDoesNotExist' } } },
    ]);
    expect(events.lost).toEqual([expect.stringContaining('runs:00000002')]);
  });
});

test('a batch is answered entry by entry', async () => {
  const events = await someEvents(topics('runs', sqs('inbox', { RawMessageDelivery: true })));
  await events.createQueue('inbox');
  const PublishBatchRequestEntries = [
    { Id: 'a', Message: 'one' },
    { Id: 'b', Message: '' },
    { Id: 'c', Message: 'three' },
  ];
  expect(await events.sns('PublishBatch', { TopicArn: topicArn('runs'), PublishBatchRequestEntries })).toMatchObject({
    ok: true,
    output: {
      Successful: [{ Id: 'a' }, { Id: 'c' }],
      Failed: [{ Id: 'b', Code: 'InvalidParameter', SenderFault: true }],
    },
  });
  expect((await events.messages('inbox')).map(({ Body }) => Body)).toEqual(['one', 'three']);
});

describe('what is refused', () => {
  const runs = topicArn('runs');
  test.each([
    ['NotFound', { TopicArn: topicArn('other'), Message: 'x' }],
    ['NotFound', { TopicArn: runs.replace('us-east-1', 'eu-west-1'), Message: 'x' }],
    ['InvalidParameter', { TopicArn: 'runs', Message: 'x' }],
    ['InvalidParameter', { Message: 'x' }],
    ['InvalidParameter', { PhoneNumber: '+1', Message: 'x' }],
    ['InvalidParameter', { TopicArn: runs, Message: '' }],
    ['InvalidParameter', { TopicArn: runs }],
    ['InvalidParameter', { TopicArn: runs, Message: 'x'.repeat(262_145) }],
    ['InvalidParameter', { TopicArn: runs, Message: 'x', Subject: 'a\nb' }],
    ['InvalidParameter', { TopicArn: runs, Message: 'x', Subject: 'x'.repeat(101) }],
    ['InvalidParameter', { TopicArn: runs, Message: '{}', MessageStructure: 'json' }],
    ['InvalidParameter', { TopicArn: runs, Message: 'x', MessageStructure: 'xml' }],
    ['InvalidParameter', { TopicArn: runs, Message: 'x', MessageDeduplicationId: 'd' }],
    [
      'InvalidParameter',
      { TopicArn: runs, Message: 'x', MessageAttributes: { a: { DataType: 'Text', StringValue: 'x' } } },
    ],
    ['InvalidParameter', { TopicArn: runs, Message: 'x', MessageAttributes: { a: { DataType: 'String' } } }],
    ['InvalidParameter', { TopicArn: topicArn('f.fifo'), Message: 'x' }],
    ['InvalidParameter', { TopicArn: topicArn('f.fifo'), Message: 'x', MessageGroupId: 'g' }],
  ])('%s: %j', async (error, input) => {
    const events = await someEvents({ Topics: [{ TopicName: 'runs' }, { TopicName: 'f.fifo' }] });
    expect(await events.sns('Publish', input)).toMatchObject({ ok: false, error });
  });

  test.each([
    ['EmptyBatchRequest', []],
    ['TooManyEntriesInBatchRequest', Array.from({ length: 11 }, (_, at) => ({ Id: `${at}`, Message: 'x' }))],
    ['BatchEntryIdsNotDistinct', ['a', 'a'].map((Id) => ({ Id, Message: 'x' }))],
    ['InvalidBatchEntryId', [{ Id: 'a b', Message: 'x' }]],
  ])('%s of a batch', async (error, PublishBatchRequestEntries) => {
    const events = await someEvents(topics('runs'));
    expect(await events.sns('PublishBatch', { TopicArn: runs, PublishBatchRequestEntries })).toMatchObject({ error });
  });

  test('an action that there is not', async () => {
    const events = await someEvents({});
    expect(await events.sns('Subscribe', {})).toMatchObject({ error: 'InvalidAction' });
  });
});
