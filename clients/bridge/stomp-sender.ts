import * as z from 'zod';
import { jsonOf } from '#lib/model/json';
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
    const line = openLine(broker, {
      environment,
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

const Selectable = z
  .object({ msg_type: z.string(), namespace: z.string(), run_id: z.union([z.string(), z.number()]) })
  .partial()
  .transform((values) => Object.entries(values).map(([name, value]) => [name, String(value)] as const));

/** The headers that subscribers select by, as the experiment's own senders give them; STOMP 1.1 cannot carry every text in one. */
const headersOf = (body: string): Record<string, string> => {
  const found = Selectable.safeParse(jsonOf(body)).data ?? [];
  return { vo: 'eic', ...Object.fromEntries(found.filter(([, value]) => /^[\w.-]{1,100}$/.test(value))) };
};
