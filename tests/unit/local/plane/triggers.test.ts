import { expect, test } from 'vitest';
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
const aReceiver = (batches: (readonly string[] | Error)[]) => {
  const removed: string[] = [];
  let hidden = 0;
  let receives = 0;
  const receiver: Receiver = {
    receive: async (signal) => {
      receives += 1;
      const next = batches.shift();
      if (next instanceof Error) throw next;
      if (next) return next.map(aRecord);
      return new Promise((_, reject) => {
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
  };
  return { receiver, removed, hidden: () => hidden, receives: () => receives };
};

type Handler = (ids: readonly string[]) => Promise<unknown>;

const aTrigger = (receiver: Receiver, handler: Handler, alone: readonly string[] = []) => {
  const clock = fakeClock();
  const pause = createPause();
  const trigger = startTrigger({
    functionName: 'handle-word',
    receiver,
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

test('a function that throws leaves its whole batch in the queue, and the next batch is handled', async () => {
  const { receiver, removed } = aReceiver([['a', 'b'], ['c']]);
  const { trigger } = aTrigger(receiver, async (ids) => {
    if (ids.includes('a')) throw new Error('no');
    return allWell();
  });
  await turn();
  await turn();
  expect(removed).toEqual(['c']);
  await trigger.stop();
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
