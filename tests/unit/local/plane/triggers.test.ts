import { expect, test } from 'vitest';
import { PapilioError } from '#lib/errors';
import { silentLog } from '#lib/log';
import { createPause } from '../../../../local/plane/pause.ts';
import type { QueueRecord, Receiver } from '../../../../local/plane/receiver.ts';
import { startTrigger } from '../../../../local/plane/triggers.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

const aRecord = (messageId: string): QueueRecord => ({
  messageId,
  receiptHandle: `receipt-${messageId}`,
  body: '{}',
  attributes: {},
  messageAttributes: {},
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn',
  awsRegion: 'us-east-1',
});

/** A queue in memory: batches are given out one a receive, then it waits until it is aborted. */
const aReceiver = (batches: (readonly string[] | Error)[], clock = fakeClock()) => {
  const removed: string[] = [];
  const givenBack: string[] = [];
  const rests: (number | undefined)[] = [];
  let hidden = 0;
  let receives = 0;
  const receiver: Receiver = {
    receive: async (signal, { restMs }) => {
      receives += 1;
      rests.push(restMs);
      const next = batches.shift();
      if (next instanceof Error) throw next;
      if (next) return next.map(aRecord);
      return new Promise((resolve, reject) => {
        if (restMs !== undefined) clock.at(clock.nowMs() + restMs, () => resolve([]));
        const abort = () => reject(Object.assign(new Error('aborted'), { name: 'AbortError' }));
        if (signal.aborted) abort();
        signal.addEventListener('abort', abort, { once: true });
      });
    },
    remove: async (records) => {
      removed.push(...records.map((record) => record.messageId));
    },
    keepHidden: () => {
      hidden += 1;
      return () => {
        hidden -= 1;
      };
    },
    giveBack: async (records) => {
      givenBack.push(...records.map((record) => record.messageId));
    },
  };
  return { receiver, clock, removed, givenBack, rests, hidden: () => hidden, receives: () => receives };
};

type Handler = (ids: readonly string[]) => Promise<unknown>;

const aTrigger = (receiver: Receiver, handler: Handler, alone: readonly string[] = [], clock = fakeClock()) => {
  const pause = createPause();
  const trigger = startTrigger({
    functionName: 'handle-word',
    receiver,
    batch: 10,
    parallel: 1,
    call: (_, __, ids) => handler(ids),
    goesAlone: (_, id) => alone.includes(id),
    pause,
    clock,
    log: silentLog,
  });
  return { clock, pause, trigger };
};

const allWell = async () => ({ batchItemFailures: [] });

test('of a batch only what failed stays in the queue', async () => {
  const { receiver, removed, hidden } = aReceiver([['a', 'b', 'c']]);
  const { trigger } = aTrigger(receiver, async () => ({ batchItemFailures: [{ itemIdentifier: 'b' }] }));
  await turn();
  expect(removed).toEqual(['a', 'c']);
  expect(hidden()).toBe(0);
  await trigger.stop();
});

test('of a batch that made its function throw each message has its next try alone, and only the culprit goes back', async () => {
  const calls: (readonly string[])[] = [];
  const { receiver, removed, clock, hidden } = aReceiver([['a', 'bad', 'c']]);
  const handler: Handler = async (ids) => {
    calls.push(ids);
    if (ids.includes('bad')) throw new Error('no');
    return allWell();
  };
  const { trigger } = aTrigger(receiver, handler, [], clock);
  await clock.whenTimers(1);
  await clock.advance(1_000);
  await clock.advance(1_000);
  expect(calls.map((ids) => ids.length)).toEqual([3, 1, 1, 1]);
  expect(removed.toSorted()).toEqual(['a', 'c']);
  expect(hidden()).toBe(0);
  await trigger.stop();
});

test('what an outage hinders stays in hand and hidden, is tried ever more slowly, and then done', async () => {
  let isOut = true;
  const tries: number[] = [];
  const { receiver, removed, clock, hidden, givenBack } = aReceiver([['a', 'b']]);
  const handler: Handler = async (ids) => {
    tries.push(clock.nowMs());
    const failed = isOut ? ids.filter((id) => id === 'b') : [];
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })), passing: failed };
  };
  const { trigger } = aTrigger(receiver, handler, [], clock);
  await clock.whenTimers(1);
  await clock.advance(3_600_000);
  expect([removed, hidden()]).toEqual([['a'], 1]);
  expect(tries.length).toBeGreaterThan(100);
  expect(tries.length).toBeLessThan(260);
  isOut = false;
  await clock.advance(30_000);
  expect([removed, hidden(), givenBack]).toEqual([['a', 'b'], 0, []]);
  await trigger.stop();
});

test('a message that waits holds up no other', async () => {
  const { receiver, removed, clock } = aReceiver([['held'], ['a'], ['b']]);
  const handler: Handler = async (ids) => {
    const failed = ids.filter((id) => id === 'held');
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })), passing: failed };
  };
  const { trigger } = aTrigger(receiver, handler, [], clock);
  await turn();
  expect(removed).toEqual(['a', 'b']);
  await trigger.stop();
});

test('in an outage no more is received than the hand holds, and all of it is given back at a stop', async () => {
  const all = Array.from({ length: 20 }, (_, call) => Array.from({ length: 10 }, (_, at) => `m${call}-${at}`));
  const { receiver, receives, clock, givenBack, hidden } = aReceiver([...all]);
  const out = async () => {
    throw new PapilioError('store-full', 'no space');
  };
  const { trigger } = aTrigger(receiver, out, [], clock);
  await clock.whenTimers(1);
  await clock.advance(600_000);
  expect([receives(), hidden()]).toEqual([5, 1]);
  await trigger.stop();
  expect(givenBack.toSorted()).toEqual(all.slice(0, 5).flat().toSorted());
  expect(hidden()).toBe(0);
});

test('what goes alone has a call of its own', async () => {
  const calls: (readonly string[])[] = [];
  const { receiver } = aReceiver([['a', 'b', 'c', 'd']]);
  const handler: Handler = async (ids) => {
    calls.push(ids);
    return allWell();
  };
  const { trigger } = aTrigger(receiver, handler, ['b', 'd']);
  await turn();
  expect(calls).toEqual([['a', 'c'], ['b'], ['d']]);
  await trigger.stop();
});

test('an idle queue costs no timer', async () => {
  const { receiver } = aReceiver([]);
  const { clock, trigger } = aTrigger(receiver, allWell);
  await turn();
  expect(clock.timers()).toBe(0);
  await trigger.stop();
});

test('a queue that is away is asked again, and then goes on', async () => {
  const { receiver, removed } = aReceiver([new Error('away'), new Error('away'), ['a']]);
  const { clock, trigger } = aTrigger(receiver, allWell);
  await clock.whenTimers(1);
  await clock.advance(10_000);
  await turn();
  expect(removed).toEqual(['a']);
  await trigger.stop();
});

test('a pause ends the wait for messages; afterwards they are taken again', async () => {
  const batches: string[][] = [];
  const { receiver, removed, receives } = aReceiver(batches);
  const { pause, trigger } = aTrigger(receiver, allWell);
  await turn();
  pause.set('full');
  batches.push(['a']);
  await turn();
  expect([receives(), removed]).toEqual([1, []]);
  pause.set(undefined);
  await turn();
  await turn();
  expect(removed).toEqual(['a']);
  await trigger.stop();
});

test('a trigger that is paused can be stopped', async () => {
  const { receiver } = aReceiver([]);
  const { pause, trigger } = aTrigger(receiver, allWell);
  pause.set('full');
  await turn();
  await expect(trigger.stop()).resolves.toBeUndefined();
});

test('a stop waits for the batch in hand', async () => {
  const { receiver, removed } = aReceiver([['a']]);
  const answer = Promise.withResolvers<unknown>();
  const { trigger } = aTrigger(receiver, () => answer.promise);
  await turn();
  const stopped = trigger.stop();
  answer.resolve({ batchItemFailures: [] });
  await stopped;
  expect(removed).toEqual(['a']);
});
