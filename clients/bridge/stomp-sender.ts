import type { Broker } from './brokers.ts';
import type { Frame } from './envelope.ts';
import { openLine } from './stomp-connection.ts';

/** Sends messages to a broker. */
export type StompSender = {
  /** Returns when the broker has it. */
  readonly send: (frame: Frame) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Opens a sender; fails if the broker cannot be reached, and `send` fails if the line breaks before the broker has it. */
export const openStompSender = (
  broker: Broker,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<StompSender> =>
  new Promise((resolve, reject) => {
    const pending = new Set<(reason: Error) => void>();
    let receipts = 0;
    const line = openLine(broker, environment, {
      onConnect: () => resolve({ send, close: line.close }),
      onBreak: (reason) => {
        const error = new Error(`${broker.name} at ${broker.url}: ${reason}`);
        for (const fail of pending) fail(error);
        pending.clear();
        reject(error);
        void line.close();
      },
    });
    const send = ({ destination, body }: Frame): Promise<void> =>
      new Promise((done, fail) => {
        receipts += 1;
        const receipt = `papilio-${receipts}`;
        pending.add(fail);
        line.client.watchForReceipt(receipt, () => {
          pending.delete(fail);
          done();
        });
        const headers = { receipt, persistent: 'true', 'content-type': 'application/json', ...headersOf(body) };
        line.client.publish({ destination, body, headers });
      });
  });

/** The headers that subscribers select by, as the experiment's own senders give them. */
const headersOf = (body: string): Record<string, string> => {
  try {
    const { msg_type: type, namespace = 'default', run_id: run = 'none' } = JSON.parse(body);
    return { vo: 'eic', msg_type: String(type), namespace: String(namespace), run_id: String(run) };
  } catch {
    return { vo: 'eic' };
  }
};
