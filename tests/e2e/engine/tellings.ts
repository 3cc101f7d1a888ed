import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { createQueue, readQueue } from './messages.ts';
import { type Heard, note, readEvent, readNotification, told } from './web.ts';

/** Reads the queues that a topic and an event bus feed, until it is closed. */
export const listen = async (sqs: SQSClient) => {
  const heard = { [told.topic]: new Map(), [told.inOrder]: new Map(), [told.bus]: new Map() } satisfies Record<
    string,
    Heard
  >;
  const readers = {
    [told.topic]: ({ Body = '' }: Message) => readNotification(Body),
    [told.inOrder]: ({ Body = '', MessageId = '' }: Message) => [Body, MessageId] as const,
    [told.bus]: ({ Body = '' }: Message) => readEvent(Body),
  };
  let isClosed = false;
  const read = async (name: keyof typeof readers): Promise<void> => {
    const handle = async (message: Message) => note(heard[name], ...readers[name](message));
    await readQueue(sqs, await createQueue(sqs, name), { handle, isOver: () => isClosed });
  };
  const reading = Promise.all([read(told.topic), read(told.inOrder), read(told.bus)]);
  reading.catch(() => undefined);
  const close = async (): Promise<void> => {
    isClosed = true;
    await reading;
  };
  return { heard, close };
};
