import * as z from 'zod';
import { Refused } from '../engine/http/send-request.ts';
import { sleep } from '../plane/backoff.ts';
import { parseJson } from '../stepfunctions/json.ts';
import {
  bury,
  DELIVERIES,
  type Delivery,
  isFinal,
  makeQueue,
  ORDER,
  Order,
  type Post,
  queueUrl,
  tell,
} from './delivery.ts';
import { createWebSender, Declined, type SendToWeb, type WebOptions } from './web-sender.ts';

/** Carries what the queue of deliveries holds until it is closed. */
export type Courier = {
  /** Takes no more; what is under way is tried again after the next start. */
  readonly close: () => Promise<void>;
};

/** Longer than a delivery takes, so that none is made twice at a time. */
const HIDDEN_S = 60;
const MAX_UNDER_WAY = 32;
const LONGEST_S = 300;
/** SQS hides nothing for longer. */
const LONGEST_HIDDEN_S = 43_200;
const PAUSE_MS = 1000;

const Received = z.object({
  Messages: z
    .array(
      z.object({
        Body: z.string(),
        ReceiptHandle: z.string(),
        Attributes: z.object({ ApproximateReceiveCount: z.coerce.number(), SentTimestamp: z.coerce.number() }),
        MessageAttributes: z.record(z.string(), z.object({ StringValue: z.string().default('') })).default({}),
      }),
    )
    .default([]),
});
type Message = z.infer<typeof Received>['Messages'][number];

/** After the n-th failure: 1 s, doubling to five minutes. */
const waitS = (failures: number): number => Math.min(LONGEST_S, 2 ** Math.min(failures - 1, 16));

const isForGood = (error: unknown): boolean =>
  isFinal(error) || error instanceof Refused || (error instanceof Declined && error.isForGood);

/** The delivery in a message; nothing if somebody else has sent it. */
const deliveryOf = ({ Body: body, MessageAttributes }: Message): Delivery | undefined => {
  const { data: order } = Order.safeParse(parseJson(MessageAttributes[ORDER]?.StringValue ?? ''));
  return order && { order, body };
};

/** Starts to carry deliveries, those of before a restart too. */
export const startCourier = (options: Post & WebOptions): Courier => {
  const { call, clock, account } = options;
  const QueueUrl = queueUrl({ account, name: DELIVERIES });
  const closing = new AbortController();
  const { signal } = closing;
  const send: SendToWeb = createWebSender(options);
  const underWay = new Set<Promise<void>>();

  const attempt = async ({ order, body }: Delivery): Promise<void> => {
    const { place } = order;
    await (place.kind === 'web' ? send(place, body, signal) : tell(options, place, body));
  };

  const failed = async (message: Message, delivery: Delivery, error: unknown): Promise<void> => {
    const { ApproximateReceiveCount: tries, SentTimestamp } = message.Attributes;
    const { ReceiptHandle } = message;
    const { retries, ageS } = delivery.order;
    const afterS = error instanceof Declined ? (error.afterS ?? 0) : 0;
    const VisibilityTimeout = Math.min(LONGEST_HIDDEN_S, Math.max(waitS(tries), afterS));
    const endsAtMs = SentTimestamp + ageS * 1000;
    if (isForGood(error) || tries > retries || clock.nowMs() + VisibilityTimeout * 1000 > endsAtMs) {
      await bury(options, delivery, error);
      await call('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle });
    } else {
      await call('sqs', 'ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout });
    }
  };

  const carry = async (message: Message): Promise<void> => {
    const delivery = deliveryOf(message);
    try {
      if (delivery) await attempt(delivery);
      else options.onLost?.(`${DELIVERIES} had a message in it that is no delivery`);
    } catch (error) {
      if (signal.aborted || !delivery) return;
      return failed(message, delivery, error);
    }
    await call('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle: message.ReceiptHandle });
  };

  const receive = async (): Promise<void> => {
    const input = {
      ...{ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 20, VisibilityTimeout: HIDDEN_S },
      ...{ MessageSystemAttributeNames: ['All'], MessageAttributeNames: ['All'] },
    };
    for (const message of Received.parse(await call('sqs', 'ReceiveMessage', input, signal)).Messages) {
      // What fails here is shown again when it is not hidden any more.
      const work = carry(message)
        .catch(() => undefined)
        .finally(() => underWay.delete(work));
      underWay.add(work);
    }
  };

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await makeQueue(call);
        while (!signal.aborted) {
          if (underWay.size >= MAX_UNDER_WAY) await Promise.race(underWay);
          else await receive();
        }
      } catch {
        // The engine cannot write now, or somebody has deleted the queue.
        await sleep(clock, PAUSE_MS, signal);
      }
    }
    await Promise.all(underWay);
  };

  const running = run();
  return {
    close: () => {
      closing.abort();
      return running;
    },
  };
};
