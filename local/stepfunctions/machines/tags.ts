import * as z from 'zod';
import { AwsError } from '../../engine/part.ts';

/** The tags of a resource by their keys. */
export const Tags = z.record(z.string(), z.string());

/** The tags of a resource by their keys. */
export type Tags = Readonly<z.infer<typeof Tags>>;

const MAX_TAGS = 50;
const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** Tags as callers give them. */
export const TagList = z.array(
  z.object({
    key: z.string().min(1).max(128).regex(ALLOWED),
    value: z.string().max(256).regex(ALLOWED),
  }),
);

/** Adds tags to those of a resource. @throws TooManyTags, or ValidationException for a key of AWS's own */
export const addTags = (former: Tags, added: z.infer<typeof TagList>, arn: string): Tags => {
  const reserved = added.find(({ key }) => /^aws:/i.test(key));
  if (reserved) {
    throw new AwsError('ValidationException', `The tag key '${reserved.key}' begins with 'aws:', which is reserved`);
  }
  const tags = { ...former, ...Object.fromEntries(added.map(({ key, value }) => [key, value])) };
  if (Object.keys(tags).length <= MAX_TAGS) return tags;
  const problem = `A resource has at most ${MAX_TAGS} tags: '${arn}'`;
  throw new AwsError('TooManyTags', problem, 400, { resourceName: arn });
};
