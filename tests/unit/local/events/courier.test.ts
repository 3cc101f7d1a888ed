import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { aWebServer, type Reply, sayJson } from '../../../builders/a-web-server.ts';
import { aFolder } from '../../../builders/an-engine.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';
import { type EventsInTest, queueArn, someEvents, topicArn } from '../../../builders/some-events.ts';

const web = (Endpoint: string, more: object = {}) => ({ Protocol: 'http', Endpoint, ...more });
const topics = (...Subscriptions: object[]) => ({ Topics: [{ TopicName: 'runs', Subscriptions }] });
const publish = (events: EventsInTest, Message = 'run 7') =>
  events.sns('Publish', { TopicArn: topicArn('runs'), Message });
const status =
  (...codes: number[]): Reply =>
  (_request, response) => {
    response.writeHead(codes.length > 1 ? (codes.shift() ?? 200) : (codes[0] ?? 200)).end();
  };

/** The courier waits for its queue alone: until its poll ends, or the next message is shown. */
const isQuiet = ({ clock }: EventsInTest) => [1, 2].includes(clock.timers());

/** Turns the clock a second at a time until something is so, each time when nothing else is under way. */
const until = async (events: EventsInTest, isSo: () => boolean, seconds = 60): Promise<number> => {
  for (let second = 0; second <= seconds; second++) {
    await expect.poll(() => isSo() || isQuiet(events), { interval: 1 }).toBe(true);
    for (let turn = 0; turn < 5 && !isSo(); turn++) await setImmediate();
    if (isSo()) return second;
    await events.clock.advance(1_000);
  }
  throw new Error(`not within ${seconds} s`);
};
const isDone = (events: EventsInTest) => () => {
  const depth = events.engine.stats().queues['papilio-deliveries'];
  return depth !== undefined && depth.ready + depth.inFlight + depth.delayed === 0;
};

describe('a webhook', () => {
  test('is told as SNS tells it', async () => {
    const { url, seen } = await aWebServer();
    const events = await someEvents(topics(web(`${url}/hook`), web(`${url}/raw`, { RawMessageDelivery: true })));
    events.carry();
    await publish(events);
    await until(events, () => seen.length === 2);
    const [hook, raw] = seen.toSorted((a, b) => a.path.localeCompare(b.path));
    expect(hook).toMatchObject({
      method: 'POST',
      headers: {
        'content-type': 'text/plain; charset=UTF-8',
        'user-agent': 'Amazon Simple Notification Service Agent',
        'x-amz-sns-message-type': 'Notification',
        'x-amz-sns-topic-arn': topicArn('runs'),
        'x-amz-sns-subscription-arn': `${topicArn('runs')}:00000001`,
      },
    });
    expect(JSON.parse(hook?.body ?? '')).toMatchObject({ Type: 'Notification', Message: 'run 7' });
    expect(raw).toMatchObject({ body: 'run 7', headers: { 'x-amz-sns-rawdelivery': 'true' } });
    await until(events, isDone(events));
  });

  test('that is away is told when it is back, also by an engine that was killed in between', async () => {
    const folder = await aFolder();
    const { url, seen } = await aWebServer();
    const events = await someEvents(topics(web(url)), { engine: { folder } });
    expect(await publish(events)).toMatchObject({ ok: true });
    await events.engine.close();
    const again = await someEvents(topics(web(url)), { engine: { folder }, clock: events.clock });
    again.carry();
    await until(again, () => seen.length === 1);
    await until(again, isDone(again));
  });

  test('that fails is tried again after 1, 2, 4 … seconds', async () => {
    const { url, seen } = await aWebServer(status(500, 503, 429, 200));
    const events = await someEvents(topics(web(url)));
    events.carry();
    await publish(events);
    const waits = [];
    for (let tries = 1; tries <= 4; tries++) waits.push(await until(events, () => seen.length === tries));
    expect(waits).toEqual([0, 1, 2, 4]);
    await until(events, isDone(events));
  });

  test('says itself when to come again', async () => {
    const { url, seen } = await aWebServer((request, response) => {
      response.setHeader('retry-after', '7');
      status(seen.length === 1 ? 503 : 200)(request, response);
    });
    const events = await someEvents(topics(web(url)));
    events.carry();
    await publish(events);
    await until(events, () => seen.length === 1);
    expect(await until(events, () => seen.length === 2)).toBe(7);
  });

  test.each([
    ['that refuses', status(404), {}, 1],
    ['that redirects', status(302), {}, 1],
    ['that fails too often', status(500), { RetryPolicy: { MaximumRetryAttempts: 2 } }, 3],
    ['that fails for too long', status(500), { RetryPolicy: { MaximumEventAgeInSeconds: 60 } }, 6],
  ])('%s is given up, into the dead-letter queue', async (_what, reply, more, tries) => {
    const { url, seen } = await aWebServer(reply);
    const RedrivePolicy = { deadLetterTargetArn: queueArn('dead') };
    const events = await someEvents(topics(web(url, { ...more, RedrivePolicy, RawMessageDelivery: true })));
    await events.createQueue('dead');
    events.carry();
    await publish(events);
    await until(events, isDone(events), 120);
    expect(seen).toHaveLength(tries);
    expect(await events.messages('dead')).toMatchObject([
      { Body: 'run 7', MessageAttributes: { ERROR_CODE: { StringValue: 'Declined' } } },
    ]);
  });

  test('at a private address is never called, and told as lost', async () => {
    const { url, seen } = await aWebServer();
    const events = await someEvents(topics(web(url)), { opened: [] });
    events.carry();
    await publish(events);
    await until(events, isDone(events));
    expect(seen).toEqual([]);
    expect(events.lost).toEqual([expect.stringContaining('--allow-private-http')]);
  });

  test('is told of an event with the authority of its connection', async () => {
    const { url, seen } = await aWebServer();
    const connections = {
      api: {
        AuthorizationType: 'API_KEY',
        AuthParameters: {
          ApiKeyAuthParameters: { ApiKeyName: 'X-Key', ApiKeyValue: 'key-that-is-secret' },
          InvocationHttpParameters: { BodyParameters: [{ Key: 'from', Value: 'connection' }] },
        },
      },
    };
    const Targets = [
      {
        ...{ Id: 't', Endpoint: url, HttpMethod: 'PUT', InputPath: '$.detail' },
        ConnectionArn: 'arn:aws:events:us-east-1:111111111111:connection/api/0',
        HttpParameters: { HeaderParameters: { 'X-One': '1' }, QueryStringParameters: { q: 'a b' } },
      },
    ];
    const Rules = [{ Name: 'r', EventPattern: { source: ['epic'] }, Targets }];
    const events = await someEvents({ EventBuses: [{ Name: 'default', Rules }] }, { connections });
    events.carry();
    await events.put({ Source: 'epic', DetailType: 'd', Detail: '{"run":7}' });
    await until(events, () => seen.length === 1);
    expect(seen[0]).toMatchObject({
      method: 'PUT',
      path: '/?q=a+b',
      headers: { 'x-key': 'key-that-is-secret', 'x-one': '1', 'content-type': 'application/json; charset=utf-8' },
    });
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ run: 7, from: 'connection' });
    await until(events, isDone(events));
  });

  test('of a connection that is not there is given up', async () => {
    const Targets = [
      { Id: 't', Endpoint: 'http://127.0.0.1:1', ConnectionArn: 'arn:aws:events:us-east-1:1:connection/no/0' },
    ];
    const Rules = [{ Name: 'r', EventPattern: { source: ['epic'] }, Targets }];
    const events = await someEvents({ EventBuses: [{ Name: 'default', Rules }] });
    events.carry();
    await events.put({ Source: 'epic', DetailType: 'd', Detail: '{}' });
    await until(events, isDone(events));
    expect(events.lost).toEqual([expect.stringContaining('does not exist')]);
  });
});

describe('the courier', () => {
  test('ends what is under way when it is closed, and another one goes on with it', async () => {
    let isSilent = true;
    const { url, seen } = await aWebServer((request, response) => {
      if (!isSilent) sayJson({})(request, response);
    });
    const events = await someEvents(topics(web(url)));
    const close = events.carry();
    await publish(events);
    await until(events, () => seen.length === 1);
    await close();
    isSilent = false;
    events.carry();
    await until(events, () => seen.length === 2, 120);
    await until(events, isDone(events));
  });

  test('throws away what somebody else has put into its queue', async () => {
    const events = await someEvents({});
    events.carry();
    await until(events, isDone(events));
    await events.engine.call('sqs', 'SendMessage', {
      QueueUrl: 'http://sqs/111111111111/papilio-deliveries',
      MessageBody: 'hello',
    });
    await until(events, isDone(events));
    expect(events.lost).toEqual([expect.stringContaining('is no delivery')]);
  });

  test('goes on after somebody has deleted its queue', async () => {
    const { url, seen } = await aWebServer();
    const events = await someEvents(topics(web(url)), { clock: fakeClock() });
    events.carry();
    await until(events, isDone(events));
    await events.engine.call('sqs', 'DeleteQueue', { QueueUrl: 'http://sqs/111111111111/papilio-deliveries' });
    await publish(events);
    await until(events, () => seen.length === 1);
  });
});
