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
  /** Waits for messages, at most for `restMs`; empty when none came for a while. */
  readonly receive: (
    signal: AbortSignal,
    wish: { readonly atMost: number; readonly restMs?: number },
  ) => Promise<QueueRecord[]>;
  readonly remove: (records: readonly QueueRecord[]) => Promise<void>;
  /** Keeps those messages hidden from others that are in hand each time, until `stop` is called. */
  readonly keepHidden: (inHand: () => readonly QueueRecord[]) => () => void;
  /** Shows messages to others at once. */
  readonly giveBack: (records: readonly QueueRecord[]) => Promise<void>;
};

type Source = {
  readonly client: SQSClient;
  readonly url: string;
  readonly arn: string;
  readonly region: string;
  readonly clock: Clock;
};

const longestWaitS = 20;
const mostPerCall = 10;
const extendEveryMs = (visibilityS * 1000) / 2;
const heldVisibilityS = 60;
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

/** SQS takes ten entries a call. */
const callsOf = (records: readonly QueueRecord[]): QueueRecord[][] =>
  Array.from({ length: Math.ceil(records.length / mostPerCall) }, (_, at) =>
    records.slice(at * mostPerCall, (at + 1) * mostPerCall),
  );

/** Reads one queue through the SDK. */
export const createReceiver = (source: Source): Receiver => {
  const { client, url, clock } = source;
  const setVisibility = async (records: readonly QueueRecord[], timeoutS: number) => {
    for (const call of callsOf(records)) {
      const Entries = entriesOf(call).map((entry) => ({ ...entry, VisibilityTimeout: timeoutS }));
      await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries }));
    }
  };
  return {
    receive: async (signal, { atMost, restMs = longestWaitS * 1000 }) => {
      const command = new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: Math.min(atMost, mostPerCall),
        WaitTimeSeconds: Math.min(longestWaitS, Math.ceil(restMs / 1000)),
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      });
      const { Messages = [] } = await client.send(command, { abortSignal: signal });
      return Messages.map((message) => recordOf(message, source));
    },
    remove: async (records) => {
      for (const call of callsOf(records)) {
        await client.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries: entriesOf(call) }));
      }
    },
    keepHidden: (inHand) => {
      const untilMs = new Map<string, number>();
      /** What is long in hand is hidden for longer: if this process dies, it comes back a little later. */
      const extend = (timeoutS: number, records: readonly QueueRecord[]) => {
        for (const { receiptHandle } of records) untilMs.set(receiptHandle, clock.nowMs() + timeoutS * 1000);
        // If it fails, another receive may see the messages: that repeats a call, which every function bears.
        setVisibility(records, timeoutS).catch(() => undefined);
      };
      const tick = () => {
        const soonMs = clock.nowMs() + visibilityS * 1000;
        const records = inHand();
        const receipts = new Set(records.map(({ receiptHandle }) => receiptHandle));
        for (const receipt of untilMs.keys()) if (!receipts.has(receipt)) untilMs.delete(receipt);
        const ending = records.filter(({ receiptHandle }) => (untilMs.get(receiptHandle) ?? 0) <= soonMs);
        const known = new Set(untilMs.keys());
        extend(
          visibilityS,
          ending.filter(({ receiptHandle }) => !known.has(receiptHandle)),
        );
        extend(
          heldVisibilityS,
          ending.filter(({ receiptHandle }) => known.has(receiptHandle)),
        );
      };
      let cancel = () => {};
      const again = () => {
        cancel = clock.at(clock.nowMs() + extendEveryMs, () => {
          tick();
          again();
        });
      };
      again();
      return () => cancel();
    },
    giveBack: (records) => setVisibility(records, 0),
  };
};
