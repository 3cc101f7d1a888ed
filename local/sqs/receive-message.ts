import * as z from 'zod';
import { AwsError } from '../engine/part.ts';
import type { Desk, Operation } from './desk.ts';
import { badValue } from './errors.ts';
import { parseInput } from './input.ts';
import { chosenAttributes, md5OfAttributes, md5OfBody } from './message-attributes.ts';
import { receiptOf, sequenceNumber } from './names.ts';
import { hasReady, type Message, nextReady, type Queue, settle } from './queue.ts';
import { recall } from './recent.ts';

const ReceiveInput = z.object({
  QueueUrl: z.string(),
  MaxNumberOfMessages: z.int().default(1),
  VisibilityTimeout: z.int().optional(),
  WaitTimeSeconds: z.int().optional(),
  AttributeNames: z.array(z.string()).default([]),
  MessageSystemAttributeNames: z.array(z.string()).default([]),
  MessageAttributeNames: z.array(z.string()).default([]),
  ReceiveRequestAttemptId: z.string().optional(),
});
type ReceiveInput = z.infer<typeof ReceiveInput>;

const maxInFlight = 120_000;
const within = (value: number, least: number, most: number, name: string) => {
  if (value < least || value > most) {
    throw badValue(name, value, `Must be >= ${least} and <= ${most}, if provided.`);
  }
};

/** ReceiveMessage */
export const receiveMessage: Operation = async (desk, input, signal) => {
  const request = parseInput(ReceiveInput, input);
  const queue = desk.queueAt(request.QueueUrl);
  const waitS = request.WaitTimeSeconds ?? queue.settings.waitS;
  within(request.MaxNumberOfMessages, 1, 10, 'MaxNumberOfMessages');
  within(request.VisibilityTimeout ?? 0, 0, 43_200, 'VisibilityTimeout');
  within(waitS, 0, 20, 'WaitTimeSeconds');
  const got = again(desk, queue, request) ?? receive(desk, queue, request);
  if (got !== undefined) return answer(await got);
  if (waitS === 0 || signal?.aborted) return {};
  const { promise, resolve } = Promise.withResolvers<Promise<object[]> | undefined>();
  desk.waiting.wait(queue, {
    endMs: desk.clock.nowMs() + waitS * 1000,
    signal,
    serve: () => {
      const served = receive(desk, queue, request);
      if (served !== undefined) resolve(served);
      return served !== undefined;
    },
    end: () => resolve(undefined),
  });
  return answer((await promise) ?? []);
};

const answer = (Messages: readonly object[]) => (Messages.length > 0 ? { Messages } : {});

/** Receives what is ready; undefined if nothing is. */
function receive(desk: Desk, queue: Queue, request: ReceiveInput): Promise<object[]> | undefined {
  const messages = takeReady(desk, queue, request.MaxNumberOfMessages);
  if (messages.length === 0) return undefined;
  const atMs = desk.clock.nowMs();
  const untilMs = atMs + (request.VisibilityTimeout ?? queue.settings.visibilityS) * 1000;
  const { ReceiveRequestAttemptId: attempt } = request;
  const seqs = messages.map(({ seq }) => seq);
  const body = { queue: queue.id, atMs, untilMs, seqs, ...(queue.isFifo && attempt !== undefined && { attempt }) };
  return told(desk, queue, messages, request, desk.commit({ op: 'receive', body }));
}

/** Renders at once, as things are at this receive, and answers when it is durable. */
function told(
  desk: Desk,
  queue: Queue,
  messages: readonly Message[],
  request: ReceiveInput,
  synced: Promise<void>,
): Promise<object[]> {
  const rendered = messages.map((message) => render(desk, queue, message, request));
  return synced.then(() => rendered);
}

/** The next messages; those that were received too often go to the dead-letter queue instead. */
function takeReady(desk: Desk, queue: Queue, count: number): Message[] {
  if (queue.inFlight >= maxInFlight) {
    if (queue.isFifo) return [];
    throw new AwsError('OverLimit', `Too many messages in flight: ${queue.inFlight}.`, 403);
  }
  for (;;) {
    const messages = hasReady(queue) ? nextReady(queue, count) : [];
    const dead = messages.filter((message) => isDead(desk, queue, message));
    if (dead.length === 0) return messages;
    bury(desk, queue, dead);
  }
}

const deadLetters = (desk: Desk, queue: Queue): Queue | undefined =>
  queue.settings.redrive && desk.queueOfArn(queue.settings.redrive.deadLetterTargetArn);

function isDead(desk: Desk, queue: Queue, message: Message): boolean {
  const { redrive } = queue.settings;
  return redrive !== undefined && message.receives >= redrive.maxReceiveCount && !!deadLetters(desk, queue);
}

function bury(desk: Desk, queue: Queue, dead: readonly Message[]): void {
  const target = deadLetters(desk, queue);
  if (target === undefined) return;
  const body = { queue: queue.id, atMs: desk.clock.nowMs(), seqs: dead.map(({ seq }) => seq), to: target.id };
  desk.note({ op: 'dead', body });
  settle(target, desk.clock.nowMs());
  desk.waiting.wake(target);
}

/** A receive that is repeated under its attempt id gets the same messages while they are hidden and untouched. */
function again(desk: Desk, queue: Queue, request: ReceiveInput): Promise<object[]> | undefined {
  const { ReceiveRequestAttemptId: attempt } = request;
  if (!queue.isFifo || attempt === undefined) return undefined;
  const atMs = desk.clock.nowMs();
  const before = recall(queue.attempts, attempt, atMs);
  const messages = (before?.seqs ?? []).flatMap((seq) => queue.messages.get(seq) ?? []);
  const isUntouched = messages.every((message) => message.isInFlight && message.visibleAtMs === before?.untilMs);
  if (messages.length === 0 || messages.length !== before?.seqs.length || !isUntouched) return undefined;
  return told(desk, queue, messages, request, desk.settled());
}

function render(desk: Desk, queue: Queue, message: Message, request: ReceiveInput): object {
  const attributes = chosenAttributes(message.attributes, request.MessageAttributeNames);
  const system = systemAttributes(desk, queue, message, [
    ...request.AttributeNames,
    ...request.MessageSystemAttributeNames,
  ]);
  return {
    MessageId: message.id,
    ReceiptHandle: receiptOf(queue, message),
    MD5OfBody: md5OfBody(message.body),
    Body: message.body,
    ...(system && { Attributes: system }),
    ...(attributes && { MD5OfMessageAttributes: md5OfAttributes(attributes), MessageAttributes: attributes }),
  };
}

function systemAttributes(
  desk: Desk,
  queue: Queue,
  message: Message,
  wanted: readonly string[],
): Record<string, string> | undefined {
  if (wanted.length === 0) return undefined;
  const all: Record<string, string | undefined> = {
    SenderId: desk.state.place.account,
    SentTimestamp: String(message.sentMs),
    ApproximateReceiveCount: String(message.receives + message.receivedElsewhere),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedMs),
    SequenceNumber: queue.isFifo ? sequenceNumber(message.seq) : undefined,
    MessageDeduplicationId: message.dedupId,
    MessageGroupId: message.group,
    AWSTraceHeader: message.trace,
    DeadLetterQueueSourceArn: message.deadFrom,
  };
  const chosen: Record<string, string> = {};
  for (const [name, value] of Object.entries(all)) {
    if (value !== undefined && (wanted.includes('All') || wanted.includes(name))) chosen[name] = value;
  }
  return Object.keys(chosen).length > 0 ? chosen : undefined;
}
