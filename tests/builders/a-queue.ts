import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageCommand,
  type SendMessageCommandInput,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { onTestFinished } from 'vitest';
import type { Engine, EngineOptions } from '../../local/engine/engine.ts';
import { createRequestHandler, noSigning, type Route } from '../../local/engine/request-handler.ts';
import { account, anEngine } from './an-engine.ts';
import { type FakeClock, fakeClock } from './fake-clock.ts';

/** A plain SQS client of one engine, closed with the test. */
export function clientOf(
  route: Route,
  requestHandler = createRequestHandler({ routes: { [account]: route }, defaultAccount: account }),
): SQSClient {
  const client = new SQSClient({ ...noSigning, requestHandler, maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  return client;
}

type Input<T> = Omit<T, 'QueueUrl'>;

/** A queue as a test speaks of it. */
export type QueueInTest = {
  readonly url: string;
  readonly arn: string;
  readonly send: (body: string, more?: Partial<Input<SendMessageCommandInput>>) => Promise<string | undefined>;
  readonly receive: (more?: Input<ReceiveMessageCommandInput>) => Promise<Message[]>;
  /** Bodies of up to ten messages. */
  readonly bodies: (more?: Input<ReceiveMessageCommandInput>) => Promise<(string | undefined)[]>;
  readonly attribute: (name: string) => Promise<string | undefined>;
};

/** Queues on an engine with a clock that the test turns. */
export type QueuesInTest = {
  readonly client: SQSClient;
  readonly clock: FakeClock;
  readonly engine: Engine;
  readonly create: (name: string, attributes?: Record<string, string>) => Promise<QueueInTest>;
};

/** Opens an engine and a client for it. */
export async function someQueues(options: Partial<EngineOptions> = {}): Promise<QueuesInTest> {
  const clock = fakeClock();
  const engine = await anEngine({ clock, ...options });
  const client = clientOf(engine);
  const create = async (name: string, attributes: Record<string, string> = {}) => {
    const Attributes = { ...(name.endsWith('.fifo') && { FifoQueue: 'true' }), ...attributes };
    const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: name, Attributes }));
    return queueAt(client, QueueUrl, name);
  };
  return { client, clock, engine, create };
}

function queueAt(client: SQSClient, QueueUrl: string, name: string): QueueInTest {
  const receive: QueueInTest['receive'] = async (more = {}) => {
    const input = { QueueUrl, MaxNumberOfMessages: 10, ...more };
    return (await client.send(new ReceiveMessageCommand(input))).Messages ?? [];
  };
  return {
    url: QueueUrl,
    arn: `arn:aws:sqs:us-east-1:${account}:${name}`,
    receive,
    send: async (MessageBody, more = {}) =>
      (await client.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }))).MessageId,
    bodies: async (more) => (await receive(more)).map(({ Body }) => Body),
    attribute: async (name) => {
      const input = { QueueUrl, AttributeNames: ['All' as const] };
      const attributes: Record<string, string> | undefined = (await client.send(new GetQueueAttributesCommand(input)))
        .Attributes;
      return attributes?.[name];
    },
  };
}
