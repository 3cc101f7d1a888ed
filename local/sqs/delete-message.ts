import * as z from 'zod';
import { BatchEntry, checkBatch, eachEntry } from './batch.ts';
import type { Desk, Operation } from './desk.ts';
import { badReceipt, badValue } from './errors.ts';
import { parseInput } from './input.ts';
import { readReceipt } from './names.ts';
import type { Queue } from './queue.ts';

const ReceiptHandle = z.string();
const DeleteInput = z.object({ QueueUrl: z.string(), ReceiptHandle });
const DeleteBatchInput = z.object({ QueueUrl: z.string(), Entries: z.array(BatchEntry.extend({ ReceiptHandle })) });

/** DeleteMessage */
export const deleteMessage: Operation = async (desk, input) => {
  const { QueueUrl, ReceiptHandle: handle } = parseInput(DeleteInput, input);
  const queue = desk.queueAt(QueueUrl);
  await remove(desk, queue, [named(queue, handle)]);
  return {};
};

/** DeleteMessageBatch */
export const deleteMessageBatch: Operation = async (desk, input) => {
  const { QueueUrl, Entries } = parseInput(DeleteBatchInput, input);
  const queue = desk.queueAt(QueueUrl);
  checkBatch(Entries);
  const { done, failed } = eachEntry(Entries, (entry) => named(queue, entry.ReceiptHandle));
  await remove(
    desk,
    queue,
    done.map(({ result }) => result),
  );
  const Successful = done.map(({ entry }) => ({ Id: entry.Id }));
  return { Successful, ...(failed.length > 0 && { Failed: failed }) };
};

/**
 * The message that the handle names; undefined if it is gone already, which is as good as deleted. A handle of an
 * earlier receive deletes nothing: somebody else has the message now.
 */
function named(queue: Queue, handle: string): number | undefined {
  const receipt = readReceipt(handle);
  if (receipt === undefined || receipt.queue !== queue.id) throw badReceipt(handle);
  const message = queue.messages.get(receipt.seq);
  const isCurrent = message?.receives === receipt.receives;
  if (queue.isFifo && message && !(isCurrent && message.isInFlight)) {
    throw badValue('ReceiptHandle', handle, 'The receipt handle has expired.');
  }
  return isCurrent ? message?.seq : undefined;
}

async function remove(desk: Desk, queue: Queue, found: readonly (number | undefined)[]): Promise<void> {
  const seqs = found.filter((seq) => seq !== undefined);
  // A repeated deletion is acknowledged when the first one is durable.
  if (seqs.length === 0) return desk.settled();
  const synced = desk.commit({ op: 'delete', body: { queue: queue.id, atMs: desk.clock.nowMs(), seqs } });
  desk.waiting.wake(queue);
  await synced;
}
