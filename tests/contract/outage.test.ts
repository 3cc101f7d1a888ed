import { GetQueueAttributesCommand, StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { defineBatchFunction, eachItem } from '#lib/function';
import { silentLog } from '#lib/log';
import { accounts } from '../../functions/catalog.ts';
import { clientsOf } from '../../local/plane/aws.ts';
import { createPause } from '../../local/plane/pause.ts';
import { ensureQueues } from '../../local/plane/queues.ts';
import { createReceiver } from '../../local/plane/receiver.ts';
import { startTrigger } from '../../local/plane/triggers.ts';
import { aContext, aDeps } from '../builders/a-deps.ts';
import { aPlaneEngine } from '../builders/a-plane-engine.ts';

/** What hinders the function now, and what it has done. */
type Weather = { error: PapilioError | undefined; isMended: boolean; readonly handled: number[] };

const aFunction = (weather: Weather) =>
  defineBatchFunction({
    name: 'settle-jobs',
    effect: 'named',
    input: z.object({ n: z.number() }),
    runBatch: (items, deps) =>
      eachItem(items, 'settle-jobs', deps, async ({ input }) => {
        if (input.n === 13 && !weather.isMended) throw new PapilioError('bug', 'thirteen');
        if (weather.error) throw weather.error;
        weather.handled.push(input.n);
      }),
  });

const aFeed = async (weather: Weather) => {
  const { aws, clock, queues } = await aPlaneEngine('work');
  const { sqs } = clientsOf(aws);
  await ensureQueues(sqs, 'work', 'us-east-1', ['settle']);
  const url = `http://sqs.papilio/${accounts.work}/settle`;
  const handler = aFunction(weather).handlerWith(async () => aDeps({ clock }));
  const pause = createPause();
  const receiver = createReceiver({ client: sqs, url, arn: 'arn', region: 'us-east-1', clock });
  const trigger = startTrigger({
    functionName: 'settle-jobs',
    receiver,
    batch: 10,
    parallel: 1,
    call: (_, payload) => handler(payload, aContext()),
    goesAlone: () => false,
    pause,
    clock,
    log: silentLog,
  });
  const depth = async (queue: string) => {
    const QueueUrl = `http://sqs.papilio/${accounts.work}/${queue}`;
    const { Attributes: found = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    return Number(found.ApproximateNumberOfMessages) + Number(found.ApproximateNumberOfMessagesNotVisible);
  };
  return { sqs, clock, queues, pause, trigger, depth };
};

let weather: Weather;
let feed: Awaited<ReturnType<typeof aFeed>>;
beforeEach(async () => {
  weather = { error: undefined, isMended: false, handled: [] };
  feed = await aFeed(weather);
});
afterEach(() => feed.trigger.stop());

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Time goes by in seconds, so that what each of them wakes has its turn. */
const pass = async (ms: number) => {
  for (let left = ms; left > 0; left -= 1000) await feed.clock.advance(Math.min(left, 1000));
};
const numbers = Array.from({ length: 70 }, (_, n) => n + 100);
const send = () =>
  feed.queues.send(
    'settle',
    numbers.map((n) => ({ n })),
  );
const handledOnce = () => [...new Set(weather.handled)].toSorted((a, b) => a - b);

test.each([
  ['a store without space for an hour', 'store-full', hourMs],
  ['a store that is away', 'store-unavailable', 10 * minuteMs],
  ['a plane that is away', 'plane-unavailable', 10 * minuteMs],
  ['a facility that is away', 'facility-unavailable', 10 * minuteMs],
] as const)(
  '%s carries no good message to the dead letters, and all of them are done after it',
  async (_, code, lastsMs) => {
    weather.error = new PapilioError(code, 'for hours');
    await send();
    await pass(lastsMs);
    expect([await feed.depth('settle'), await feed.depth('settle-dlq'), weather.handled]).toEqual([70, 0, []]);
    weather.error = undefined;
    await pass(60_000);
    await expect.poll(handledOnce).toEqual(numbers);
    await expect.poll(() => feed.depth('settle')).toBe(0);
    expect(await feed.depth('settle-dlq')).toBe(0);
  },
);

test('a plane that pauses for hours receives nothing, and keeps what it had in hand', async () => {
  weather.error = new PapilioError('store-full', 'before the quota noticed');
  await send();
  await pass(2_000);
  weather.error = undefined;
  feed.pause.set('no space');
  await pass(2 * hourMs);
  expect(weather.handled).toEqual([]);
  feed.pause.set(undefined);
  await pass(60_000);
  await expect.poll(handledOnce).toEqual(numbers);
  expect(await feed.depth('settle-dlq')).toBe(0);
});

test('what no delivery mends comes to the dead letters within minutes, outage or not', async () => {
  weather.error = new PapilioError('store-full', 'for hours');
  await feed.queues.send('settle', [{ n: 13 }, { n: 1 }]);
  await pass(600_000);
  expect([await feed.depth('settle'), await feed.depth('settle-dlq')]).toEqual([1, 1]);
});

test('a dead letter that is moved back once its cause is mended is done', async () => {
  await feed.queues.send('settle', [{ n: 13 }]);
  await pass(5 * minuteMs);
  expect(await feed.depth('settle-dlq')).toBe(1);
  weather.isMended = true;
  const SourceArn = `arn:aws:sqs:us-east-1:${accounts.work}:settle-dlq`;
  await feed.sqs.send(new StartMessageMoveTaskCommand({ SourceArn }));
  await pass(5_000);
  await expect.poll(() => weather.handled).toEqual([13]);
  await expect.poll(() => feed.depth('settle')).toBe(0);
  expect(await feed.depth('settle-dlq')).toBe(0);
});
