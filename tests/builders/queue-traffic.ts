import { type Desk, Received } from './a-desk.ts';
import { account } from './an-engine.ts';

/** Messages that go through two queues beside everything else. */
export type Beside = { readonly work: (desk: Desk) => Promise<void>; readonly isDone: () => boolean };

const count = 6;
const urlOf = (name: string) => `http://127.0.0.1/${account}/${name}`;

/** Sends numbered messages one after the other, each until it is acknowledged. */
const sender = (name: string) => {
  let acknowledged = 0;
  const isFifo = name.endsWith('.fifo');
  return {
    isDone: () => acknowledged === count,
    work: async (desk: Desk): Promise<void> => {
      while (acknowledged < count && !desk.life.aborted) {
        const fifo = isFifo && { MessageGroupId: 'g', MessageDeduplicationId: String(acknowledged) };
        await desk.call('sqs', 'SendMessage', { QueueUrl: urlOf(name), MessageBody: String(acknowledged), ...fifo });
        acknowledged += 1;
        await desk.pause();
      }
    },
  };
};

/** Takes them out again: what was deleted stays away, and of a FIFO queue each comes once and in order. */
const receiver = (name: string) => {
  const ids = new Map<string, Set<string>>();
  const deleted = new Set<string>();
  /** Whose deletion was asked for: it may be done although the answer was lost. */
  const handled = new Set<string>();
  const isFifo = name.endsWith('.fifo');
  const look = (desk: Desk, body: string, id: string) => {
    const known = ids.get(body) ?? new Set();
    if (isFifo && known.size === 0 && Number(body) !== ids.size) desk.complain(`${name}: ${body} came out of order`);
    ids.set(body, known.add(id));
    if (isFifo && known.size > 1) desk.complain(`${name}: ${body} was doubled`);
    if (deleted.has(id)) desk.complain(`${name}: ${body} came again after it was deleted`);
  };
  return {
    isDone: () => ids.size === count && [...ids.values()].every((known) => [...known].some((id) => handled.has(id))),
    work: async (desk: Desk): Promise<void> => {
      const QueueUrl = urlOf(name);
      while (!desk.life.aborted) {
        const got = await desk.call('sqs', 'ReceiveMessage', {
          QueueUrl,
          MaxNumberOfMessages: 3,
          VisibilityTimeout: 20,
        });
        for (const { Body, MessageId, ReceiptHandle } of Received.parse(got).Messages) {
          look(desk, Body, MessageId);
          handled.add(MessageId);
          await desk.call('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle });
          deleted.add(MessageId);
        }
        await desk.pause();
      }
    },
  };
};

/** Makes the senders and receivers. */
export const queueTraffic = (): Beside => {
  const lanes = ['beside', 'beside.fifo'].map((name) => ({ name, from: sender(name), to: receiver(name) }));
  return {
    isDone: () => lanes.every(({ from, to }) => from.isDone() && to.isDone()),
    work: async (desk) => {
      for (const { name } of lanes) {
        const Attributes = name.endsWith('.fifo') ? { FifoQueue: 'true' } : {};
        await desk.call('sqs', 'CreateQueue', { QueueName: name, Attributes });
      }
      await Promise.all(lanes.flatMap(({ from, to }) => [from.work(desk), to.work(desk)]));
    },
  };
};
