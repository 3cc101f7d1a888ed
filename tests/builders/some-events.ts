import { onTestFinished } from 'vitest';
import type { Engine, EngineOptions } from '../../local/engine/engine.ts';
import { Connection, connectionsOf } from '../../local/engine/http/connections.ts';
import { createReach } from '../../local/engine/http/reach.ts';
import { localEventBridge, localSns } from '../../local/events/calls.ts';
import { connectionUses, EventsConfig } from '../../local/events/config.ts';
import { startCourier } from '../../local/events/courier.ts';
import type { ServiceAnswer } from '../../local/stepfunctions/host.ts';
import type { JsonObject } from '../../local/stepfunctions/json.ts';
import { account, anEngine } from './an-engine.ts';
import { type FakeClock, fakeClock } from './fake-clock.ts';

/** ARN of a queue of the engine in a test. */
export const queueArn = (name: string): string => `arn:aws:sqs:us-east-1:${account}:${name}`;

/** ARN of a topic of the engine in a test. */
export const topicArn = (name: string): string => `arn:aws:sns:us-east-1:${account}:${name}`;

/** Topics and buses on an engine, and a clock that the test turns. */
export type EventsInTest = {
  readonly engine: Engine;
  readonly clock: FakeClock;
  /** What was given up without a dead-letter queue. */
  readonly lost: string[];
  readonly sns: (action: string, input: JsonObject, invocationId?: string) => Promise<ServiceAnswer>;
  readonly put: (...entries: readonly JsonObject[]) => Promise<ServiceAnswer>;
  readonly createQueue: (name: string, attributes?: Record<string, string>) => Promise<void>;
  /** Takes all messages that a queue has now. */
  readonly messages: (
    name: string,
  ) => Promise<{ Body: string; MessageAttributes?: JsonObject; Attributes?: JsonObject }[]>;
  readonly bodies: (name: string) => Promise<unknown[]>;
  /** Starts to carry what has to be carried; ends with the test, or when it is told to. */
  readonly carry: () => () => Promise<void>;
};

const isMessages = (value: unknown): value is { Body: string }[] => Array.isArray(value);

/** Opens an engine with the topics and buses of a configuration. */
export async function someEvents(
  config: unknown,
  given: {
    engine?: Partial<EngineOptions>;
    connections?: Record<string, unknown>;
    clock?: FakeClock;
    opened?: string[];
  } = {},
): Promise<EventsInTest> {
  const clock = given.clock ?? fakeClock();
  const parsed = EventsConfig.parse(config);
  const lost: string[] = [];
  const engine = await anEngine({ clock, ...given.engine });
  const post = { call: engine.call, account, onLost: (what: string) => lost.push(what) };
  const deps = { ...post, region: 'us-east-1', clock };
  const [sns, eventbridge] = [localSns(parsed, deps), localEventBridge(parsed, deps)];
  const { signal } = new AbortController();
  const receive = async (name: string) => {
    const input = {
      QueueUrl: `http://sqs/${account}/${name}`,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
    };
    const answer: Record<string, unknown> = {
      ...(await engine.call('sqs', 'ReceiveMessage', { ...input, AttributeNames: ['All'] })),
    };
    return isMessages(answer.Messages) ? answer.Messages : [];
  };
  const known = Object.entries(given.connections ?? {}).map(
    ([name, value]) => [name, Connection.parse(value)] as const,
  );
  return {
    ...{ engine, clock, lost, messages: receive },
    sns: (action, input, invocationId = 'i') => sns({ service: 'sns', action, input, invocationId, signal }),
    put: (...Entries) =>
      eventbridge({ service: 'eventbridge', action: 'PutEvents', input: { Entries }, invocationId: 'i', signal }),
    createQueue: async (QueueName, Attributes = {}) => {
      await engine.call('sqs', 'CreateQueue', { QueueName, Attributes });
    },
    bodies: async (name) => (await receive(name)).map(({ Body }) => JSON.parse(Body)),
    carry: () => {
      const connections = connectionsOf(Object.fromEntries(known), connectionUses(parsed));
      const courier = startCourier({ ...post, clock, reach: createReach(given.opened ?? ['127.0.0.1']), connections });
      onTestFinished(() => courier.close());
      return courier.close;
    },
  };
}
