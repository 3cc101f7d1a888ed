/** The buckets of an instance at a wing: papilio names them, stacks and stack mode make them. Data only. */
export const bucketNouns = ['archive', 'outputs'] as const;
export type BucketNoun = (typeof bucketNouns)[number];

/** The name of a bucket: `prod-bnl-archive`. Instances and wings have lower-case letters, digits and `-` only, as buckets do. */
export const bucketName = (
  { instance, wing }: { readonly instance: string; readonly wing: string },
  noun: BucketNoun,
): string => `${instance}-${wing}-${noun}`;

/** Whether a bucket locks what is put: what was archived stays as it was. */
export const isLockedBucket = (noun: BucketNoun): boolean => noun === 'archive';
