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
  await handle.appendFile(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
  await handle.datasync();
};

type Send = (queue: string, messages: readonly DaqMessage[]) => Promise<void>;

/** Keeps messages on the disk before they are sent. The archive's inbox gets every message: what goes there is all that there is. */
export const keepingSent = (send: Send, folder = '.'): Send => {
  let kept: readonly DaqMessage[] = [];
  return async (queue, messages) => {
    // A send that failed comes again with the same messages.
    if (queue === inboxes.archive && messages !== kept) {
      await append(folder, messages);
      kept = messages;
    }
    await send(queue, messages);
  };
};
