import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { account } from './machines.ts';

const Question = z.object({ id: z.string(), fails: z.number() });
const Notification = z.object({ MessageId: z.string(), Message: z.string() });
const BusEvent = z.object({ id: z.string(), detail: z.object({ id: z.string() }) });

/** By the id of who was heard: the ids of the messages under which he was, each once however often it came. */
export type Heard = Map<string, Set<string>>;

/** Notes what was heard. */
export const note = (heard: Heard, who: string, messageId: string): void => {
  heard.set(who, (heard.get(who) ?? new Set()).add(messageId));
};

/** What a subscriber of a topic is sent: who it tells of, and its message's id. */
export const readNotification = (body: string): readonly [string, string] => {
  const { Message, MessageId } = Notification.parse(JSON.parse(body));
  return [Message, MessageId];
};

/** What a target of a bus is sent: who it tells of, and the event's id. */
export const readEvent = (body: string): readonly [string, string] => {
  const { id, detail } = BusEvent.parse(JSON.parse(body));
  return [detail.id, id];
};

/** One who is called over the web, and told by webhooks. */
export type Web = {
  readonly url: string;
  /** Calls of `http:invoke` by the id of the execution. */
  readonly calls: ReadonlyMap<string, number>;
  readonly fromTopic: Heard;
  readonly fromBus: Heard;
  /** Options of an engine that may reach it, and tells it; their files go into a folder. */
  readonly options: (folder: string) => string[];
  readonly close: () => void;
};

const queueArn = (name: string): string => `arn:aws:sqs:us-east-1:${account}:${name}`;

/** Names of the queues that are told, and of the machine. */
export const told = { topic: 'told', inOrder: 'told.fifo', bus: 'heard', machine: 'hear' } as const;

const eventsFor = (url: string): object => ({
  Topics: [
    {
      TopicName: 'told',
      Subscriptions: [
        { Protocol: 'sqs', Endpoint: queueArn(told.topic) },
        { Protocol: 'http', Endpoint: `${url}/topic` },
      ],
    },
    {
      TopicName: 'told.fifo',
      Subscriptions: [{ Protocol: 'sqs', Endpoint: queueArn(told.inOrder), RawMessageDelivery: true }],
    },
  ],
  EventBuses: [
    {
      Name: 'default',
      Rules: [
        {
          Name: 'told',
          EventPattern: { source: ['load'] },
          Targets: [
            { Id: 'queue', Arn: queueArn(told.bus) },
            { Id: 'web', Endpoint: `${url}/bus` },
            { Id: 'machine', Arn: `arn:aws:states:us-east-1:${account}:stateMachine:${told.machine}` },
          ],
        },
      ],
    },
  ],
});

const connectionsFor = (url: string): object => ({
  web: {
    Hosts: [new URL(url).host],
    AuthorizationType: 'API_KEY',
    AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'X-Key', ApiKeyValue: 'any' } },
  },
});

const optionsFor = (url: string, folder: string): string[] => {
  const files = { events: join(folder, 'events.json'), connections: join(folder, 'connections.json') };
  writeFileSync(files.events, JSON.stringify(eventsFor(url)));
  writeFileSync(files.connections, JSON.stringify(connectionsFor(url)));
  return ['--events', files.events, '--connections', files.connections, '--allow-private-http', '127.0.0.1'];
};

type Reply = { readonly status: number; readonly body?: object };

/** Serves on a port of its own; webhooks are now and then too busy to listen. */
export const serveWeb = async (random: () => number): Promise<Web> => {
  const calls = new Map<string, number>();
  const [fromTopic, fromBus]: [Heard, Heard] = [new Map(), new Map()];
  const ask = (body: string): Reply => {
    const { id, fails } = Question.parse(JSON.parse(body));
    const before = calls.get(id) ?? 0;
    calls.set(id, before + 1);
    return before < fails ? { status: 503 } : { status: 200, body: { answered: id } };
  };
  const hear = (heard: Heard, [who, messageId]: readonly [string, string]): Reply => {
    if (random() < 0.1) return { status: 503 };
    note(heard, who, messageId);
    return { status: 200 };
  };
  const places: Readonly<Record<string, (body: string) => Reply>> = {
    '/ask': ask,
    '/topic': (body) => hear(fromTopic, readNotification(body)),
    '/bus': (body) => hear(fromBus, readEvent(body)),
  };
  const server = createServer(async (request, response) => {
    const { status, body } = places[request.url ?? '']?.(await text(request)) ?? { status: 404 };
    setTimeout(() => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    }, random() * 100);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url, calls, fromTopic, fromBus, options: (folder) => optionsFor(url, folder), close };
};
