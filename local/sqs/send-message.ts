import { hash } from 'node:crypto';
import * as z from 'zod';
import { AwsError } from '../engine/part.ts';
import { BatchEntry, checkBatch, eachEntry } from './batch.ts';
import type { Desk, Operation } from './desk.ts';
import { badValue, missing } from './errors.ts';
import { parseInput } from './input.ts';
import { checkMessageAttributes, md5OfAttributes, md5OfBody, sizeOfAttributes } from './message-attributes.ts';
import { sequenceNumber } from './names.ts';
import type { Queue } from './queue.ts';
import { recall } from './recent.ts';
import { MessageAttribute, type SentMessage } from './records.ts';
import { maxMessageBytes } from './settings.ts';
import { dedupKey } from './state.ts';

const Outgoing = z.object({
  MessageBody: z.string(),
  DelaySeconds: z.int().optional(),
  MessageAttributes: z.record(z.string(), MessageAttribute).optional(),
  MessageSystemAttributes: z.object({ AWSTraceHeader: MessageAttribute.optional() }).optional(),
  MessageDeduplicationId: z.string().optional(),
  MessageGroupId: z.string().optional(),
});
type Outgoing = z.infer<typeof Outgoing>;

const SendInput = Outgoing.extend({ QueueUrl: z.string() });
const SendBatchInput = z.object({ QueueUrl: z.string(), Entries: z.array(Outgoing.extend(BatchEntry.shape)) });

const unacceptable = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
const idCharacters = /^[A-Za-z0-9!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]{1,128}$/;
const maxDelayS = 900;

/** SendMessage */
export const sendMessage: Operation = async (desk, input) => {
  const { QueueUrl, ...outgoing } = parseInput(SendInput, input);
  const queue = desk.queueAt(QueueUrl);
  const message = checked(desk, queue, outgoing);
  const [sent] = await send(desk, queue, [message]);
  if (sent === undefined) throw new Error('a message that was sent has no answer');
  return { ...digests(outgoing), ...sent };
};

/** SendMessageBatch */
export const sendMessageBatch: Operation = async (desk, input) => {
  const { QueueUrl, Entries } = parseInput(SendBatchInput, input);
  const queue = desk.queueAt(QueueUrl);
  checkBatch(Entries);
  const sizeBytes = Entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
  if (sizeBytes > maxMessageBytes) {
    throw new AwsError(
      'BatchRequestTooLong',
      `Batch requests cannot be longer than ${maxMessageBytes} bytes. You have sent ${sizeBytes} bytes.`,
    );
  }
  const { done, failed } = eachEntry(Entries, (entry) => checked(desk, queue, entry));
  const sent = await send(
    desk,
    queue,
    done.map(({ result }) => result),
  );
  const Successful = done.map(({ entry }, index) => ({ Id: entry.Id, ...digests(entry), ...sent[index] }));
  return { Successful, ...(failed.length > 0 && { Failed: failed }) };
};

type Sent = { readonly MessageId: string; readonly SequenceNumber?: string };

/** Sends messages that were checked, all in one record; a repeated one gets the answer of the first. */
async function send(desk: Desk, queue: Queue, messages: readonly SentMessage[]): Promise<Sent[]> {
  const atMs = desk.clock.nowMs();
  const fresh: SentMessage[] = [];
  const inBatch = new Map<string, { id: string; seq: number }>();
  const answers = messages.map((message): Sent => {
    const key = dedupKey(queue, message);
    const before = key === undefined ? undefined : (inBatch.get(key) ?? known(queue, key, atMs));
    if (before) return answerOf(queue, before.id, before.seq);
    const seq = queue.nextSeq + fresh.length;
    if (key !== undefined) inBatch.set(key, { id: message.id, seq });
    fresh.push(message);
    return answerOf(queue, message.id, seq);
  });
  if (fresh.length > 0) {
    const synced = desk.commit({ op: 'send', body: { queue: queue.id, atMs, messages: fresh } });
    desk.waiting.wake(queue);
    await synced;
  } else if (messages.length > 0) {
    // The first one may be on its way to the medium still.
    await desk.settled();
  }
  return answers;
}

function known(queue: Queue, key: string, nowMs: number): { id: string; seq: number } | undefined {
  const found = recall(queue.dedup, key, nowMs);
  const seq = found?.seqs[0];
  return found?.id === undefined || seq === undefined ? undefined : { id: found.id, seq };
}

const answerOf = (queue: Queue, MessageId: string, seq: number): Sent =>
  queue.isFifo ? { MessageId, SequenceNumber: sequenceNumber(seq) } : { MessageId };

const traceOf = (outgoing: Outgoing) => outgoing.MessageSystemAttributes?.AWSTraceHeader;

function digests(outgoing: Outgoing) {
  const trace = traceOf(outgoing);
  const ofAttributes = md5OfAttributes(outgoing.MessageAttributes);
  const ofSystem = md5OfAttributes(trace && { AWSTraceHeader: trace });
  return {
    MD5OfMessageBody: md5OfBody(outgoing.MessageBody),
    ...(ofAttributes && { MD5OfMessageAttributes: ofAttributes }),
    ...(ofSystem && { MD5OfMessageSystemAttributes: ofSystem }),
  };
}

function sizeOf({ MessageBody, MessageAttributes }: Outgoing): number {
  return Buffer.byteLength(MessageBody) + (MessageAttributes ? sizeOfAttributes(MessageAttributes) : 0);
}

function checked(desk: Desk, queue: Queue, outgoing: Outgoing): SentMessage {
  const { MessageBody: body, MessageAttributes: attributes } = outgoing;
  if (body === '') throw missing('MessageBody');
  if (attributes) checkMessageAttributes(attributes);
  if (sizeOf(outgoing) > queue.settings.maxBytes) {
    throw new AwsError(
      'InvalidParameterValue',
      `One or more parameters are invalid. Reason: Message must be shorter than ${queue.settings.maxBytes} bytes.`,
    );
  }
  if (unacceptable.test(body)) {
    throw new AwsError(
      'InvalidMessageContents',
      'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.',
    );
  }
  const trace = traceOf(outgoing)?.StringValue;
  const delayMs = delayOf(queue, outgoing);
  return {
    id: desk.uuid(),
    body,
    ...(delayMs > 0 && { delayMs }),
    ...(attributes && Object.keys(attributes).length > 0 && { attributes }),
    ...(trace !== undefined && { trace }),
    ...(queue.isFifo ? fifoFacts(queue, outgoing) : groupFact(outgoing)),
  };
}

function delayOf(queue: Queue, { DelaySeconds }: Outgoing): number {
  if (DelaySeconds === undefined) return queue.settings.delayS * 1000;
  if (DelaySeconds < 0 || DelaySeconds > maxDelayS) {
    throw badValue('DelaySeconds', DelaySeconds, `DelaySeconds must be >= 0 and <= ${maxDelayS}.`);
  }
  if (queue.isFifo && DelaySeconds > 0) {
    throw badValue(
      'DelaySeconds',
      DelaySeconds,
      'The request include parameter that is not valid for this queue type.',
    );
  }
  return DelaySeconds * 1000;
}

function groupFact({ MessageGroupId: group, MessageDeduplicationId: dedupId }: Outgoing) {
  if (dedupId !== undefined) {
    throw badValue(
      'MessageDeduplicationId',
      dedupId,
      'The request includes a parameter that is not valid for this queue type.',
    );
  }
  if (group !== undefined && !idCharacters.test(group)) throw badValue('MessageGroupId', group);
  return group === undefined ? {} : { group };
}

function fifoFacts(queue: Queue, outgoing: Outgoing): { group: string; dedupId: string } {
  const { MessageGroupId: group, MessageDeduplicationId, MessageBody } = outgoing;
  if (group === undefined) throw missing('MessageGroupId');
  if (!idCharacters.test(group)) throw badValue('MessageGroupId', group);
  if (MessageDeduplicationId !== undefined) {
    if (!idCharacters.test(MessageDeduplicationId)) throw badValue('MessageDeduplicationId', MessageDeduplicationId);
    return { group, dedupId: MessageDeduplicationId };
  }
  if (queue.settings.isContentDeduplicated) return { group, dedupId: hash('sha256', MessageBody) };
  throw new AwsError(
    'InvalidParameterValue',
    'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
  );
}
