import type { DaqMessage } from '#schema/daq-message';
import { inboxes } from '../../functions/catalog.ts';
import { envelopeOf, type Frame } from './envelope.ts';

/** A frame with the way to say that both queues have it. */
export type Delivery = { readonly frame: Frame; readonly acknowledge: () => Promise<void> };

export type BridgeOptions = {
  /** Frames in groups: what came together is sent together. */
  readonly source: AsyncIterable<readonly Delivery[]>;
  /** Returns when all are durable in the queue; fails if the plane is away. */
  readonly send: (queue: string, messages: readonly DaqMessage[]) => Promise<void>;
  readonly idOf: (hash: string) => string;
  readonly now: () => string;
  /** Waits before the n-th try again, from 1. */
  readonly pause: (tries: number) => Promise<void>;
  readonly onTrouble: (reason: string, tries: number) => void;
};

/**
 * Takes messages from their source to both planes' queues and acknowledges only then. A plane that is away holds the
 * source, which keeps what is not acknowledged; what is sent twice is recognised by its id.
 */
export const runBridge = async (options: BridgeOptions): Promise<void> => {
  for await (const deliveries of options.source) {
    const receivedAt = options.now();
    const messages = deliveries.map(({ frame }) => envelopeOf(frame, receivedAt, options.idOf));
    const readable = messages.filter((message) => message.problem === undefined);
    await Promise.all([insist(inboxes.archive, messages, options), insist(inboxes.work, readable, options)]);
    for (const { acknowledge } of deliveries) await acknowledge();
  }
};

const insist = async (
  queue: string,
  messages: readonly DaqMessage[],
  { send, pause, onTrouble }: BridgeOptions,
): Promise<void> => {
  if (messages.length === 0) return;
  for (let tries = 1; ; tries++) {
    try {
      return await send(queue, messages);
    } catch (thrown) {
      onTrouble(thrown instanceof Error ? thrown.message : String(thrown), tries);
      await pause(tries);
    }
  }
};
