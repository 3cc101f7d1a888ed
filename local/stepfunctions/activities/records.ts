import * as z from 'zod';

const Tags = z.record(z.string(), z.string());

/** What the journal says of activities. */
export const ACTIVITY_RECORDS = [
  z.object({ kind: z.literal('activityCreated'), name: z.string(), atMs: z.number(), tags: Tags }),
  z.object({ kind: z.literal('activityDeleted'), name: z.string() }),
  z.object({ kind: z.literal('activityTagged'), name: z.string(), tags: Tags }),
] as const;

/** Tells what the journal says of activities from what it says of other things. */
export const isActivityRecord = (record: { readonly kind: string }): record is ActivityRecord =>
  record.kind.startsWith('activity');

/** What the journal says of an activity. */
export type ActivityRecord = z.infer<(typeof ACTIVITY_RECORDS)[number]>;
