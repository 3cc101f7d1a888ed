import { CreateQueueCommand, PurgeQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createSqsQueues, queueUrl } from '../../functions/adapters/queues/sqs.ts';
import { receivedBy } from '../contract/queues-on-sqs.ts';
import { type OpenQueues, queuesSuite } from '../contract/queues-suite.ts';
import { awsOf, badWeather, emulators, lasting, startedEmulators } from './aws-emulators.ts';

/** The queues of a plane on SQS as others have written it, over the wire. */
const running = startedEmulators();
const plane = 'work';
const used = ['broker', 'settle'] as const;

const queuesAt = (url: string, queueBaseUrl: string, answerWithinMs = 5_000) =>
  createSqsQueues({ ...awsOf(url, plane), queueBaseUrl, useQueueUrlAsEndpoint: false, answerWithinMs }, plane);

/** Queues that hold nothing; what arrived is asked of the emulator itself, whatever stands between it and the adapter. */
const openAt = async (url: string, through: string): Promise<OpenQueues> => {
  const client = new SQSClient({ ...awsOf(url, plane), useQueueUrlAsEndpoint: false });
  onTestFinished(() => client.destroy());
  const address = (queue: string): string => queueUrl(queue, plane, url);
  for (const QueueName of used) {
    await client.send(new CreateQueueCommand({ QueueName }));
    await client.send(new PurgeQueueCommand({ QueueUrl: address(QueueName) }));
  }
  return {
    queues: queuesAt(through, url),
    received: receivedBy(client, address),
    away: async () => queuesAt('http://127.0.0.1:1', url),
  };
};

for (const name of emulators) {
  queuesSuite(`SQS of ${name}`, () => {
    const { url = '' } = running.get(name) ?? {};
    return openAt(url, url);
  });
}

describe.each(emulators)('queues of %s', (name) => {
  const open = async (answerWithinMs?: number) => {
    const emulator = running.get(name);
    if (emulator === undefined) throw new RangeError(`${name} runs`);
    const { url, proxy } = emulator;
    onTestFinished(() => proxy.steer());
    const { received } = await openAt(url, url);
    proxy.asked.length = 0;
    return { queues: queuesAt(proxy.url, url, answerWithinMs), received, proxy };
  };

  test('in bad weather: all that was acknowledged arrives, and nothing that nobody sent', async () => {
    const { queues, received, proxy } = await open();
    proxy.steer(badWeather(0.2, 4));
    const sent = Array.from({ length: 40 }, (_, at) => [`${at}-a`, `${at}-b`, `${at}-c`]);
    const ends = await Promise.allSettled(sent.map((bodies) => queues.send('broker', bodies)));
    const acknowledged = sent.filter((_, at) => ends[at]?.status === 'fulfilled').flat();
    const arrived = new Set(await received('broker'));
    expect(acknowledged.filter((body) => !arrived.has(body))).toEqual([]);
    expect([...arrived].filter((body) => !sent.flat().includes(String(body)))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(60);
    expect(proxy.asked.length).toBeGreaterThan(40);
  });

  test.each(lasting)(
    'a service that %s ends in plane-unavailable, after a bounded number of tries',
    async (_, fault, tries) => {
      const { queues, proxy } = await open(1_000);
      proxy.steer(() => fault);
      const isAway = {
        code: 'plane-unavailable',
        name: 'Transient',
        reason: expect.stringContaining('queue broker: '),
      };
      await expect(queues.send('broker', ['a'])).rejects.toMatchObject(isAway);
      expect(proxy.asked).toEqual(Array.from({ length: tries }, () => 'SendMessageBatch'));
      proxy.steer();
      await queues.send('broker', ['b']);
    },
  );

  test('a service that throttles twice is asked again, and the message arrives once', async () => {
    const { queues, received, proxy } = await open();
    const faults = [lasting[0]?.[1], lasting[0]?.[1]];
    proxy.steer(() => faults.shift());
    await queues.send('broker', ['a']);
    expect(await received('broker')).toEqual(['a']);
    expect(proxy.asked).toHaveLength(3);
  });

  test('a queue that is not there is plane-unavailable: whoever brings the stack up makes it', async () => {
    const { queues, proxy } = await open();
    await expect(queues.send('no-such-queue', ['a'])).rejects.toMatchObject({
      code: 'plane-unavailable',
      reason: expect.stringMatching(/QueueDoesNotExist|NonExistentQueue/),
    });
    expect(proxy.asked).toHaveLength(1);
  });
});
