import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EventsConfig, readEvents } from '../../../../local/events/config.ts';
import { aFolder } from '../../../builders/an-engine.ts';

const toml = `
[[Topics]]
TopicName = "runs"

[[Topics.Subscriptions]]
Protocol = "sqs"
Endpoint = "arn:aws:sqs:us-east-1:111111111111:inbox"
RawMessageDelivery = true
FilterPolicy = { kind = ["physics"] }

[[Topics.Subscriptions]]
Protocol = "https"
Endpoint = "https://hooks.example/runs"
RedrivePolicy = { deadLetterTargetArn = "arn:aws:sqs:us-east-1:111111111111:dead" }

[[EventBuses]]
Name = "default"

[[EventBuses.Rules]]
Name = "ended"
EventPattern = '{"detail-type": ["run.ended"], "detail": {"hours": [{"numeric": [">", 1]}]}}'

[[EventBuses.Rules.Targets]]
Id = "machine"
Arn = "arn:aws:states:us-east-1:111111111111:stateMachine:archive"
InputPath = "$.detail"
`;

const fileOf = async (name: string, text: string): Promise<string> => {
  const path = join(await aFolder(), name);
  await writeFile(path, text);
  return path;
};

test('topics and buses are read from TOML, and from JSON', async () => {
  const { Topics, EventBuses } = await readEvents(await fileOf('events.toml', toml));
  expect(Topics[0]?.Subscriptions).toMatchObject([
    { Endpoint: { account: '111111111111', name: 'inbox' }, RawMessageDelivery: true },
    { Endpoint: 'https://hooks.example/runs', RetryPolicy: { MaximumRetryAttempts: 185 } },
  ]);
  const kind = { kind: { DataType: 'String', StringValue: 'physics' } };
  expect(Topics[0]?.Subscriptions[0]?.wants('x', kind)).toBe(true);
  expect(Topics[0]?.Subscriptions[0]?.wants('x', {})).toBe(false);
  expect(EventBuses[0]?.Rules[0]?.EventPattern({ 'detail-type': 'run.ended', detail: { hours: 2 } })).toBe(true);
  const json = await readEvents(await fileOf('events.json', '{"Topics":[{"TopicName":"runs"}]}'));
  expect(json).toMatchObject({ Topics: [{ TopicName: 'runs', Subscriptions: [] }], EventBuses: [] });
});

const subscribed = (subscription: object) => ({ Topics: [{ TopicName: 'runs', Subscriptions: [subscription] }] });
const ruled = (rule: object) => ({
  EventBuses: [{ Name: 'b', Rules: [{ Name: 'r', EventPattern: { a: [1] }, ...rule }] }],
});
const queue = 'arn:aws:sqs:us-east-1:111111111111:inbox';

test.each<[string, object]>([
  ['Topics.0.TopicName', { Topics: [{ TopicName: 'a b' }] }],
  ['Topics.0.Subscriptions.0.Endpoint', subscribed({ Protocol: 'sqs', Endpoint: 'inbox' })],
  ['Topics.0.Subscriptions.0.Endpoint', subscribed({ Protocol: 'https', Endpoint: 'ftp://a' })],
  ['Topics.0.Subscriptions.0.Protocol', subscribed({ Protocol: 'email', Endpoint: 'a@b' })],
  ['Topics.0.Subscriptions.0.FilterPolicy', subscribed({ Protocol: 'sqs', Endpoint: queue, FilterPolicy: { a: 'x' } })],
  [
    'a FIFO topic',
    { Topics: [{ TopicName: 'a.fifo', Subscriptions: [{ Protocol: 'https', Endpoint: 'https://a' }] }] },
  ],
  ['a FIFO queue is told by', subscribed({ Protocol: 'sqs', Endpoint: `${queue}.fifo` })],
  ['SqsParameters.MessageGroupId', ruled({ Targets: [{ Id: '1', Arn: `${queue}.fifo` }] })],
  ['EventBuses.0.Rules.0.EventPattern', ruled({ EventPattern: { a: [] }, Targets: [{ Id: '1', Arn: queue }] })],
  ['EventBuses.0.Rules.0.Targets', ruled({ Targets: [] })],
  ['Targets.0.Arn', ruled({ Targets: [{ Id: '1', Arn: 'arn:aws:lambda:us-east-1:111111111111:function:f' }] })],
  ['either Arn or Endpoint', ruled({ Targets: [{ Id: '1' }] })],
  ['InputPath: x is no path', ruled({ Targets: [{ Id: '1', Arn: queue, InputPath: 'x' }] })],
  ['Unrecognized key', ruled({ Targets: [{ Id: '1', Arn: queue, Path: '$' }] })],
])('what is wrong is told by its place: %s', async (place, config) => {
  expect(EventsConfig.safeParse(config).success).toBe(false);
  await expect(readEvents(await fileOf('events.json', JSON.stringify(config)))).rejects.toThrow(place);
});
