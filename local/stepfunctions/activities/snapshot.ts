import * as z from 'zod';
import type { Registry } from '../registry.ts';
import type { ActivityEntry } from './entry.ts';
import { applyActivityRecord } from './fold.ts';

/** An activity, packed. */
export const PackedActivity = z.object({
  item: z.literal('activity'),
  name: z.string(),
  createdAtMs: z.number(),
  tags: z.record(z.string(), z.string()),
});

/** An activity, packed. */
export type PackedActivity = z.infer<typeof PackedActivity>;

/** An activity, packed. */
export const packActivity = ({ name, createdAtMs, tags }: ActivityEntry): PackedActivity => ({
  item: 'activity',
  name,
  createdAtMs,
  tags,
});

/** Puts a packed activity back. */
export const restoreActivity = (registry: Registry, { name, createdAtMs: atMs, tags }: PackedActivity): void =>
  applyActivityRecord(registry, { kind: 'activityCreated', name, atMs, tags });
