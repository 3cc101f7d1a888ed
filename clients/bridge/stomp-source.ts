import type { IMessage } from '@stomp/stompjs';
import type { Delivery } from './bridge.ts';
import type { Broker } from './brokers.ts';
import { type Line, openLine } from './stomp-connection.ts';

/** What a source needs besides the broker, and whom it tells. */
export type SourceOptions = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly onConnect?: () => void;
  readonly onBreak?: (reason: string) => void;
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
  let waiting: Delivery[] = [];
  let unacknowledged = 0;
  let session = 0;
  let wake = (): void => undefined;
  const settle = (): void => {
    unacknowledged -= 1;
    if (unacknowledged <= limit) line()?.socket()?.letGo();
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
    /** A new line: what is not handed on yet will come again. */
    forget: (): void => {
      session += 1;
      waiting = [];
      unacknowledged = 0;
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

/**
 * The messages of one broker, in groups, for as long as the signal lets it. A message is acknowledged by itself; what is in
 * hand is bounded by the broker's prefetch, and by holding the socket where a broker does not know that.
 */
export async function* stompSource(broker: Broker, options: SourceOptions): AsyncGenerator<Delivery[]> {
  const { environment, signal, onConnect, onBreak } = options;
  let line: Line | undefined;
  const inHand = createInHand(broker.prefetch, () => line);
  const subscribe = (): void => {
    inHand.forget();
    for (const [at, { destination, selector, headers }] of broker.subscriptions.entries()) {
      const own = { id: `papilio-${at}`, ack: 'client-individual', 'prefetch-count': String(broker.prefetch) };
      const filter = selector === undefined ? {} : { selector };
      line?.client.subscribe(destination, (message) => inHand.put(message, destination), {
        ...own,
        ...filter,
        ...headers,
      });
    }
    onConnect?.();
  };
  line = openLine(broker, environment, { onConnect: subscribe, onBreak: (reason) => onBreak?.(reason) });
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
