import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Clock } from '#ports/clock';
import { visibilityS } from './queues.ts';

/** One message in hand: what Lambda's event source calls a record. */
export type QueueRecord = {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: Readonly<Record<string, unknown>>;
  readonly md5OfBody: string;
  readonly eventSource: 'aws:sqs';
  readonly eventSourceARN: string;
  readonly awsRegion: string;
};

/** A queue as the loop that reads it sees it. */
export type Receiver = {
  /** Waits for messages; empty when none came for a while. */
  readonly receive: (signal: AbortSignal) => Promise<QueueRecord[]>;
  readonly remove: (records: readonly QueueRecord[]) => Promise<void>;
  /** Keeps messages hidden from others until `stop` is called. */
  readonly keepHidden: (records: readonly QueueRecord[]) => () => void;
};

type Source = {
  readonly client: SQSClient;
  readonly url: string;
  readonly arn: string;
  readonly region: string;
  readonly batch: number;
  readonly clock: Clock;
};

const waitS = 20;
const extendEveryMs = (visibilityS * 1000) / 2;
/** SQS takes ten entries a call. */
const entriesOf = (records: readonly QueueRecord[]) =>
  records.map(({ receiptHandle }, at) => ({ Id: String(at), ReceiptHandle: receiptHandle }));

const recordOf = (message: Message, { arn, region }: Source): QueueRecord => ({
  messageId: message.MessageId ?? '',
  receiptHandle: message.ReceiptHandle ?? '',
  body: message.Body ?? '',
  attributes: message.Attributes ?? {},
  messageAttributes: message.MessageAttributes ?? {},
  md5OfBody: message.MD5OfBody ?? '',
  eventSource: 'aws:sqs',
  eventSourceARN: arn,
  awsRegion: region,
});

/** Reads one queue through the SDK. */
export const createReceiver = (source: Source): Receiver => {
  const { client, url, batch, clock } = source;
  const receive = async (signal: AbortSignal) => {
    const command = new ReceiveMessageCommand({
      QueueUrl: url,
      MaxNumberOfMessages: Math.min(batch, 10),
      WaitTimeSeconds: waitS,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    const { Messages = [] } = await client.send(command, { abortSignal: signal });
    return Messages.map((message) => recordOf(message, source));
  };
  const remove = async (records: readonly QueueRecord[]) => {
    if (records.length === 0) return;
    await client.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries: entriesOf(records) }));
  };
  const extend = async (records: readonly QueueRecord[]) => {
    const entries = entriesOf(records).map((entry) => ({ ...entry, VisibilityTimeout: visibilityS }));
    await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries: entries }));
  };
  const keepHidden = (records: readonly QueueRecord[]) => {
    let cancel = () => {};
    const again = () => {
      cancel = clock.at(clock.nowMs() + extendEveryMs, () => {
        // If it fails, another receive may see the messages: that repeats a call, which every function bears.
        extend(records).catch(() => undefined);
        again();
      });
    };
    again();
    return () => cancel();
  };
  return { receive, remove, keepHidden };
};
