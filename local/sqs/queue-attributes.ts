import * as z from 'zod';
import { AwsError } from '../engine/part.ts';
import { checkDeadLetters } from './dead-letters.ts';
import type { Desk, Operation } from './desk.ts';
import { parseInput } from './input.ts';
import { arnOf } from './names.ts';
import type { Queue } from './queue.ts';
import { checkAttributes, defaultAttributes, defaultFifoAttributes } from './settings.ts';

const GetInput = z.object({ QueueUrl: z.string(), AttributeNames: z.array(z.string()).default([]) });
const SetInput = z.object({ QueueUrl: z.string(), Attributes: z.record(z.string(), z.string()) });

/** GetQueueAttributes */
export const getQueueAttributes: Operation = async (desk, input) => {
  const { QueueUrl, AttributeNames: wanted } = parseInput(GetInput, input);
  const all = attributesOf(desk, desk.queueAt(QueueUrl));
  const unknown = wanted.find((name) => name !== 'All' && !known.has(name));
  if (unknown !== undefined) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
  const chosen = Object.entries(all).filter(([name]) => wanted.includes('All') || wanted.includes(name));
  return chosen.length > 0 ? { Attributes: Object.fromEntries(chosen) } : {};
};

/** SetQueueAttributes */
export const setQueueAttributes: Operation = async (desk, input) => {
  const { QueueUrl, Attributes } = parseInput(SetInput, input);
  const queue = desk.queueAt(QueueUrl);
  checkAttributes(Attributes, queue.isFifo);
  checkDeadLetters(desk, Attributes, { isFifo: queue.isFifo, arn: arnOf(desk.state.place, queue.name) });
  const body = { queue: queue.id, attributes: Attributes, atMs: desk.clock.nowMs() };
  await desk.commit({ op: 'set-attributes', body });
  return {};
};

/** Messages of a queue by what they are doing. */
export function countsOf(queue: Queue): { ready: number; inFlight: number; delayed: number } {
  const delayed = queue.later.items.length - queue.inFlight;
  return { ready: queue.messages.size - queue.inFlight - delayed, inFlight: queue.inFlight, delayed };
}

function attributesOf(desk: Desk, queue: Queue): Record<string, string> {
  const { ready, inFlight, delayed } = countsOf(queue);
  return {
    ...defaultAttributes,
    ...(queue.isFifo && defaultFifoAttributes),
    ...queue.attributes,
    QueueArn: arnOf(desk.state.place, queue.name),
    CreatedTimestamp: String(Math.floor(queue.createdMs / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedMs / 1000)),
    ApproximateNumberOfMessages: String(ready),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
  };
}

const known = new Set([
  ...Object.keys(defaultAttributes),
  ...Object.keys(defaultFifoAttributes),
  'Policy',
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'QueueArn',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
]);
