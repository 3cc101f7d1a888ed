import * as z from 'zod';
import { AwsError } from '../engine/part.ts';
import { checkDeadLetters } from './dead-letters.ts';
import type { Operation } from './desk.ts';
import { badValue, missing, noSuchQueue } from './errors.ts';
import { parseInput } from './input.ts';
import { arnOf, isQueueName, urlOf } from './names.ts';
import { page } from './pages.ts';
import { settle } from './queue.ts';
import {
  checkAttributes,
  defaultAttributes,
  defaultFifoAttributes,
  isSameValue,
  mergedAttributes,
} from './settings.ts';

const Texts = z.record(z.string(), z.string());
const CreateInput = z.object({ QueueName: z.string(), Attributes: Texts.default({}), tags: Texts.default({}) });
const GetUrlInput = z.object({ QueueName: z.string(), QueueOwnerAWSAccountId: z.string().optional() });
const ListInput = z.object({
  QueueNamePrefix: z.string().default(''),
  MaxResults: z.int().optional(),
  NextToken: z.string().optional(),
});
const QueueInput = z.object({ QueueUrl: z.string() });
const purgePauseMs = 60_000;

/** CreateQueue: the same name with the same attributes is the same queue. */
export const createQueue: Operation = async (desk, input) => {
  const { QueueName: name, Attributes, tags } = parseInput(CreateInput, input);
  if (name === '') throw missing('QueueName');
  if (!isQueueName(name)) {
    const reason = 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length';
    throw badValue('QueueName', name, reason);
  }
  const isFifo = name.endsWith('.fifo');
  checkAttributes(Attributes, isFifo);
  const { place } = desk.state;
  const QueueUrl = urlOf(place, name);
  const known = desk.state.byName.get(name);
  if (known) {
    const effective = { ...defaultAttributes, ...(isFifo && defaultFifoAttributes), ...known.attributes };
    const differs = Object.entries(Attributes).find(([key, value]) => !isSameValue(value, effective[key]));
    if (differs === undefined) {
      await desk.settled();
      return { QueueUrl };
    }
    throw new AwsError(
      'QueueNameExists',
      `A queue already exists with the same name and a different value for attribute ${differs[0]}`,
    );
  }
  if (isFifo && Attributes.FifoQueue !== 'true') {
    throw badValue('QueueName', name, 'A queue whose name ends in .fifo needs the attribute FifoQueue=true.');
  }
  checkDeadLetters(desk, Attributes, { isFifo, arn: arnOf(place, name) });
  const attributes = mergedAttributes({}, Attributes);
  await desk.commit({ op: 'create-queue', body: { name, attributes, tags, atMs: desk.clock.nowMs() } });
  return { QueueUrl };
};

/** GetQueueUrl */
export const getQueueUrl: Operation = async (desk, input) => {
  const { QueueName, QueueOwnerAWSAccountId: owner } = parseInput(GetUrlInput, input);
  const { place, byName } = desk.state;
  if ((owner !== undefined && owner !== place.account) || !byName.has(QueueName)) throw noSuchQueue();
  return { QueueUrl: urlOf(place, QueueName) };
};

/** ListQueues */
export const listQueues: Operation = async (desk, input) => {
  const { QueueNamePrefix, MaxResults, NextToken } = parseInput(ListInput, input);
  const names = [...desk.state.byName.keys()].filter((name) => name.startsWith(QueueNamePrefix)).sort();
  const { items, next } = page(names, (name) => name, MaxResults ?? 1000, NextToken);
  const QueueUrls = items.map((name) => urlOf(desk.state.place, name));
  // Without MaxResults, SQS gives the first thousand and no token.
  return { QueueUrls, ...(next !== undefined && MaxResults !== undefined && { NextToken: next }) };
};

/** DeleteQueue: who waits on it gets nothing. */
export const deleteQueue: Operation = async (desk, input) => {
  const queue = desk.queueAt(parseInput(QueueInput, input).QueueUrl);
  const synced = desk.commit({ op: 'delete-queue', body: { queue: queue.id } });
  desk.waiting.close(queue);
  await synced;
  return {};
};

/** PurgeQueue: at most once a minute. */
export const purgeQueue: Operation = async (desk, input) => {
  const queue = desk.queueAt(parseInput(QueueInput, input).QueueUrl);
  const atMs = desk.clock.nowMs();
  if (queue.purgedMs > 0 && atMs - queue.purgedMs < purgePauseMs) {
    throw new AwsError(
      'PurgeQueueInProgress',
      `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`,
      403,
    );
  }
  await desk.commit({ op: 'purge', body: { queue: queue.id, atMs } });
  settle(queue, atMs);
  desk.waiting.wake(queue);
  return {};
};
