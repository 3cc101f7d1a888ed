import * as z from 'zod';
import { AwsError } from '../engine/part.ts';
import type { Operation } from './desk.ts';
import { parseInput } from './input.ts';

const TagInput = z.object({ QueueUrl: z.string(), Tags: z.record(z.string(), z.string()) });
const UntagInput = z.object({ QueueUrl: z.string(), TagKeys: z.array(z.string()) });
const ListInput = z.object({ QueueUrl: z.string() });

const maxTags = 50;

/** TagQueue */
export const tagQueue: Operation = async (desk, input) => {
  const { QueueUrl, Tags: tags } = parseInput(TagInput, input);
  const queue = desk.queueAt(QueueUrl);
  if (Object.keys({ ...queue.tags, ...tags }).length > maxTags) {
    throw new AwsError('InvalidParameterValue', `Too many tags added for queue ${queue.name}.`);
  }
  await desk.commit({ op: 'tag', body: { queue: queue.id, tags } });
  return {};
};

/** UntagQueue */
export const untagQueue: Operation = async (desk, input) => {
  const { QueueUrl, TagKeys: keys } = parseInput(UntagInput, input);
  await desk.commit({ op: 'untag', body: { queue: desk.queueAt(QueueUrl).id, keys } });
  return {};
};

/** ListQueueTags */
export const listQueueTags: Operation = async (desk, input) => {
  const { tags } = desk.queueAt(parseInput(ListInput, input).QueueUrl);
  return Object.keys(tags).length > 0 ? { Tags: tags } : {};
};
