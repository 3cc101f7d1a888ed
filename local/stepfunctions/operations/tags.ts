import * as z from 'zod';
import { AwsError } from '../../engine/part.ts';
import { knownActivity } from '../activities/activity-of.ts';
import type { Host } from '../host.ts';
import { Arn, machineArnOf, resourceTypeOf } from '../machines/arn.ts';
import { addTags, TagList, type Tags } from '../machines/tags.ts';
import { type Operation, operation } from './operation.ts';

/** A resource's tags, and how others take their place. */
type Tagged = { readonly tags: Tags; readonly write: (tags: Tags) => Promise<void> };

const noResource = (arn: string): AwsError =>
  new AwsError('ResourceNotFound', `Resource not found: '${arn}'`, 400, { resourceName: arn });

const taggedActivity = (host: Host, arn: string): Tagged => {
  const entry = knownActivity(host.registry, arn);
  if (!entry) throw noResource(arn);
  const { name } = entry;
  return { tags: entry.tags, write: (tags) => host.write({ kind: 'activityTagged', name, tags }) };
};

/** Versions and aliases have no tags. */
const taggedMachine = (host: Host, arn: string): Tagged => {
  const { name } = machineArnOf(arn);
  const entry = host.registry.machines.get(name);
  if (!entry || entry.arn !== arn || entry.isDeleted) throw noResource(arn);
  return { tags: entry.tags, write: (tags) => host.write({ kind: 'machineTagged', name, tags }) };
};

const taggedBy = (host: Host, arn: string): Tagged =>
  resourceTypeOf(arn) === 'activity' ? taggedActivity(host, arn) : taggedMachine(host, arn);

const ByResource = z.object({ resourceArn: Arn });

const listTagsForResource = operation(ByResource, async (host, { resourceArn }) => ({
  tags: Object.entries(taggedBy(host, resourceArn).tags).map(([key, value]) => ({ key, value })),
}));

const tagResource = operation(ByResource.extend({ tags: TagList }), async (host, { resourceArn, tags: added }) => {
  const { tags, write } = taggedBy(host, resourceArn);
  await write(addTags(tags, added, resourceArn));
  return {};
});

const TagKeys = z.array(z.string().min(1).max(128));

const untagResource = operation(ByResource.extend({ tagKeys: TagKeys }), async (host, { resourceArn, tagKeys }) => {
  const { tags, write } = taggedBy(host, resourceArn);
  await write(Object.fromEntries(Object.entries(tags).filter(([key]) => !tagKeys.includes(key))));
  return {};
});

/** The operations on the tags of state machines and activities. */
export const TAG_OPERATIONS: Readonly<Record<string, Operation>> = {
  ListTagsForResource: listTagsForResource,
  TagResource: tagResource,
  UntagResource: untagResource,
};
