import type { DaqMessage } from '#schema/daq-message';
import { inboxes } from '../../functions/catalog.ts';
import { openSpool } from './spool.ts';

/** Where a bridge keeps what it sends to the inboxes of a stack; a broker does not send again. */
export const sentSpool = 'sent';
/** Two files of this size hold some 50,000 messages: hours at the rate of both lines. */
const mostBytes = 32_000_000;

type Send = (queue: string, messages: readonly DaqMessage[]) => Promise<void>;

/** Keeps messages on the disk before they are sent. The archive's inbox gets every message: what goes there is all that there is. */
export const keepingSent = (send: Send, folder = '.'): Send => {
  const kept = new WeakSet<readonly DaqMessage[]>();
  const keep = openSpool({ folder, name: sentSpool, mostBytes });
  return async (queue, messages) => {
    // A send that failed comes again with the same messages.
    if (queue === inboxes.archive && !kept.has(messages)) {
      await keep(messages);
      kept.add(messages);
    }
    await send(queue, messages);
  };
};
