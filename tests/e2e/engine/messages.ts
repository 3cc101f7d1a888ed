import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { insist, refusalOf } from './insist.ts';

/** Makes a queue; what was received and not deleted comes back after a second. */
export const createQueue = async (sqs: SQSClient, QueueName: string): Promise<string> => {
  const isFifo = QueueName.endsWith('.fifo');
  const Attributes = { VisibilityTimeout: '1', ...(isFifo && { FifoQueue: 'true' }) };
  const { QueueUrl = '' } = await insist(() => sqs.send(new CreateQueueCommand({ QueueName, Attributes })));
  return QueueUrl;
};

/**
 * Reads a queue until `isOver` and it is empty: what was sent again because its answer was lost is there twice, and what was not
 * deleted in time comes again. Each message is handled, then deleted.
 */
export const readQueue = async (
  sqs: SQSClient,
  QueueUrl: string,
  { handle, isOver }: { readonly handle: (message: Message) => Promise<void>; readonly isOver: () => boolean },
): Promise<void> => {
  const poll = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 };
  while (!isOver() || (await depthOf(sqs, QueueUrl)) > 0) {
    const { Messages = [] } = await insist(() => sqs.send(new ReceiveMessageCommand(poll)));
    for (const message of Messages) {
      await handle(message);
      const { ReceiptHandle } = message;
      // A receipt of a FIFO queue may have expired: the message comes again.
      await refusalOf(() => sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle })));
    }
  }
};

/** Messages of a queue, those received and not deleted with them. */
export const depthOf = async (sqs: SQSClient, QueueUrl: string): Promise<number> => {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const ask = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] });
  const { Attributes = {} } = await insist(() => sqs.send(ask));
  return names.reduce((sum, name) => sum + Number(Attributes[name]), 0);
};

/** What became of the messages of one queue, in the order of their first receipts. */
export type Traffic = {
  readonly url: string;
  readonly sent: string[];
  /** By body: ids under which it was received. */
  readonly received: Map<string, Set<string>>;
};

const groups = 3;

/** Sends numbered messages, one after the other, until `isOver`. */
const sendAll = async (sqs: SQSClient, { url, sent }: Traffic, isOver: () => boolean): Promise<void> => {
  for (let number = 0; !isOver(); number++) {
    const body = `${number % groups}/${number}`;
    const fifo = { MessageGroupId: `g${number % groups}`, MessageDeduplicationId: body.replace('/', '-') };
    const message = { QueueUrl: url, MessageBody: body, ...(url.endsWith('.fifo') && fifo) };
    await insist(() => sqs.send(new SendMessageCommand(message)));
    sent.push(body);
  }
};

/** Sends and reads messages of a queue of its own: sending ends when `isOver`, reading when the queue is empty. */
export const startTraffic = (sqs: SQSClient, url: string, isOver: () => boolean) => {
  const traffic: Traffic = { url, sent: [], received: new Map() };
  let isSent = false;
  const handle = async ({ Body = '', MessageId = '' }: Message): Promise<void> => {
    traffic.received.set(Body, (traffic.received.get(Body) ?? new Set()).add(MessageId));
  };
  const sending = sendAll(sqs, traffic, isOver).then(() => {
    isSent = true;
  });
  const isRead = () => isSent && traffic.received.size >= traffic.sent.length;
  const ended = Promise.all([sending, readQueue(sqs, url, { handle, isOver: isRead })]);
  return { traffic, ended };
};
