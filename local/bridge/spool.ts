import { open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DaqMessage } from '#schema/daq-message';
import { inboxes } from '../../functions/catalog.ts';

/** What was sent to the inboxes of a stack: an emulator forgets its queues when it ends, and a broker does not send again. */
export const spoolFiles = ['sent.1.jsonl', 'sent.jsonl'] as const;
const [olderFile, file] = spoolFiles;

/** Two files of this size hold some 50,000 messages: hours at the rate of both lines. */
const mostBytes = 32_000_000;

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

const append = async (folder: string, messages: readonly DaqMessage[]): Promise<void> => {
  const path = join(folder, file);
  if ((await sizeOf(path)) > mostBytes) await rename(path, join(folder, olderFile));
  await using handle = await open(path, 'a', 0o600);
  // Each begins a line: one that was cut off as it was written spoils none that comes after it.
  await handle.appendFile(messages.map((message) => `\n${JSON.stringify(message)}`).join(''));
  await handle.datasync();
};

type Send = (queue: string, messages: readonly DaqMessage[]) => Promise<void>;

/** Keeps messages on the disk before they are sent. The archive's inbox gets every message: what goes there is all that there is. */
export const keepingSent = (send: Send, folder = '.'): Send => {
  const kept = new WeakSet<readonly DaqMessage[]>();
  let tail: Promise<unknown> = Promise.resolve();
  /** One after the other: of several brokers each has its own in hand, and only one may turn the files. */
  const keep = (messages: readonly DaqMessage[]): Promise<void> => {
    const mine = tail.then(() => append(folder, messages));
    tail = mine.catch(() => undefined);
    return mine;
  };
  return async (queue, messages) => {
    // A send that failed comes again with the same messages.
    if (queue === inboxes.archive && !kept.has(messages)) {
      await keep(messages);
      kept.add(messages);
    }
    await send(queue, messages);
  };
};
