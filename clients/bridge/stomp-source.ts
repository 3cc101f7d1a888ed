import type { IMessage } from '@stomp/stompjs';
import type { Delivery } from './bridge.ts';
import type { Broker, Subscription } from './brokers.ts';
import { type Line, type LineOptions, openLine } from './stomp-connection.ts';

/** What a source needs besides the broker, and whom it tells. */
export type SourceOptions = Omit<LineOptions, 'onConnect'> & {
  readonly signal: AbortSignal;
  /** The broker has confirmed all subscriptions, and again after each break. */
  readonly onConnect: () => void;
};

/** Deliveries handed on together, at most. */
const groupMax = 100;
/** Past this many times the prefetch a broker has not understood it: the socket is held. */
const holdAt = 4;

/** The text of a message; bytes that are no UTF-8 are kept in another form, which nothing takes for a message. */
const textOf = ({ binaryBody }: IMessage): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(binaryBody);
  } catch {
    return `base64:${Buffer.from(binaryBody).toString('base64')}`;
  }
};

/** What has come over the line of now and is not acknowledged. */
const createInHand = (limit: number, line: () => Line | undefined) => {
  const waiting: Delivery[] = [];
  let unacknowledged = 0;
  let session = 0;
  let wake = (): void => undefined;
  const settle = (): void => {
    unacknowledged -= 1;
    if (unacknowledged === limit) line()?.socket()?.letGo();
  };
  return {
    put: (message: IMessage, destination: string): void => {
      const own = session;
      unacknowledged += 1;
      if (unacknowledged > limit * holdAt) line()?.socket()?.hold();
      const acknowledge = async () => {
        // The broker delivers again what was not acknowledged when its line broke.
        if (own !== session) return;
        message.ack();
        settle();
      };
      waiting.push({
        frame: { destination: message.headers.destination ?? destination, body: textOf(message) },
        acknowledge,
      });
      wake();
    },
    /** A broken line: its acknowledgements are void. What waits is handed on all the same, for a topic does not send it again. */
    cut: (): void => {
      session += 1;
      unacknowledged = 0;
      waiting.splice(limit);
    },
    take: (): Delivery[] => waiting.splice(0, groupMax),
    next: (signal: AbortSignal): Promise<void> =>
      new Promise((resolve) => {
        if (waiting.length > 0 || signal.aborted) return resolve();
        const done = (): void => {
          signal.removeEventListener('abort', done);
          wake = () => undefined;
          resolve();
        };
        wake = done;
        signal.addEventListener('abort', done);
      }),
  };
};

const headersOf = ({ selector, headers }: Subscription, at: number, prefetch: number): Record<string, string> => ({
  id: `papilio-${at}`,
  // RabbitMQ's name for it. Artemis counts bytes (`consumer-window-size`), also where it is asked by ActiveMQ's old name.
  'prefetch-count': String(prefetch),
  ...(selector === undefined ? {} : { selector }),
  ...headers,
  ack: 'client-individual',
  receipt: receiptOf(at),
});

/** The receipt that confirms a subscription. */
const receiptOf = (at: number): string => `papilio-${at}`;

/**
 * The messages of one broker, in groups, for as long as the signal lets it. A message is acknowledged by itself; what is in
 * hand is bounded by the broker's prefetch, and by holding the socket where a broker does not know that.
 */
export async function* stompSource(broker: Broker, options: SourceOptions): AsyncGenerator<Delivery[]> {
  const { signal, onConnect, onBreak } = options;
  const { subscriptions, prefetch } = broker;
  let line: Line | undefined;
  const inHand = createInHand(prefetch * subscriptions.length, () => line);
  const subscribe = (): void => {
    const unconfirmed = new Set(subscriptions);
    for (const [at, subscription] of subscriptions.entries()) {
      const headers = headersOf(subscription, at, prefetch);
      line?.client.watchForReceipt(receiptOf(at), () => {
        unconfirmed.delete(subscription);
        if (unconfirmed.size === 0) onConnect();
      });
      const { destination } = subscription;
      line?.client.subscribe(destination, (message) => inHand.put(message, destination), headers);
    }
  };
  line = openLine(broker, {
    ...options,
    onConnect: subscribe,
    onBreak: (reason, tries) => {
      inHand.cut();
      onBreak(reason, tries);
    },
  });
  try {
    while (!signal.aborted) {
      await inHand.next(signal);
      const group = inHand.take();
      if (group.length > 0) yield group;
    }
  } finally {
    await line.close();
  }
}
