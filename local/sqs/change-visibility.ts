import * as z from 'zod';
import { AwsError } from '../engine/part.ts';
import { BatchEntry, checkBatch, eachEntry } from './batch.ts';
import type { Desk, Operation } from './desk.ts';
import { badReceipt, badValue } from './errors.ts';
import { parseInput } from './input.ts';
import { readReceipt } from './names.ts';
import { type Queue, settle } from './queue.ts';

const Change = z.object({ ReceiptHandle: z.string(), VisibilityTimeout: z.int() });
const ChangeInput = Change.extend({ QueueUrl: z.string() });
const ChangeBatchInput = z.object({ QueueUrl: z.string(), Entries: z.array(Change.extend(BatchEntry.shape)) });

const maxVisibilityS = 43_200;

/** ChangeMessageVisibility */
export const changeMessageVisibility: Operation = async (desk, input) => {
  const { QueueUrl, ...wanted } = parseInput(ChangeInput, input);
  const queue = desk.queueAt(QueueUrl);
  await apply(desk, queue, [checked(desk, queue, wanted)]);
  return {};
};

/** ChangeMessageVisibilityBatch */
export const changeMessageVisibilityBatch: Operation = async (desk, input) => {
  const { QueueUrl, Entries } = parseInput(ChangeBatchInput, input);
  const queue = desk.queueAt(QueueUrl);
  checkBatch(Entries);
  const { done, failed } = eachEntry(Entries, (entry) => checked(desk, queue, entry));
  await apply(
    desk,
    queue,
    done.map(({ result }) => result),
  );
  const Successful = done.map(({ entry }) => ({ Id: entry.Id }));
  return { Successful, ...(failed.length > 0 && { Failed: failed }) };
};

function checked(desk: Desk, queue: Queue, { ReceiptHandle, VisibilityTimeout }: z.infer<typeof Change>) {
  if (VisibilityTimeout < 0 || VisibilityTimeout > maxVisibilityS) {
    throw badValue(
      'VisibilityTimeout',
      VisibilityTimeout,
      `VisibilityTimeout must be an integer between 0 and ${maxVisibilityS}.`,
    );
  }
  const receipt = readReceipt(ReceiptHandle);
  if (receipt === undefined || receipt.queue !== queue.id) throw badReceipt(ReceiptHandle);
  const message = queue.messages.get(receipt.seq);
  if (message === undefined || message.receives !== receipt.receives) {
    throw badValue(
      'ReceiptHandle',
      ReceiptHandle,
      'Message does not exist or is not available for visibility timeout change.',
    );
  }
  if (!message.isInFlight) {
    throw new AwsError('MessageNotInflight', `Message ${message.id} is not in flight.`);
  }
  return { seq: message.seq, untilMs: desk.clock.nowMs() + VisibilityTimeout * 1000 };
}

async function apply(desk: Desk, queue: Queue, found: readonly { seq: number; untilMs: number }[]): Promise<void> {
  if (found.length === 0) return;
  const atMs = desk.clock.nowMs();
  const changes = found.map(({ seq, untilMs }): [number, number] => [seq, untilMs]);
  const synced = desk.commit({ op: 'visibility', body: { queue: queue.id, atMs, changes } });
  settle(queue, atMs);
  desk.waiting.wake(queue);
  await synced;
}
